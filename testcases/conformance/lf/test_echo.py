"""The Partner TLV: what was last heard, computed Synchronization, defaults before (43.4.2.2, 43.4.9)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case import Case, Match, claims, where
from harness.pdu import PortInfo
from harness.profile.constants import FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME
from harness.wire.station import Station

FIELDS = {
    "system priority": {"system_priority": 0x1112},
    "system": {"system": "02:13:14:15:16:17"},
    "key": {"key": 0x1819},
    "port priority": {"port_priority": 0x1A1B},
    "port": {"port": 0x1C1D},
}

BITS = {
    "Aggregation=0": {"Aggregation": 0},
    "Collecting=0": {"Collecting": 0},
    "Distributing=0": {"Distributing": 0},
    "Defaulted=1": {"Defaulted": 1},
    "Expired=1": {"Expired": 1},
}

# what the tester says of itself, what it says of the implementation, and what bit 3 of the echo is then
SYNCHRONIZATION = {
    "in sync": ({}, {}, 1),
    "not in sync": ({"Synchronization": 0}, {}, 0),
    "echo does not match": ({}, {"key": 0x2021}, 0),
    "echo does not match, Individual": ({"Aggregation": 0}, {"key": 0x2021}, 1),
    "passive, knows of our activity": ({"Activity": 0}, {"Activity": 1}, 1),
    "passive, knows of no activity": ({"Activity": 0}, {"Activity": 0}, 0),
}


def echo_of(info: PortInfo) -> Match:
    """An LACPDU whose Partner TLV is this."""
    return where(
        f"an LACPDU with partner[{info.text()}]", lambda frame: frame.is_lacpdu and frame.partner == info
    )


def acquainted(case: Case) -> Station:
    """A willing, fast partner that only speaks when told to, and knows the implementation's values."""
    station = case.station(case.wires[0])
    case.aggregate_heard([station])
    station.say()
    return station


@claims("LF-26", wires=1, seconds=7)
@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_identity(case: Case, field: dict[str, Any]) -> None:
    """The Partner TLV echoes each field of the partner's identity"""
    station = acquainted(case)
    said = station.say(**field)
    case.expect(station, echo_of(station.info), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-26", wires=1, seconds=8)
@pytest.mark.parametrize("bits", BITS.values(), ids=BITS)
def test_state(case: Case, bits: dict[str, int]) -> None:
    """The Partner TLV echoes bits 0 to 2 and 4 to 7 of the partner's state, whatever they are"""
    station = acquainted(case)
    before = station.info
    said = station.say(**bits)
    case.expect(station, echo_of(station.info), since=said.time, within=FAST_PERIODIC_TIME)
    station.info = before
    said = station.say()
    case.expect(station, echo_of(before), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-26", wires=1, seconds=8)
@pytest.mark.parametrize("activity", [0, 1])
def test_state_activity(case: Case, activity: int) -> None:
    """The Partner TLV echoes the partner's Activity"""
    station = acquainted(case)
    station.say(Activity=1 - activity)
    said = station.say(Activity=activity)
    case.expect(station, echo_of(station.info), since=said.time, within=FAST_PERIODIC_TIME)


@claims("LF-26", wires=1, seconds=5)
def test_state_timeout(case: Case) -> None:
    """The Partner TLV echoes the partner's Timeout, in the next LACPDU of the slow period at the latest"""
    station = acquainted(case)
    said = station.say(Timeout=0, Synchronization=0, partner=PortInfo())  # a wrong echo hurries the answer
    case.expect(station, echo_of(station.info), since=said.time, within=SLOW_PERIODIC_TIME)
    said = station.say(Timeout=1)
    case.expect(station, echo_of(station.info), since=said.time, within=SLOW_PERIODIC_TIME)


@claims("LF-26", wires=1, needs=["active"], seconds=8)
@pytest.mark.parametrize("situation", SYNCHRONIZATION.values(), ids=SYNCHRONIZATION)
def test_synchronization(case: Case, situation: tuple[dict[str, Any], dict[str, Any], int]) -> None:
    """Bit 3 of the echoed state: the partner is in sync, knows who we are, and the link is maintained"""
    own, echo, expected = situation
    station = acquainted(case)
    station.say(Synchronization=1 - expected)
    said = station.say(**{"Synchronization": 1, **own}, partner=station.echo.change(**echo))
    heard = station.info.change(Synchronization=expected)
    case.expect(station, echo_of(heard), since=said.time, within=FAST_PERIODIC_TIME)
