"""The adapter of a switch under test: what it asks of a driver, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.dut.implementation import Aggregate, When
from harness.dut.switch import AGGREGATES, Client, ManagedSwitch, SwitchSection
from harness.pdu import State
from harness.switch import Internal, Member, Neighbor, Refusal, Switch, SystemId
from harness.switch.cisco_ios.switch import CiscoIos
from harness.switch.switch import SETTINGS
from harness.verdict import AdapterLacks, BenchError, ImplementationRefused
from harness.wire.wire import Tap
from testcases.selftest.switch_driver.helpers import section

ONE, TWO = "GigabitEthernet1/0/1", "GigabitEthernet1/0/2"
CHANGES = {*SETTINGS.values(), "put_back", "remove_lag"}


class Recorder:
    """Stands in for a driver: keeps what it is asked to change, and answers with `rows`."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.transactions = 0
        self.refuses: dict[str, Refusal] = {}
        self.groups: list[int] = []
        self.rows: dict[str, Any] = {"internals": [], "neighbors": [], "members": []}

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in CHANGES:
            raise AttributeError(name)

        def change(*words: Any, tags: bool = False) -> None:
            self.asked.append((name, *(list(one) if hasattr(one, "__iter__") and not isinstance(one, str)
                                       else one for one in words)))  # fmt: skip
            if name in self.refuses:
                raise self.refuses[name]

        return change

    def together(self) -> Any:
        self.transactions += 1
        return nullcontext()

    def port_name(self, typed: str) -> str:
        return typed.replace("Gi1", "GigabitEthernet1") if typed.startswith("Gi1") else typed

    def lags(self) -> list[int]:
        return self.groups

    def lag(self, number: int) -> list[Member]:
        return list(self.rows["members"])

    def system_id(self) -> SystemId:
        return SystemId(9, "02:00:00:00:00:99")

    def internals(self) -> list[Internal]:
        return list(self.rows["internals"])

    def neighbors(self) -> list[Neighbor]:
        return list(self.rows["neighbors"])

    def version(self) -> str:
        return "a switch"

    def restore(self) -> None:
        self.asked.append(("restore",))


@pytest.fixture
def driver() -> Recorder:
    return Recorder()


def judged(driver: Recorder, vlan: int | None = 100) -> ManagedSwitch:
    tap = cast(Tap, SimpleNamespace(mac="02:00:00:00:00:21"))
    keys = SwitchSection(adapter="switch", vlan=vlan)
    return ManagedSwitch(keys, lambda: cast(Switch, driver), lambda: [Client("Gi1/0/21", tap)])


def test_an_aggregate_is_a_channel_group_made_at_once(driver: Recorder) -> None:
    """Its ports, and its client's, are alone in a VLAN; what belongs to the group comes when it is there."""
    driver.groups = [1, 2]
    judged(driver).aggregate("agr0", ["Gi1/0/1", "Gi1/0/2"], timeout="short", activity="passive", min_links=2)
    assert driver.asked == [
        ("join_lag", [ONE, TWO], 3, "passive"),
        ("set_lag_vlan", 3, 100),
        ("set_access_vlan", "Gi1/0/21", 100),
        ("set_rate", ONE, "fast"),
        ("set_rate", TWO, "fast"),
        ("set_min_links", 3, 2),
    ]


def test_what_links_are_chosen_by_is_set_once(driver: Recorder) -> None:
    keys = SwitchSection(adapter="switch", load_balance="dst-mac")
    switch = ManagedSwitch(keys, lambda: cast(Switch, driver), list)
    switch.aggregate("agr0", ["Gi1/0/1"])
    switch.aggregate("agr1", ["Gi1/0/2"])
    assert [words for words in driver.asked if words[0] == "set_load_balance"] == [
        ("set_load_balance", "dst-mac")
    ]


def made(driver: Recorder, **variables: Any) -> Aggregate:
    """A channel group 1 over both ports; what was asked for it is forgotten."""
    group = judged(driver, vlan=None).aggregate("agr0", ["Gi1/0/1", "Gi1/0/2"], **variables)
    driver.asked.clear()
    return group


