"""Situations a port can be in and things that can happen to it, for the tests that combine them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from testcases.selftest.core.lab import ACTIVE, FOREIGN, NOBODY, UP, Lab, keep_on
from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME

Event = Callable[[Lab, str], None]
Variables = dict[str, str]


def _saying(lab: Lab, port: str, **fields: object) -> None:
    """One PDU of the port's partner, with these fields changed for once."""
    partner = lab.partners[port]
    partner.say(replace(partner.actor, **fields))


def _reflected(lab: Lab, port: str) -> None:
    lab.run(1.5)
    if sent := [s for s in lab.sent if s.port == port]:
        lab.receive(port, sent[-1].frame)


def _silence(seconds: float) -> Event:
    return lambda lab, port: lab.run(seconds)


def _setting(variable: str, value: str) -> Event:
    return lambda lab, port: lab.set(variable, value, aggregate=lab.homes[port])


def _setting_port(variable: str, value: str) -> Event:
    return lambda lab, port: lab.set(variable, value, port)


EVENTS: dict[str, Event] = {
    "good PDU": lambda lab, port: lab.partners[port].say(),
    "cooperation": lambda lab, port: lab.partners[port].keep_on(2.5),
    "PDU out of sync": lambda lab, port: _saying(lab, port, state=ACTIVE),
    "PDU not collecting": lambda lab, port: _saying(lab, port, state=replace(UP, Collecting=False)),
    "fast PDU": lambda lab, port: _saying(lab, port, state=replace(UP, LACP_Timeout=True)),
    "passive PDU": lambda lab, port: _saying(lab, port, state=replace(UP, LACP_Activity=False)),
    "individual PDU": lambda lab, port: _saying(lab, port, state=replace(UP, Aggregation=False)),
    "PDU of another system": lambda lab, port: _saying(lab, port, system=FOREIGN[::-1]),
    "PDU with another key": lambda lab, port: _saying(lab, port, key=99),
    "PDU of zeros": lambda lab, port: lab.partners[port].say(NOBODY, NOBODY),
    "PDU that knows nobody": lambda lab, port: lab.partners[port].say(partner=NOBODY),
    "own PDU back": _reflected,
    "Marker": lambda lab, port: lab.receive(port, MARKER_FRAME),
    "illegal frame": lambda lab, port: lab.receive(port, LACPDU_FRAME[:60]),
    "empty frame": lambda lab, port: lab.receive(port, b""),
    "link down": lambda lab, port: lab.link(port, False),
    "link up": lambda lab, port: lab.link(port, True),
    "half duplex": lambda lab, port: lab.link(port, True, full_duplex=False),
    "slow link": lambda lab, port: lab.link(port, True, speed_mbps=10),
    "fast link": lambda lab, port: lab.link(port, True, speed_mbps=1000),
    "1 s of silence": _silence(1.0),
    "4 s of silence": _silence(4.0),
    "100 s of silence": _silence(100.0),
    "passive": _setting("activity", "passive"),
    "active": _setting("activity", "active"),
    "short": _setting("timeout", "short"),
    "long": _setting("timeout", "long"),
    "coupled": _setting("control", "coupled"),
    "independent": _setting("control", "independent"),
    "key": _setting("key", "258"),
    "system priority": _setting("system-priority", "3"),
    "system identifier": _setting("system-id", "02:00:00:00:0f:0f"),
    "round robin": _setting("link0", "on"),
    "static": _setting("link1", "on"),
    "no longer static": _setting("link1", "off"),
    "one link": _setting("max-links", "1"),
    "two links": _setting("max-links", "2"),
    "any number of links": _setting("max-links", "0"),
    "at least two links": _setting("min-links", "2"),
    "defaulted individual": _setting("defaulted", "individual"),
    "defaulted down": _setting("defaulted", "down"),
    "system identifier of the first port": _setting("system-id", "auto"),
    "own system decides": _setting("system-priority", "0"),
    "port priority": _setting_port("port-priority", "3"),
    "individual": _setting_port("individual", "on"),
    "aggregatable": _setting_port("individual", "off"),
    "lacp off": _setting_port("lacp", "off"),
    "lacp on": _setting_port("lacp", "on"),
}


def _partner(lab: Lab, **state: bool) -> None:
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=replace(partner.actor.state, **state))


def _attached(lab: Lab) -> None:
    _partner(lab, Synchronization=False)
    keep_on(lab, 3.0)


def _collecting(lab: Lab) -> None:
    _partner(lab, Collecting=False, Distributing=False)
    keep_on(lab, 3.0)


def _up(lab: Lab) -> None:
    keep_on(lab, 3.0)


