"""The octets of an LACPDU: TLV headers, reserved octets, byte order (43.4.2.1, 43.4.2.2)."""

from __future__ import annotations

import pytest

from harness.case import Case, Match, claims, where
from harness.catalogue.claims import WHOLE
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.profile.lacpdu import is_version_2, reserved_wrong, terminator_wrong
from testcases.conformance.lf.capture import ALONE, look

# row, what, its first octet in the frame (without FCS, from 0), its octets
FIXED = [
    ("LF-07", "Actor_Information type and length", 16, b"\x01\x14"),
    ("LF-08", "Partner_Information type and length", 36, b"\x02\x14"),
    ("LF-09", "Collector_Information type and length", 56, b"\x03\x10"),
    ("LF-11", "reserved octets after Actor_State", 33, bytes(3)),
    ("LF-11", "reserved octets after Partner_State", 53, bytes(3)),
    ("LF-12", "reserved octets of Collector_Information", 60, bytes(12)),
]

# what, its first octet, the aggregate's and the port's variable that shows it, asymmetrical, needs, and what
# the aggregate is made with
NUMBERS = [
    (
        "Actor_System_Priority",
        18,
        "system-priority",
        0x0304,
        ["set_system_priority"],
        {"system-priority": 0x0304},
    ),
    ("Actor_Key", 26, "key", 0x0102, ["set_key"], {"key": 0x0102}),
    (
        "Actor_Port_Priority",
        28,
        "port-priority",
        0x0506,
        ["set_port_priority"],
        {},
    ),
]

# The partner's numbers, as they come back in the Partner TLV.
ECHOED = {
    "system_priority": (0x1314, 38),
    "key": (0x1516, 46),
    "port_priority": (0x1718, 48),
    "port": (0x191A, 50),
}


def octets_at(at: int, octets: bytes, what: str) -> Match:
    """An LACPDU with these octets at this place."""
    return where(
        f"an LACPDU with {what} as {octets.hex(' ')} in octet {at}",
        lambda frame: frame.is_lacpdu and frame.data[at : at + len(octets)] == octets,
    )


@pytest.mark.parametrize(
    ("what", "at", "octets"),
    [
        pytest.param(*rest, id=rest[0], marks=claims(row, wires=1, looks_at=ALONE, seconds=6))
        for row, *rest in FIXED
    ],
)
def test_fixed(case: Case, what: str, at: int, octets: bytes) -> None:
    """Octets of an LACPDU that never change"""
    for frame in look(case)[case.wires[0].name]:
        case.equal(frame.data[at : at + len(octets)], octets, what)


@claims("LF-10", wires=1, looks_at=ALONE, seconds=6)
def test_terminator(case: Case) -> None:
    """The Terminator, type 0 and length 0, stands behind the last TLV"""
    reading = case.reading("version_2_tlvs")
    for frame in look(case)[case.wires[0].name]:
        wrong = terminator_wrong(frame.data, reading)
        case.check(not wrong, "Terminator type and length 00 00", wrong)


@claims("LF-13", wires=1, looks_at=ALONE, seconds=6)
def test_reserved_at_the_end(case: Case) -> None:
    """What stands behind the Terminator is 0"""
    reading = case.reading("version_2_tlvs")
    for frame in look(case)[case.wires[0].name]:
        wrong = reserved_wrong(frame.data, reading)
        case.check(not wrong, "50 octets of 0 behind the Terminator", wrong)
        if reading == "reported" and is_version_2(frame.data):
            case.report(f"behind the Collector TLV of version {frame.data[15]}: {frame.data[72:].hex(' ')}")


@pytest.mark.parametrize(
    ("what", "at", "variable", "value"),
    [
        pytest.param(
            *rest,
            id=rest[0],
            marks=claims(
                "LF-15",
                wires=1,
                needs=needs,
                seconds=9,
                values=values,
                whole=[v for v in values if v in WHOLE],
            ),
        )
        for *rest, needs, values in NUMBERS
    ],
)
def test_byte_order(case: Case, what: str, at: int, variable: str, value: int) -> None:
    """The most significant octet of a number comes first"""
    wire = case.wires[0]
    shift = case.pics.key_shift if variable == "key" else 0
    value = case.key(value) if variable == "key" else value
    if variable == "port-priority":  # there is none before the port
        case.aggregate([wire]).set(variable, value, wire.port)
    else:
        case.aggregate([wire], **{variable.replace("-", "_"): value})
    case.arrived()
    station = case.station(wire)
    station.start()
    for frame in case.lacpdus([station], during=3 * FAST_PERIODIC_TIME)[wire.name]:
        number = int.from_bytes(frame.data[at : at + 2], "big") >> shift
        case.equal(f"{number:#06x}", f"{value:#06x}", f"{what}, its most significant octet first:")


@claims("LF-15", wires=1, seconds=5)
def test_byte_order_of_echo(case: Case) -> None:
    """The most significant octet of the partner's numbers comes first as well"""
    station = case.station(case.wires[0], **{field: value for field, (value, _) in ECHOED.items()})
    case.aggregate_heard([station])
    said = station.say()
    for field, (value, at) in ECHOED.items():
        octets = value.to_bytes(2, "big")
        case.expect(
            station,
            octets_at(at, octets, f"the partner's {field} {value:#06x}"),
            since=said.time,
            within=FAST_PERIODIC_TIME,
        )
