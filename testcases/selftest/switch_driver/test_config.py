"""What a change touches, and the lines that take it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.switch.cisco_ios.config import current, sections, touched, undo
from harness.switch.cisco_ios.names import expand, long_name
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


@pytest.mark.parametrize("line", ["end", "do reload", "write memory", "reload"])
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
    ],
)
def test_long_names(typed: str, name: str) -> None:
    assert long_name(typed) == name


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
    with pytest.raises(BenchError, match="is no range of interfaces"):
        expand("gi1/0/1 to 4")
