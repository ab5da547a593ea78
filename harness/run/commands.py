"""Every line that a run may send to the switch of a lab file, before the first one is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from harness.lab.schema import Lab
from harness.switch import Switch, driver_of
from harness.verdict import UsageError

Change = Callable[[Switch], None]

_NUMBER, _VLAN = cast(int, "<number>"), cast(int, "<vlan>")
_PRIORITY, _LINKS = cast(int, "<priority>"), cast(int, "<links>")
_RATE, _MODE, _METHOD = cast(Any, "<rate>"), cast(Any, "<mode>"), "<method>"

_OF_A_PORT: Mapping[str, Callable[[Switch, str], None]] = {
    "access-vlan": lambda switch, port: switch.set_access_vlan(port, _VLAN, tags=True),
    "leave": lambda switch, port: switch.leave_lag([port]),
    "mode": lambda switch, port: switch.join_lag([port], _NUMBER, _MODE),
    "port-priority": lambda switch, port: switch.set_port_priority(port, _PRIORITY),
    "rate": lambda switch, port: switch.set_rate(port, _RATE),
}
_OF_A_LAG: Mapping[str, Change] = {
    "lag-vlan": lambda switch: switch.set_lag_vlan(_NUMBER, _VLAN, tags=True),
    "max-bundle": lambda switch: switch.set_max_bundle(_NUMBER, _LINKS),
    "min-links": lambda switch: switch.set_min_links(_NUMBER, _LINKS),
}
_OF_THE_SWITCH: Mapping[str, Change] = {
    "load-balance": lambda switch: switch.set_load_balance(_METHOD),
    "reload": lambda switch: switch.reload(),
    "system-priority": lambda switch: switch.set_system_priority(_PRIORITY),
}


def _shut(switch: Switch, port: str) -> None:
    switch.shut(port)


def _no_shut(switch: Switch, port: str) -> None:
    switch.no_shut(port)


def _bound(change: Callable[[Switch, str], None], port: str) -> Change:
    return lambda switch: change(switch, port)


def commands(lab: Lab) -> Iterator[tuple[str, list[str]]]:
    """What the lines are for, and the lines; what stands in <> differs by testcase.

    Raises UsageError for a lab file without a switch, DriverLacks where its driver cannot tell.
    """
    if lab.switch is None:
        raise UsageError(f"{lab.file}: has no `switch:`, so no command is sent to one")
    driver = driver_of(lab.switch)
    can = driver.settable(lab.switch)
    yield "asked, changing nothing", list(driver.reads)
    for name in lab.switch_ports:
        port = driver.port_name(name)
        possible = [change for word, change in _OF_A_PORT.items() if word in can]
        changes = [_bound(change, port) for change in (_shut, _no_shut, *possible)]
        yield f"port {name}", _previewed(driver, changes)
    yield "LAGs that the run makes itself", _previewed(driver, _chosen(_OF_A_LAG, can))
    whole = _previewed(driver, _chosen(_OF_THE_SWITCH, can))
    if whole:
        yield "the whole switch, as `switch.may` says", whole


def _chosen(changes: Mapping[str, Change], can: frozenset[str]) -> list[Change]:
    return [change for word, change in changes.items() if word in can]


def _previewed(driver: type[Switch], changes: list[Change]) -> list[str]:
    """The lines of several changes, each once."""

    def all_of_them(switch: Switch) -> None:
        for change in changes:
            change(switch)

    return list(dict.fromkeys(driver.preview(all_of_them)))
