"""Types of single values in a lab file; a wrong value is said in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from harness.catalogue import load as load_catalogue
from harness.lab import placeholders
from harness.lab.section import show, value_error
from harness.profile import versions

_MAC = re.compile(r"(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_INTERFACE = re.compile(r"[^\s/:]{1,15}")
_OBJECT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def interface_name(name: str) -> str:
    """A name that Linux takes; one with a placeholder is looked at when that is filled in."""
    if not placeholders.names(name) and not _INTERFACE.fullmatch(name):
        raise value_error(f"{name!r} is no interface name: 1 to 15 characters without blank, slash and colon")
    return name


def _mac(value: str) -> str:
    if not _MAC.fullmatch(value):
        raise value_error(f"{value!r} is no MAC address; write it as 02:00:00:00:00:01")
    return value


def _port_mac(value: str) -> str:
    if int(_mac(value)[:2], 16) & 1:
        raise value_error(
            f"{value} is a group address; a port's MAC address is an individual one (first octet even)"
        )
    if int(value.replace(":", ""), 16) == 0:
        raise value_error("the MAC address of a port is not zero")
    return value


def _object(value: str) -> str:
    if not _OBJECT.fullmatch(value):
        raise value_error(f'{value!r} is not "module:Class"')
    return value


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise value_error(f"must be a day, as 2026-12-31, is {show(value)}") from None


def _row(value: str) -> str:
    row = versions.row_now(value)
    if row not in load_catalogue():
        raise value_error(f"{value} is no row of the catalogue")
    return row


def _number_or_auto(value: object) -> object:
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 64
    if not number and value != "auto":
        raise value_error(f"must be auto or a number from 1 to 64, is {show(value)}")
    return value


def short_form(key: str) -> Callable[[Any], Any]:
    """A validator that takes a text alone for a section of this one key."""
    return lambda value: {key: value} if isinstance(value, str) else value


def flag(key: str) -> Callable[[Any], Any]:
    """A validator that takes true or false alone for a section of this one key."""
    return lambda value: {key: value} if isinstance(value, bool) else value


Seconds = float
Interface = Annotated[str, AfterValidator(interface_name)]
Mac = Annotated[str, AfterValidator(_mac)]
PortMac = Annotated[str, AfterValidator(_port_mac)]
Object = Annotated[str, AfterValidator(_object)]
"""``module:Class``."""
Day = Annotated[date, BeforeValidator(_day)]
Row = Annotated[str, AfterValidator(_row)]
Number = Annotated[Literal["auto"] | Annotated[int, Field(ge=1, le=64)], BeforeValidator(_number_or_auto)]
"""Of benches side by side, or of slices of one; "auto": as many as the machine carries."""
