"""Administrative variables (30.7.1, 30.7.2, agr(4)): what an operator sets, checked once, here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from agr.core.constants import DEFAULT_PRIORITY

ACTIVITIES = ("active", "passive")
TIMEOUTS = ("long", "short")
CONTROLS = ("independent", "coupled")
DEFAULTED = ("down", "individual")


@dataclass(frozen=True)
class SystemAdmin:
    """System priority and System Identifier (43.3.2) of an Aggregator, and its own MAC address.

    ``system`` has 6 octets, or is None: then the MAC address of the Aggregator is used. That is ``address``,
    or where it is None the address of the first-added port. Raises ValueError with a message for the operator
    when a value is out of range.
    """

    system_priority: int = DEFAULT_PRIORITY
    system: bytes | None = None
    address: bytes | None = None

    def __post_init__(self) -> None:
        _check_integer("system-priority", self.system_priority, 0, 0xFFFF)
        for variable, value in (("system-id", self.system), ("address", self.address)):
            if value is not None:
                _check_individual(variable, value)


@dataclass(frozen=True)
class AggregatorAdmin:
    """Variables of one Aggregator and of all its ports.

    ``collector_max_delay`` is in tens of microseconds. ``link0`` selects round robin instead of the hash in
    Frame Distribution (agr(4)), ``link1`` aggregation without LACP. ``max_links``: how many links may be
    active at once (43.6.1), 0 for no limit; ``min_links``: with fewer links none is active. ``defaulted``:
    whether a port without a LACP partner carries nothing ("down") or may serve the aggregate alone
    ("individual"). Raises ValueError with a message for the operator.
    """

    key: int = 1
    activity: str = "active"
    timeout: str = "long"
    control: str = "independent"
    collector_max_delay: int = 0
    link0: bool = False
    link1: bool = False
    min_links: int = 1
    max_links: int = 0
    defaulted: str = "down"

    def __post_init__(self) -> None:
        if self.key == 0:
            raise ValueError("key: 0 is the null value, which no port may have (43.3.5): say 1 to 65535")
        _check_integer("key", self.key, 1, 0xFFFF)
        _check_word("activity", self.activity, ACTIVITIES)
        _check_word("timeout", self.timeout, TIMEOUTS)
        _check_word("control", self.control, CONTROLS)
        _check_integer("collector-max-delay", self.collector_max_delay, 0, 0xFFFF)
        _check_integer("min-links", self.min_links, 1, 0xFFFF)
        _check_integer("max-links", self.max_links, 0, 0xFFFF)
        _check_word("defaulted", self.defaulted, DEFAULTED)


@dataclass(frozen=True)
class PortAdmin:
    """Variables of one port. ``individual``: Aggregation = FALSE; ``lacp``: LACP_Enabled (43.4.8).

    Raises ValueError with a message for the operator.
    """

    port_priority: int = DEFAULT_PRIORITY
    individual: bool = False
    lacp: bool = True

    def __post_init__(self) -> None:
        _check_integer("port-priority", self.port_priority, 0, 0xFFFF)


def parse_variable(variable: str, value: str, *, port: bool) -> tuple[type, str, Any]:
    """Read one of agrconfig's "variable value" pairs.

    ``port``: whether it is to be a variable of a port, or of an aggregate. Returns the class of
    administrative variables it belongs to, the name of the field and the value, for `dataclasses.replace`.
    Raises ValueError with a message for the operator.
    """
    classes: tuple[type, ...] = (PortAdmin,) if port else (AggregatorAdmin, SystemAdmin)
    name = "system" if variable == "system-id" else variable.replace("-", "_")
    for admin in classes:
        if variable != "system" and name in {field.name for field in fields(admin)}:
            return admin, name, _parse_value(variable, name, value)
    words = sorted(_spelling(field.name) for admin in classes for field in fields(admin))
    raise ValueError(
        f"{variable}: not a variable of {'a port' if port else 'an aggregate'}; these are: {', '.join(words)}"
    )


def _spelling(name: str) -> str:
    return "system-id" if name == "system" else name.replace("_", "-")


def _parse_value(variable: str, name: str, value: str) -> Any:
    if name in ("individual", "lacp", "link0", "link1"):
        _check_word(variable, value, ("on", "off"))
        return value == "on"
    if name in ("activity", "timeout", "control", "defaulted"):
        return value
    if name in ("system", "address"):
        return None if value == "auto" else parse_mac(variable, value)
    try:
        return int(value, 0)
    except ValueError:
        raise ValueError(f"{variable}: {value!r} is not a number") from None


def parse_mac(variable: str, value: str) -> bytes:
    """Six octets of "02:00:00:00:00:01". Raises ValueError with a message that names ``variable``."""
    parts = value.replace("-", ":").split(":")
    try:
        octets = bytes(int(part, 16) for part in parts if 1 <= len(part) <= 2)
    except ValueError:
        octets = b""
    if len(parts) != 6 or len(octets) != 6:
        raise ValueError(f"{variable}: {value!r} is not a MAC address such as 02:00:00:00:00:01")
    return octets


def _check_individual(variable: str, mac: bytes) -> None:
    if len(mac) != 6:
        raise ValueError(f"{variable}: a MAC address has 6 octets")
    if mac == bytes(6) or mac[0] & 1:
        raise ValueError(f"{variable}: must be an individual, non-zero MAC address (43.3.2)")


def _check_integer(variable: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{variable}: {value!r} is not a number from {low} to {high}")


def _check_word(variable: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise ValueError(f"{variable}: {value!r} is none of {', '.join(words)}")