def _expired(lab: Lab) -> None:
    keep_on(lab, 3.0)
    lab.run(4.0)


def _defaulted(lab: Lab) -> None:
    keep_on(lab, 3.0)
    lab.run(10.0)


def _standby(lab: Lab) -> None:
    """re1 goes before re0."""
    lab.set("system-priority", "0")
    lab.set("port-priority", "0", "re1")
    lab.set("max-links", "1")
    keep_on(lab, 3.0)


def _disabled(lab: Lab) -> None:
    keep_on(lab, 3.0)
    lab.link("re0", False)


def _other_lag(lab: Lab) -> None:
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, system=FOREIGN[::-1])
    lab.partners["re1"].say()
    keep_on(lab, 3.0)


# Name: administrative variables, how to get there, what re0 then is: receive, mux and periodic state
SITUATIONS: dict[str, tuple[Variables, Event, tuple[str, str, str]]] = {
    "new": (
        {},
        lambda lab, port: lab.link(port, False),
        ("PORT_DISABLED", "DETACHED", "NO_PERIODIC"),
    ),
    "no partner": ({}, lambda lab, port: None, ("EXPIRED", "DETACHED", "FAST_PERIODIC")),
    "no partner for long": ({}, _silence(5.0), ("DEFAULTED", "DETACHED", "SLOW_PERIODIC")),
    "waiting": ({}, lambda lab, port: keep_on(lab, 1.0), ("CURRENT", "WAITING", "SLOW_PERIODIC")),
    "attached": ({}, lambda lab, port: _attached(lab), ("CURRENT", "ATTACHED", "SLOW_PERIODIC")),
    "collecting": ({}, lambda lab, port: _collecting(lab), ("CURRENT", "COLLECTING", "SLOW_PERIODIC")),
    "distributing": ({}, lambda lab, port: _up(lab), ("CURRENT", "DISTRIBUTING", "SLOW_PERIODIC")),
    "coupled": (
        {"control": "coupled"},
        lambda lab, port: _up(lab),
        ("CURRENT", "COLLECTING_DISTRIBUTING", "SLOW_PERIODIC"),
    ),
    "expired": (
        {"timeout": "short"},
        lambda lab, port: _expired(lab),
        ("EXPIRED", "ATTACHED", "FAST_PERIODIC"),
    ),
    "defaulted": (
        {"timeout": "short"},
        lambda lab, port: _defaulted(lab),
        ("DEFAULTED", "DETACHED", "SLOW_PERIODIC"),
    ),
    "disabled": ({}, lambda lab, port: _disabled(lab), ("PORT_DISABLED", "ATTACHED", "NO_PERIODIC")),
    "another LAG's": ({}, lambda lab, port: _other_lag(lab), ("CURRENT", "DETACHED", "SLOW_PERIODIC")),
    "LACP off": (
        {},
        lambda lab, port: lab.set("lacp", "off", port),
        ("LACP_DISABLED", "DETACHED", "NO_PERIODIC"),
    ),
    "standby": ({}, lambda lab, port: _standby(lab), ("CURRENT", "WAITING", "SLOW_PERIODIC")),
    "too few links": (
        {"min_links": "3"},
        lambda lab, port: _up(lab),
        ("CURRENT", "WAITING", "SLOW_PERIODIC"),
    ),
    "static": (
        {"link1": "on"},
        lambda lab, port: _up(lab),
        ("LACP_DISABLED", "DISTRIBUTING", "NO_PERIODIC"),
    ),
    "individual without a partner": (
        {"defaulted": "individual"},
        _silence(5.0),
        ("DEFAULTED", "DISTRIBUTING", "SLOW_PERIODIC"),
    ),
    "churning": ({}, _silence(65.0), ("DEFAULTED", "DETACHED", "SLOW_PERIODIC")),
}


def situation(name: str) -> Lab:
    """A Lab of two ports in which re0 is in the named situation."""
    variables, reach, _ = SITUATIONS[name]
    lab = Lab(2, **variables)
    reach(lab, "re0")
    return lab


def make_good(lab: Lab) -> None:
    """Undo whatever keeps a port out: carrier, LACP on every port, aggregatable, one partner, no limits."""
    for aggregate in set(lab.homes.values()):
        lab.set("link1", "off", aggregate=aggregate)
        lab.set("min-links", "1", aggregate=aggregate)
        lab.set("max-links", "0", aggregate=aggregate)
    for port, partner in lab.partners.items():
        lab.link(port, True)
        lab.set("lacp", "on", port)
        lab.set("individual", "off", port)
        partner.actor = replace(partner.actor, system=FOREIGN, key=0x0203, state=UP)
