"""What a change touches, and the lines that take it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.switch.cisco_ios.config import current, sections, touched, undo
from harness.switch.cisco_ios.names import _KINDS, expand, long_name, short_name, vlans
from harness.switch.journal import Part
from harness.verdict import BenchError

RUNNING = """\
Building configuration...

Current configuration : 1234 bytes
!
! Last configuration change at 10:00:00 UTC Mon Mar 1 2021
version 15.2
hostname Switch
lacp system-priority 100
!
vlan 100
 name tunnel
!
interface Port-channel1
 switchport mode trunk
!
interface GigabitEthernet1/0/1
 switchport mode trunk
 channel-group 1 mode active
 lacp rate fast
!
interface GigabitEthernet1/0/2
!
interface GigabitEthernet1/0/20
 shutdown
!
line con 0
end
"""


FOLDED = """\
vtp mode transparent
!
vlan 10-12,100
!
vlan 200
 name tunnel
!
interface range GigabitEthernet1/0/1 - 2 , TenGigabitEthernet1/1/1
 shutdown
!
interface range gi1/0/3-4,7
!
interface Cellular0/1/0
 dialer in-band
!
interface port-channel5
  switchport mode trunk
end
"""
TEXTS = """\
macro name cable
switchport mode access
interface GigabitEthernet1/0/1
@
banner exec ^C in one line ^C
banner motd ^CC
interface GigabitEthernet1/0/1
 shutdown
!
vlan 10
% not yours %
^C
banner login #
lab-sw#
line con 0
"""


def section(name: str) -> Part:
    return Part("section", name)


def test_sections() -> None:
    found = sections(RUNNING)
    assert found["interface GigabitEthernet1/0/1"] == [
        "switchport mode trunk",
        "channel-group 1 mode active",
        "lacp rate fast",
    ]
    assert found["interface GigabitEthernet1/0/2"] == []
    assert found["lacp system-priority 100"] == []
    assert not any(heading.startswith(("!", "Current", "Building", "end")) for heading in found)


def test_what_stands_under_one_heading_is_unfolded() -> None:
    assert sections(FOLDED) == {
        "vtp mode transparent": [],
        **{f"vlan {number}": [] for number in (10, 11, 12, 100)},
        "vlan 200": ["name tunnel"],
        "interface GigabitEthernet1/0/1": ["shutdown"],
        "interface GigabitEthernet1/0/2": ["shutdown"],
        "interface TenGigabitEthernet1/1/1": ["shutdown"],
        "interface GigabitEthernet1/0/3": [],
        "interface GigabitEthernet1/0/4": [],
        "interface GigabitEthernet1/0/7": [],
        "interface Cellular0/1/0": ["dialer in-band"],
        "interface Port-channel5": ["switchport mode trunk"],
    }


def test_banners_and_macros_are_no_configuration() -> None:
    assert list(sections(TEXTS)) == [
        "macro name cable",
        "banner exec ^C in one line ^C",
        "banner motd ^CC",
        "banner login #",
        "line con 0",
    ]


@pytest.mark.parametrize("line", ["banner motd ^C", "banner login %", "macro name x"])
def test_a_text_without_an_end_hides_nothing(line: str) -> None:
    with pytest.raises(BenchError, match=r"the text of .* does not end"):
        sections(f"hostname x\n{line}\ninterface GigabitEthernet1/0/1\n")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (section("interface GigabitEthernet1/0/2"), []),
        (section("interface GigabitEthernet1/0/20"), ["shutdown"]),
        (section("interface Port-channel2"), None),
        (section("vlan 100"), ["name tunnel"]),
        (Part("line", "lacp system-priority"), ["lacp system-priority 100"]),
        (Part("line", "lacp sys"), []),
        (Part("line", "hostname"), ["hostname Switch"]),
    ],
)
def test_what_a_configuration_has_of_a_part(part: Part, expected: list[str] | None) -> None:
    assert current(RUNNING, part) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["interface gi1/0/1", "shutdown"], [section("interface GigabitEthernet1/0/1")]),
        (
            ["int range gi1/0/1 - 2 , te1/1/1", " channel-group 5 mode on"],
            [
                section("interface GigabitEthernet1/0/1"),
                section("interface GigabitEthernet1/0/2"),
                section("interface TenGigabitEthernet1/1/1"),
                section("interface Port-channel5"),
            ],
        ),
        (["no interface Port-channel1"], [section("interface Port-channel1")]),
        (["default interface Gi1/0/3"], [section("interface GigabitEthernet1/0/3")]),
        (["vlan 100", "name x"], [section("vlan 100")]),
        (["vlan 100-101,7"], [section("vlan 7"), section("vlan 100"), section("vlan 101")]),
        (
            ["int gi1/0/1", "chan 5 mode act", "sw acc vl 7"],
            [
                section("interface GigabitEthernet1/0/1"),
                section("interface Port-channel5"),
                section("vlan 7"),
            ],
        ),
        (
            ["interface Gi1/0/1", "switchport access vlan 7", "exit", "hostname x"],
            [section("interface GigabitEthernet1/0/1"), section("vlan 7"), Part("line", "hostname")],
        ),
        (["lacp system-priority 1"], [Part("line", "lacp system-priority")]),
        (["port-channel load-balance src-mac"], [Part("line", "port-channel load-balance")]),
    ],
)
def test_what_a_change_touches(lines: list[str], expected: list[Part]) -> None:
    assert touched(lines) == expected


@pytest.mark.parametrize(
    "line", ["end", "do reload", "write memory", "reload", "banner motd #", "no banner exec"]
)
def test_lines_that_cannot_be_taken_back_are_refused(line: str) -> None:
    with pytest.raises(BenchError, match="is no configuration line that can be taken back"):
        touched(["interface Gi1/0/1", line])


def enter(state: list[str], lines: list[str]) -> list[str]:
    """What a switch makes of lines in an interface's section: single settings replace, `no` removes."""
    singles = ("channel-group", "lacp rate", "switchport mode", "switchport access vlan", "description")
    for line in lines:
        plain = line.removeprefix("no ")
        words = next((single for single in singles if plain.startswith(single)), plain)
        if words == "channel-group" and line == plain:
            assert not any(old.startswith("channel-group") for old in state), "already a member"
        state = [old for old in state if old != words and not old.startswith(f"{words} ")]
        if line == plain:
            state = [*state, line]
    return state


