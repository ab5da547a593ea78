"""Administrative variables (30.7, 43.4.6, 43.4.7), and the operational values derived from them.

A port whose LAG ID changes by it has to select anew (43.4.14). No machine transmits for such a change; here
NTT is set, so that the partner hears of it at once and not with the next periodic LACPDU.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.pdu import State
from harness.reference.keys import Keys
from harness.reference.lag import lag_id
from harness.reference.mux import CONTROL
from harness.reference.receive import RECEIVE
from harness.reference.table import Rule
from harness.reference.variables import Aggregator, Port, Selected


def number(low: int, high: int) -> Callable[[str], int]:
    """Reads a number between two, both allowed; ValueError for another word."""

    def read(word: str) -> int:
        try:
            value = int(word, 0)
        except ValueError:
            raise ValueError(f"{word}: not a number") from None
        if not low <= value <= high:
            raise ValueError(f"{word}: not between {low} and {high}")
        return value

    return read


def one_of(**words: bool) -> Callable[[str], bool]:
    """Reads one of these words; ValueError for another one."""

    def read(word: str) -> bool:
        if word not in words:
            raise ValueError(f"{word}: not one of {', '.join(words)}")
        return words[word]

    return read


def address(word: str) -> str:
    """Reads an individual MAC address; ValueError for something else."""
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", word.lower()) or int(word[:2], 16) & 1:
        raise ValueError(f"{word}: not an individual MAC address")
    return word.lower()


_activity = one_of(active=True, passive=False)
_timeout = one_of(short=True, long=False)
_switch = one_of(on=True, off=False)
_priority = number(0, 0xFFFF)

AGGREGATOR: dict[str, tuple[str, Callable[[str], object]]] = {
    "system-priority": ("system_priority", number(0, 0xFFFF)),
    "system-id": ("system_id", address),
    "key": ("key", number(1, 0xFFFF)),
    "activity": ("active", _activity),
    "timeout": ("short", _timeout),
    "control": ("coupled", one_of(coupled=True, independent=False)),
    "collector-max-delay": ("collector_max_delay", number(0, 0xFFFF)),
    "max-links": ("max_links", number(0, 0xFFFF)),
    "min-links": ("min_links", number(1, 0xFFFF)),
}
"""Variables of an Aggregator: the attribute, and how its word is read."""

PARTNER: dict[str, tuple[str, Callable[[str], object]]] = {
    "partner-system-priority": ("system_priority", number(0, 0xFFFF)),
    "partner-system": ("system", address),
    "partner-key": ("key", number(0, 0xFFFF)),
    "partner-port-priority": ("port_priority", number(0, 0xFFFF)),
    "partner-port": ("port", number(0, 0xFFFF)),
    "partner-state": ("state", lambda word: State(number(0, 0xFF)(word))),
}
"""Partner_Admin_* of a port (43.4.7), likewise."""

PORT: dict[str, tuple[str, Callable[[str], bool]]] = {
    "individual": ("individual", _switch),
    "lacp": ("LACP_Admin", _switch),
    "activity": ("active", _activity),
    "timeout": ("short", _timeout),
}
"""Variables of a port besides its priority, likewise; some go over those of its Aggregator."""


def set_aggregator(aggregator: Aggregator, keys: Keys, variable: str, word: str) -> None:
    """Set a variable of an Aggregator. ValueError where there is none, or the word is none of its values."""
    if variable not in AGGREGATOR:
        raise ValueError(f"{variable}: not one of {', '.join(AGGREGATOR)}")
    attribute, read = AGGREGATOR[variable]
    value = read(word)
    if getattr(aggregator, attribute) == value:
        return
    setattr(aggregator, attribute, value)
    for port in aggregator.ports:
        machine = CONTROL[aggregator.control]
        if port.mux not in machine.entry:  # the two figures differ behind ATTACHED: go on from there
            port.actor = port.actor.change(Distributing=False)
            machine.enter(port, "ATTACHED")
        operate(port, keys)
        port.NTT = True


def set_port(port: Port, keys: Keys, variable: str, word: str) -> None:
    """Set a variable of a port. ValueError as `set_aggregator`."""
    if variable in PARTNER:
        _set_partner(port, variable, word)
        return
    priority, before = port.actor.port_priority, (port.actor, port.LACP_Admin)
    if variable == "port-priority":
        priority = _priority(word)
    elif variable in PORT:
        attribute, read = PORT[variable]
        setattr(port, attribute, read(word))
    else:
        raise ValueError(f"{variable}: not one of port-priority, {', '.join((*PORT, *PARTNER))}")
    operate(port, keys, priority)
    port.NTT |= before != (port.actor, port.LACP_Admin)


def _set_partner(port: Port, variable: str, word: str) -> None:
    """The partner in force, where none is heard, is the administrative one as it is now (43.4.12)."""
    attribute, read = PARTNER[variable]
    port.partner_admin = port.partner_admin.change(**{attribute: read(word)})
    if State.Defaulted in port.actor.state:
        RECEIVE.enter(port, "INITIALIZE")
        port.NTT = True


def operate(port: Port, keys: Keys, port_priority: int | None = None) -> None:
    """Derive the Actor's operational values from the administrative ones, and the link's speed."""
    before, lag, aggregator = port.actor, lag_id(port), port.aggregator
    port.actor = before.change(
        system_priority=aggregator.system_priority,
        system=aggregator.system,
        key=keys.operational(aggregator.key, port.speed_mbps),
        port_priority=before.port_priority if port_priority is None else port_priority,
        Activity=aggregator.active if port.active is None else port.active,
        Timeout=aggregator.short if port.short is None else port.short,
        Aggregation=not port.individual,
    )
    if lag_id(port) != lag:
        port.Selected = Selected.UNSELECTED


RULES = (
    Rule("AD1", "43.4.14.1", "a port whose own values change its LAG ID selects anew"),
    Rule("AD2", "43.3.2", "the System identifier is an individual MAC address"),
)