SET: dict[str, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = {
    "timeout": (("timeout", "short"), [("set_rate", ONE, "fast"), ("set_rate", TWO, "fast")]),
    "activity": (("activity", "passive"), [("join_lag", [ONE, TWO], 1, "passive")]),
    "static": (("static", True), [("leave_lag", [ONE, TWO]), ("join_lag", [ONE, TWO], 1, "on")]),
    "system-priority": (("system-priority", 7), [("set_system_priority", 7)]),
    "min-links": (("min-links", 2), [("set_min_links", 1, 2)]),
    "min-links 0": (("min-links", 0), [("set_min_links", 1, 1)]),
    "max-links": (("max-links", 1), [("set_max_bundle", 1, 1)]),
    "max-links 0": (("max-links", 0), [("set_max_bundle", 1, None)]),
    "port-priority": (("port-priority", 5, "Gi1/0/2"), [("set_port_priority", TWO, 5)]),
}


@pytest.mark.parametrize("case", SET)
def test_a_variable_of_a_group_that_has_ports(case: str, driver: Recorder) -> None:
    group = made(driver)
    words, asked = SET[case]
    group.set(*words)
    assert driver.asked == asked


def test_lacp_is_off_on_a_port_that_is_alone(driver: Recorder) -> None:
    group = judged(driver, vlan=None).aggregate("agr0", ["Gi1/0/1"])
    driver.asked.clear()
    group.set("lacp", False, "Gi1/0/1")
    group.set("lacp", True, "Gi1/0/1")
    assert [words[-1] for words in driver.asked if words[0] == "join_lag"] == ["on", "active"]
    with pytest.raises(AdapterLacks, match="set lacp False"):
        made(driver).set("lacp", False, "Gi1/0/1")


def test_a_port_that_is_attached_later_is_as_the_others(driver: Recorder) -> None:
    group = judged(driver).aggregate("agr0", ["Gi1/0/1"], timeout="short")
    driver.asked.clear()
    group.add("Gi1/0/2")
    assert driver.asked == [
        ("join_lag", [TWO], 1, "active"),
        ("set_lag_vlan", 1, 100),
        ("set_rate", TWO, "fast"),
    ]
    group.remove("Gi1/0/2")
    assert driver.asked[-1] == ("put_back", TWO)


def test_the_key_is_the_number_of_the_group(driver: Recorder) -> None:
    judged(driver, vlan=None).aggregate("agr0", ["Gi1/0/1"], key=7)
    assert driver.asked == [("join_lag", [ONE], 7, "active")]
    driver.groups = [7]
    with pytest.raises(AdapterLacks, match="key 7: it is the number of a channel group"):
        judged(driver).aggregate("agr0", key=7)


def test_the_second_aggregate_has_a_vlan_and_no_client(driver: Recorder) -> None:
    switch = judged(driver)
    switch.aggregate("agr0", ["Gi1/0/1"])
    driver.asked.clear()
    second = switch.aggregate("agr1", ["Gi1/0/2"])
    assert driver.asked[1] == ("set_lag_vlan", 1, 101)
    with pytest.raises(AdapterLacks, match="too few tester's NICs"):
        assert second.client


def test_what_the_switch_declines_is_the_implementation_s(driver: Recorder) -> None:
    group = made(driver)
    driver.refuses = {"set_rate": Refusal("not here", where="SSH 192.0.2.1")}
    with pytest.raises(ImplementationRefused, match="timeout short: not here"):
        group.set("timeout", "short")


def test_a_command_that_it_does_not_have_is_nobody_s_failure(driver: Recorder) -> None:
    group = made(driver)
    driver.refuses = {"set_max_bundle": Refusal("unknown command", unknown=True)}
    with pytest.raises(BenchError, match="unknown command"):
        group.set("max-links", 1)


def test_a_vlan_that_it_declines_is_the_bench_s(driver: Recorder) -> None:
    driver.refuses = {"set_lag_vlan": Refusal("VTP client")}
    with pytest.raises(BenchError, match="VTP client"):
        judged(driver).aggregate("agr0", ["Gi1/0/1"])


def test_the_status(driver: Recorder) -> None:
    """By the names of the lab file; a port without a partner has that of zeros."""
    both = State.Activity | State.Collecting
    driver.rows["internals"] = [
        Internal(1, ONE, 128, 1, 0x101, int(both | State.Distributing)),
        Internal(1, TWO, 128, 1, 0x102, int(both)),
        Internal(2, TWO, 1, 1, 1, 0),
    ]
    driver.rows["neighbors"] = [Neighbor(1, ONE, 5, "02:00:00:00:00:05", 6, 7, 8, 0x3D)]
    status = made(driver).status()
    one, two = status.ports["Gi1/0/1"], status.ports["Gi1/0/2"]
    assert status.mac == "02:00:00:00:00:21"
    assert (one.collecting, one.distributing, two.collecting, two.distributing) == (True, True, True, False)
    assert (one.actor.system_priority, one.actor.system, one.actor.key) == (9, "02:00:00:00:00:99", 1)
    assert (one.actor.port_priority, one.actor.port, two.actor.port) == (128, 0x101, 0x102)
    assert (one.partner.system_priority, one.partner.key, one.partner.port) == (5, 7, 8)
    assert (one.partner.system, one.partner.port_priority) == ("02:00:00:00:00:05", 6)
    assert two.partner.system == "00:00:00:00:00:00"


def test_without_lacp_the_status_is_what_is_bundled(driver: Recorder) -> None:
    driver.rows["members"] = [Member(ONE, "P", True), Member(TWO, "D", False)]
    ports = made(driver, static=True).status().ports
    assert [port.distributing for port in ports.values()] == [True, False]


def test_reset_puts_everything_back(driver: Recorder) -> None:
    switch = judged(driver)
    switch.aggregate("agr0", ["Gi1/0/1"])
    switch.reset()
    assert driver.asked[-1] == ("restore",)
    driver.asked.clear()
    switch.aggregate("agr0", ["Gi1/0/1"])
    assert driver.asked[1:] == [("set_lag_vlan", 1, 100), ("set_access_vlan", "Gi1/0/21", 100)]


def test_what_can_be_set_is_what_the_driver_can() -> None:
    class Poor(CiscoIos):
        join_lag = Switch.join_lag
        set_max_bundle = Switch.set_max_bundle
        set_min_links = Switch.set_min_links
        set_port_priority = Switch.set_port_priority

    with_console = section(console={"url": "/dev/null"})
    assert ManagedSwitch.settable(Poor, with_console) == {"timeout": When.ANY_TIME, "key": When.CREATION}


def test_slices_have_channel_groups_and_vlans_of_their_own(driver: Recorder) -> None:
    groups, vlans = [], []
    for slice_ in range(1, 9):
        switch = judged(driver)
        switch.slice = slice_
        for place in range(AGGREGATES):
            switch.aggregate(f"agr{place}", [ONE])
            number = next(asked[2] for asked in reversed(driver.asked) if asked[0] == "join_lag")
            driver.groups.append(number)
            groups.append(number)
            vlans.append(next(asked[2] for asked in reversed(driver.asked) if asked[0] == "set_lag_vlan"))
    assert len(set(groups)) == len(set(vlans)) == 8 * AGGREGATES
    assert max(groups) <= 48, "channel groups of the smallest switches"


def test_what_is_one_for_all_slices_none_of_them_sets(driver: Recorder) -> None:
    keys = SwitchSection(adapter="switch", load_balance="src-mac")
    switch = ManagedSwitch(keys, lambda: cast(Switch, driver), list)
    switch.slice = 2
    switch.aggregate("agr0", [ONE])
    assert "set_load_balance" not in [asked[0] for asked in driver.asked]
    switch.set_for_all()
    assert driver.asked[-1] == ("set_load_balance", "src-mac")
