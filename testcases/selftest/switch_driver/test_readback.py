"""What was asked of a switch is read back: a refusal in whatever words is an error of the bench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.switch.cisco_ios import readback
from harness.switch.cisco_ios.switch import CiscoIos
from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole
from testcases.selftest.switch_driver.helpers import closing, on_console, set_credentials

ONE, TWO = "interface GigabitEthernet1/0/1", "interface GigabitEthernet1/0/2"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


@contextmanager
def switch_that(folder: Path, remarks: dict[str, str], **running: list[str]) -> Iterator[CiscoIos]:
    """A switch with two ports that does not do some lines, and says so in its own words."""
    talk = Dialogue(remarks=remarks, running={ONE: running.get("one", []), TWO: running.get("two", [])})
    with PtyConsole(talk) as console, closing(on_console(console.url, folder)) as switch:
        yield switch


def test_a_refusal_in_unknown_words_is_quoted(tmp_path: Path) -> None:
    with switch_that(tmp_path, {"shutdown": "Command authorization failed."}) as switch:
        with pytest.raises(BenchError) as caught:
            switch.shut("Gi1/0/1")
        assert str(caught.value).endswith(
            f"not done, by its running configuration: `shutdown` of {ONE} "
            "(the switch said: Command authorization failed.)"
        )
        switch.no_shut("Gi1/0/1")


def test_no_shutdown_that_is_not_done(tmp_path: Path) -> None:
    words = "Port is errdisabled by policy"
    with (
        switch_that(tmp_path, {"no shutdown": words}, one=["shutdown"]) as switch,
        pytest.raises(BenchError, match=f"`no shutdown` of {ONE} .the switch said: {words}"),
    ):
        switch.no_shut("Gi1/0/1")


def test_a_line_that_is_dropped_without_a_word(tmp_path: Path) -> None:
    with (
        switch_that(tmp_path, {"lacp rate fast": ""}) as switch,
        pytest.raises(BenchError, match=f"`lacp rate fast` of {TWO} .the switch said: nothing"),
    ):
        switch.make_lag(["Gi1/0/2"], 1, "active", "fast")


def test_a_channel_group_that_one_port_does_not_join(tmp_path: Path) -> None:
    said = "Command Rejected (Port-channel1, Gi1/0/1): speed of the members differs"
    with switch_that(tmp_path, {"channel-group 1 mode active": said}) as switch:
        with pytest.raises(BenchError) as caught:
            switch.make_lag(["Gi1/0/1"], 1, "active", "normal")
        assert said in str(caught.value)
        assert "lacp rate" not in str(caught.value)


def test_what_is_done_or_so_by_default_is_no_error(tmp_path: Path) -> None:
    with switch_that(tmp_path, {"lacp rate normal": ""}) as switch:
        switch.make_lag(["Gi1/0/1", "Gi1/0/2"], 1, "passive", "normal")
        switch.leave_lag(["Gi1/0/1", "Gi1/0/2"])
        switch.no_shut("Gi1/0/1")


def test_a_tunnel_that_is_not_one(tmp_path: Path) -> None:
    words = "Not allowed by TACACS"
    remarks = {"l2protocol-tunnel point-to-point lacp": words}
    with switch_that(tmp_path, remarks) as switch, pytest.raises(BenchError, match="not done") as caught:
        switch.tunnel("Gi1/0/1", "Gi1/0/2", 100)
    assert words in str(caught.value)


def test_a_list_that_is_refused_to_grow_is_not_done(tmp_path: Path) -> None:
    line = "switchport trunk allowed vlan add 7"
    remarks = {line: "Command rejected: Bad VLAN allowed list."}
    before = ["switchport trunk allowed vlan 1-3"]
    with (
        switch_that(tmp_path, remarks, one=before) as switch,
        pytest.raises(BenchError, match=f"`{line}` of {ONE} .the switch said: Command rejected: Bad VLAN"),
    ):
        switch.configure([ONE, line])


@pytest.mark.parametrize(
    "words",
    ["Command authorization failed.", "% Authorization failed.", "You may not touch this switch, ask Bob.",
     "% Permission denied for the role", "Not authorized to run this command."],
)  # fmt: skip
def test_a_section_that_may_not_be_entered_ends_the_change(tmp_path: Path, words: str) -> None:
    """What follows would be done to the section before."""
    with switch_that(tmp_path, {TWO: words}) as switch:
        with pytest.raises(BenchError, match=f"refused `{TWO}`: {words}"):
            switch.configure([ONE, "description mine", TWO, "shutdown"])
        assert switch.running_config("Gi1/0/1") == ["description mine"]
        switch.restore()
        assert switch.running_config("Gi1/0/1") == []


def test_a_configuration_mode_that_may_not_be_entered(tmp_path: Path) -> None:
    words = "Configuration mode is locked exclusively by user 'bob' process '3' from terminal '1'"
    with switch_that(tmp_path, {"configure terminal": words}) as switch:
        with pytest.raises(BenchError, match=f"refused `configure terminal`: {words}"):
            switch.shut("Gi1/0/1")
        assert switch.running_config("Gi1/0/1") == []


@pytest.mark.parametrize("words", ["%Portfast has no effect here", "% Something was done otherwise"])
def test_a_remark_about_what_is_done_is_no_refusal(tmp_path: Path, words: str) -> None:
    """The running configuration decides, not the sign that a remark begins with."""
    talk = Dialogue(remarks={"spanning-tree portfast": words}, running={ONE: ["spanning-tree portfast"]})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert words in switch.configure([ONE, "spanning-tree portfast"])


SHOWN = {
    "interface GigabitEthernet1/0/1": ["channel-group 1 mode active", "lacp rate fast", "shutdown"],
    "interface GigabitEthernet1/0/2": [
        "description a cable", "switchport trunk allowed vlan 1-3,7", "spanning-tree portfast edge",
        "switchport backup interface Gi1/0/9",
    ],
    "interface GigabitEthernet1/0/3": ["no switchport", "switchport mode trunk"],
    "interface GigabitEthernet1/0/4": [
        "switchport trunk allowed vlan 1-3,7", "switchport trunk allowed vlan add 100-102",
    ],
    "vlan 100": ["name tunnel"],
    "": ["hostname lab", "lacp system-priority 100", "username x secret 5 $1$"],
}  # fmt: skip


def undone(lines: list[str]) -> list[str]:
    asked = readback.asked(lines, [""] * len(lines))
    return [one.line or one.section for one in asked if not one.done(SHOWN.get(one.section))]


@pytest.mark.parametrize(
    "lines",
    [
        ["int gi1/0/1", "shut", "chan 1 mode act"],
        ["interface range Gi1/0/1 , Gi1/0/3", "no description x", "exit", "hostname lab"],
        ["interface Gi1/0/2", "switchport trunk allowed vlan 1,2,3,7", "description a cable"],
        ["interface Gi1/0/2", "switchport trunk allowed vlan add 7", "spanning-tree portfast"],
        ["interface Gi1/0/2", "switchport backup interface GigabitEthernet1/0/9", "no lacp rate", "no shut"],
        ["interface Gi1/0/2", "lacp rate normal", "lacp port-priority 32768", "switchport access vlan 1"],
        ["interface Gi1/0/2", "shutdown", "no shutdown", "switchport"],
        ["interface Gi1/0/3", "no switchport"],
        ["lacp system-priority 100", "no port-channel load-balance", "username x secret 0 hello"],
        ["no interface Port-channel1", "vlan 100", "name tunnel", "no vlan 7"],
        ["interface Gi1/0/4", "switchport trunk allowed vlan 1,2,3,7,100,101,102"],
        ["default interface Gi1/0/1"],
    ],
)  # fmt: skip
def test_what_a_running_configuration_shows_as_done(lines: list[str]) -> None:
    assert undone(lines) == []


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["interface range Gi1/0/1 - 2", "shutdown"], ["shutdown"]),
        (["interface Gi1/0/1", "no shutdown", "no channel-group", "lacp rate normal"],
         ["shutdown", "channel-group", "lacp rate normal"]),
        (["interface Gi1/0/1", "channel-group 11 mode active"], ["channel-group 11 mode active"]),
        (["interface Gi1/0/1", "channel-group 1 mode passive"], ["channel-group 1 mode passive"]),
        (["interface Gi1/0/2", "description a", "switchport trunk allowed vlan 1-2"],
         ["description a", "switchport trunk allowed vlan 1-2"]),
        (["interface Gi1/0/2", "no switchport", "no spanning-tree portfast"],
         ["switchport", "spanning-tree portfast"]),
        (["interface Gi1/0/3", "switchport"], ["switchport"]),
        (["interface Port-channel1", "shutdown"], ["interface Port-channel1", "shutdown"]),
        (["no interface Gi1/0/1"], ["interface GigabitEthernet1/0/1"]),
        (["lacp system-priority 1", "hostname la"], ["lacp system-priority 1", "hostname la"]),
        (["no lacp system-priority"], ["lacp system-priority"]),
        (["interface Gi1/0/4", "switchport trunk allowed vlan 1-3"], ["switchport trunk allowed vlan 1-3"]),
        (["vlan 100-101", "name other"], ["name other", "name other", "vlan 101"]),
        (["no vlan 100"], ["vlan 100"]),
    ],
)  # fmt: skip
def test_what_it_shows_as_not_done(lines: list[str], left: list[str]) -> None:
    assert sorted(undone(lines)) == sorted(left)