SETTINGS = st.tuples(
    st.sampled_from(["", "channel-group 1 mode active", "channel-group 2 mode on"]),
    st.sampled_from(["", "lacp rate fast"]),
    st.sampled_from(["", "switchport mode trunk", "switchport mode dot1q-tunnel"]),
    st.sampled_from(["", "switchport access vlan 7", "switchport access vlan 100"]),
    st.sampled_from(["", "l2protocol-tunnel point-to-point lacp"]),
    st.sampled_from(["", "spanning-tree portfast"]),
    st.sampled_from(["", "description a cable", "description another"]),
    st.sampled_from(["", "shutdown"]),
).map(lambda lines: [line for line in lines if line])


@given(before=SETTINGS, now=SETTINGS)
def test_undo_gives_what_was_before(before: list[str], now: list[str]) -> None:
    part = section("interface GigabitEthernet1/0/1")
    lines = undo(part, before, now)
    if before == now:
        assert lines == []
        return
    assert (lines[0], lines[-1]) == (part.name, "exit")
    assert sorted(enter(now, lines[1:-1])) == sorted(before)


def test_a_section_that_was_not_there_is_removed() -> None:
    assert undo(section("interface Port-channel1"), None, []) == ["no interface Port-channel1"]
    assert undo(section("interface Port-channel1"), None, None) == []


def test_a_negated_line_is_taken_back_without_its_no() -> None:
    part = section("interface GigabitEthernet1/0/1")
    assert undo(part, [], ["no switchport"]) == [part.name, "switchport", "exit"]
    assert undo(part, ["no switchport"], []) == [part.name, "no switchport", "exit"]


@pytest.mark.parametrize(
    "now",
    [["allowed 1-3", "allowed add 9"], ["allowed 7"], ["allowed 1-3"], [], ["allowed 1-3", "allowed add 8"]],
)
def test_a_list_of_vlans_in_several_lines_is_put_back_whole(now: list[str]) -> None:
    words = "switchport trunk allowed vlan"
    before = [f"{words} 1-3", f"{words} add 8"]
    lines = undo(section("vlans"), before, [line.replace("allowed", words) for line in now])
    assert lines == ([] if now[1:] == ["allowed add 8"] else ["vlans", *before, "exit"])


def test_a_list_of_vlans_in_several_lines_is_taken_away_once() -> None:
    words = "switchport trunk allowed vlan"
    assert undo(section("vlans"), [], [f"{words} 1-3", f"{words} add 8"]) == ["vlans", f"no {words}", "exit"]


def test_a_port_is_set_down_last() -> None:
    lines = undo(section("interface Gi1/0/1"), ["shutdown", "description x"], [])
    assert lines[1:-1] == ["description x", "shutdown"]


