"""What labs set on a switch: the lines that are entered, what a driver can, what a lab file permits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.switch import DriverLacks, Journal, Permit, Switch
from harness.switch.cisco_ios.switch import CiscoIos
from harness.switch.switch import SETTINGS, WHOLE_SWITCH
from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole
from testcases.selftest.switch_driver.helpers import closing, section, set_credentials

ONE, TWO = "interface GigabitEthernet1/0/1", "interface GigabitEthernet1/0/2"
LAG = "interface Port-channel7"


@pytest.fixture
def talk() -> Dialogue:
    """A switch of two ports and a VLAN 100."""
    return Dialogue(running={ONE: [], TWO: []}, vlans={1: "default", 100: "VLAN0100"})


@pytest.fixture
def console(talk: Dialogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[PtyConsole]:
    set_credentials(monkeypatch)
    with PtyConsole(talk) as console:
        yield console


def opened(console: PtyConsole, folder: Path, permit: Permit | None = None) -> CiscoIos:
    where = section(console={"url": console.url})
    return CiscoIos.open(where, "console", folder / "transcript", Journal(folder / "journal", permit))


LINES: dict[str, tuple[Callable[[Switch], None], list[str]]] = {
    "rate": (lambda switch: switch.set_rate("Gi1/0/1", "fast"), [ONE, "lacp rate fast"]),
    "port-priority": (
        lambda switch: switch.set_port_priority("Gi1/0/1", 7), [ONE, "lacp port-priority 7"]),
    "mode": (
        lambda switch: switch.join_lag(["Gi1/0/1"], 7, "passive"),
        [ONE, "channel-group 7 mode passive"]),
    "leave": (lambda switch: switch.leave_lag(["Gi1/0/1"]), [ONE, "no channel-group"]),
    "max-bundle": (lambda switch: switch.set_max_bundle(7, 2), [LAG, "lacp max-bundle 2"]),
    "min-links": (lambda switch: switch.set_min_links(7, 2), [LAG, "port-channel min-links 2"]),
    "system-priority": (lambda switch: switch.set_system_priority(9), ["lacp system-priority 9"]),
    "load-balance": (
        lambda switch: switch.set_load_balance("dst-mac"), ["port-channel load-balance dst-mac"]),
    "access-vlan": (
        lambda switch: switch.set_access_vlan("Gi1/0/1", 100),
        [ONE, "switchport access vlan 100", "switchport mode access", "spanning-tree portfast"]),
    "lag-vlan": (
        lambda switch: switch.set_lag_vlan(7, 100, tags=True),
        [LAG, "switchport access vlan 100", "switchport mode dot1q-tunnel", "spanning-tree portfast"]),
}  # fmt: skip


@pytest.mark.parametrize("setting", LINES)
def test_lines_of_a_setting(setting: str, talk: Dialogue, console: PtyConsole, tmp_path: Path) -> None:
    """It is in the journal, entered, and taken back."""
    before = {name: list(lines) for name, lines in talk.running.items()}
    change, lines = LINES[setting]
    with closing(opened(console, tmp_path)) as switch:
        change(switch)
        assert talk.configured == lines
        assert Journal(tmp_path / "journal").pending()
        switch.restore()
    assert talk.running == before


def test_every_setting_has_its_lines() -> None:
    can = CiscoIos.settable(section(console={"url": "/dev/null"}, may=sorted(WHOLE_SWITCH)))
    assert set(LINES) == can - {"reload"}  # which is no line of the configuration


def test_changes_together_are_one_transaction(talk: Dialogue, console: PtyConsole, tmp_path: Path) -> None:
    with closing(opened(console, tmp_path)) as switch:
        with switch.together():
            switch.make_lag(["Gi1/0/1", "Gi1/0/2"], 7, "active", "fast")
            switch.set_min_links(7, 2)
            switch.set_system_priority(9)
            assert talk.configured == []
        lag = "channel-group 7 mode active"
        members = [ONE, lag, "lacp rate fast", TWO, lag, "lacp rate fast"]
        whole = ["lacp system-priority 9"]
        assert talk.configured == [*members, LAG, "port-channel min-links 2", *whole]
        assert talk.commands.count("configure terminal") == 1


def test_what_is_given_up_in_between_changes_nothing(
    talk: Dialogue, console: PtyConsole, tmp_path: Path
) -> None:
    with closing(opened(console, tmp_path)) as switch:
        with pytest.raises(KeyError), switch.together():
            switch.set_rate("Gi1/0/1", "fast")
            raise KeyError("of the caller")
        assert talk.configured == []
        switch.set_rate("Gi1/0/2", "fast")
        assert talk.configured == [TWO, "lacp rate fast"]


NOT_PERMITTED: dict[str, tuple[Callable[[CiscoIos], object], str]] = {
    "a port": (
        lambda switch: switch.shut("Gi1/0/2"),
        "port GigabitEthernet1/0/2 of the switch: the lab file does not name it"),
    "one port of several": (
        lambda switch: switch.make_lag(["Gi1/0/1", "Gi1/0/2"], 7, "active"),
        "port GigabitEthernet1/0/2 of the switch"),
    "ports in a range": (
        lambda switch: switch.configure(["interface range gi1/0/1 - 2", "shutdown"]),
        "port GigabitEthernet1/0/2 of the switch"),
    "the whole switch": (
        lambda switch: switch.set_system_priority(1), "system-priority is of the whole switch"),
    "its name": (
        lambda switch: switch.configure(["hostname other"]), "hostname is of the whole switch"),
    "a LAG of others": (
        lambda switch: switch.set_min_links(3, 2), "Port-channel3 of the switch was there before"),
    "joining a LAG of others": (
        lambda switch: switch.join_lag(["Gi1/0/1"], 3, "active"),
        "Port-channel3 of the switch was there before"),
    "a VLAN of others": (
        lambda switch: switch.configure(["vlan 100", "name mine"]),
        "vlan 100 of the switch was there before"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_PERMITTED)
def test_what_the_lab_file_does_not_name_is_not_touched(
    case: str, talk: Dialogue, console: PtyConsole, tmp_path: Path
) -> None:
    talk.running["interface Port-channel3"] = []
    permit = Permit(ports=["GigabitEthernet1/0/1"], may=["load-balance"])
    change, words = NOT_PERMITTED[case]
    with closing(opened(console, tmp_path, permit)) as switch:
        with pytest.raises(BenchError, match=words):
            change(switch)
        assert talk.configured == []
        assert not Journal(tmp_path / "journal").pending()


def test_what_the_lab_file_names_is_changed(talk: Dialogue, console: PtyConsole, tmp_path: Path) -> None:
    """Also LAGs that the run makes, and what it permits by name; a VLAN that is there may be used."""
    permit = Permit(ports=["GigabitEthernet1/0/1"], may=["load-balance"])
    with closing(opened(console, tmp_path, permit)) as switch:
        switch.make_lag(["Gi1/0/1"], 7, "active", "fast")
        switch.set_min_links(7, 2)
        switch.set_load_balance("dst-mac")
        switch.leave_lag(["Gi1/0/1"])
        switch.set_access_vlan("Gi1/0/1", 100)
        assert "port-channel min-links 2" in talk.running[LAG]
        switch.restore()


ARGUMENTS: dict[str, tuple[object, ...]] = {
    "reload": (),
    "join_lag": (["p"], 1, "on"),
    "leave_lag": (["p"],),
    "set_load_balance": ("x",),
    "set_system_priority": (1,),
}


def test_a_driver_lacks_what_it_leaves_out(console: PtyConsole, tmp_path: Path) -> None:
    """Each setting of the interface raises DriverLacks where no subclass replaces it."""

    class Plain(CiscoIos):
        set_rate = Switch.set_rate
        set_max_bundle = Switch.set_max_bundle

    every = section(console={"url": "/dev/null"}, may=sorted(WHOLE_SWITCH))
    assert CiscoIos.settable(every) - Plain.settable(every) == {"rate", "max-bundle"}
    with closing(opened(console, tmp_path)) as switch:
        for word, method in SETTINGS.items():
            words = f"the switch's {word}: the driver CiscoIos does not set it"
            with pytest.raises(DriverLacks, match=words):
                getattr(Switch, method)(switch, *ARGUMENTS.get(method, ("p", 1)))


def test_the_whole_switch_is_set_only_where_the_lab_file_says_so() -> None:
    assert not WHOLE_SWITCH & CiscoIos.settable(section(console={"url": "/dev/null"}))
    one = CiscoIos.settable(section(console={"url": "/dev/null"}, may=["system-priority"]))
    assert WHOLE_SWITCH & one == {"system-priority"}