def test_global_lines() -> None:
    part = Part("line", "lacp system-priority")
    assert undo(part, ["lacp system-priority 100"], ["lacp system-priority 1"]) == [
        "lacp system-priority 100"
    ]
    assert undo(part, [], ["lacp system-priority 1"]) == ["no lacp system-priority"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Gi1/0/1", "GigabitEthernet1/0/1"),
        ("gigabit 1/0/1", "GigabitEthernet1/0/1"),
        ("GigabitEthernet1/0/1", "GigabitEthernet1/0/1"),
        ("Te1/1/1", "TenGigabitEthernet1/1/1"),
        ("Tw1/0/1", "TwoGigabitEthernet1/0/1"),
        ("Twe1/0/1", "TwentyFiveGigE1/0/1"),
        ("po12", "Port-channel12"),
        ("Port-channel 12", "Port-channel12"),
        ("g1/0/1", "GigabitEthernet1/0/1"),
        ("f0/1", "FastEthernet0/1"),
        ("Fi1/0/1", "FiveGigabitEthernet1/0/1"),
        ("FiveGigabitEthernet1/0/1", "FiveGigabitEthernet1/0/1"),
        ("Fif1/0/1", "FiftyGigE1/0/1"),
        ("Fo1/1/1", "FortyGigabitEthernet1/1/1"),
        ("Hu1/0/49", "HundredGigE1/0/49"),
        ("HundredGigE1/0/49", "HundredGigE1/0/49"),
        ("hundredgigabitethernet 1/0/49", "HundredGigE1/0/49"),
        ("TwoHundredGigE1/0/1", "TwoHundredGigE1/0/1"),
        ("FourHundredGigE1/0/1", "FourHundredGigE1/0/1"),
        ("Ap1/0/1", "AppGigabitEthernet1/0/1"),
        ("Eth1/1", "Ethernet1/1"),
        ("mgmt0", "Management0"),
        ("Vl100", "Vlan100"),
        ("Vlan100", "Vlan100"),
        ("Te1/1/1.100", "TenGigabitEthernet1/1/1.100"),
        ("Se0/1/0:23", "Serial0/1/0:23"),
        ("Tu7", "Tunnel7"),
        ("BDI12", "BDI12"),
    ],
)
def test_long_names(typed: str, name: str) -> None:
    assert long_name(typed) == name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("GigabitEthernet1/0/1", "Gi1/0/1"),
        ("TwoGigabitEthernet1/0/1", "Tw1/0/1"),
        ("FiveGigabitEthernet1/0/1", "Fi1/0/1"),
        ("TwentyFiveGigE1/1/1", "Twe1/1/1"),
        ("HundredGigE1/0/49", "Hu1/0/49"),
        ("Port-channel12", "Po12"),
        ("Vlan100", "Vl100"),
        ("Cellular0/1/0", "Cellular0/1/0"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


@pytest.mark.parametrize("kind", sorted(set(_KINDS.values())))
def test_every_kind_is_known_by_its_names(kind: str) -> None:
    assert long_name(f"{kind}1/0/1") == f"{kind}1/0/1"
    assert long_name(short_name(f"{kind}1/0/1")) == f"{kind}1/0/1"


@pytest.mark.parametrize("typed", ["", "1/0/1", "Gi", "Xy1/0/1", "Gi1/0/1 shutdown"])
def test_what_is_no_interface_name(typed: str) -> None:
    with pytest.raises(BenchError, match=r"no interface name|no kind of interface"):
        long_name(typed)


def test_ranges() -> None:
    assert expand("gi1/0/9 - 11 , po1-2") == [
        "GigabitEthernet1/0/9",
        "GigabitEthernet1/0/10",
        "GigabitEthernet1/0/11",
        "Port-channel1",
        "Port-channel2",
    ]
    assert expand("Et1/1-1/3,7,po2") == [*(f"Ethernet1/{n}" for n in (1, 2, 3, 7)), "Port-channel2"]
    assert expand("gi1/0/1-gi1/0/2,gi2/0/1") == [
        "GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet2/0/1",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["gi1/0/1 to 4", "1/0/1 - 4", "gi1/0/4 - 1", "macro cables", ""])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(BenchError, match="is no range of interfaces"):
        expand(text)


def test_lists_of_vlans() -> None:
    assert vlans("10-12, 7,100-101") == [7, 10, 11, 12, 100, 101]
    with pytest.raises(BenchError, match="is no list of VLANs"):
        vlans("10-5000")
