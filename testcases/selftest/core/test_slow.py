"""Control parser and counters, 43.2.9, 43B, 30.7.3.1."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core.constants import RECEIVED_LACPDU_LIMIT, Fast_Periodic_Time
from agr.core.control_parser import Kind, is_for_client, parse
from testcases.selftest.core.lab import Lab, up_lab
from testcases.selftest.core.samples import LACPDU_FRAME as LACPDU
from testcases.selftest.core.samples import MARKER_FRAME

UNICAST = bytes.fromhex("020000000100")
TAG = bytes.fromhex("8100e064")


def subtype(value: int) -> bytes:
    return LACPDU[:14] + bytes((value,)) + LACPDU[15:]


CASES = {
    "LACPDU": (LACPDU, Kind.LACP),
    "Marker": (MARKER_FRAME, Kind.MARKER),
    **{f"subtype {value}": (subtype(value), Kind.UNKNOWN) for value in range(3, 11)},
    **{f"subtype {value}": (subtype(value), Kind.ILLEGAL) for value in (0, 11, 128, 255)},
    "no subtype": (LACPDU[:14], Kind.ILLEGAL),
    "to a unicast address": (UNICAST + LACPDU[6:], Kind.UNKNOWN),
    "to the bridges' address": (LACPDU[:5] + b"\0" + LACPDU[6:], Kind.UNKNOWN),
    "tagged": (LACPDU[:12] + TAG + LACPDU[12:], Kind.UNKNOWN),
    "IPv4 to the slow address": (LACPDU[:12] + b"\x08\x00" + LACPDU[14:], Kind.UNKNOWN),
    "data": (UNICAST + LACPDU[6:12] + b"\x08\x00" + LACPDU[14:], Kind.DATA),
    "nothing": (b"", Kind.DATA),
}


@pytest.mark.parametrize(("frame", "kind"), CASES.values(), ids=CASES.keys())
def test_kinds(frame: bytes, kind: Kind) -> None:
    assert parse(frame) is kind


@pytest.mark.parametrize(("frame", "kind"), CASES.values(), ids=CASES.keys())
def test_each_frame_is_counted_once(frame: bytes, kind: Kind) -> None:
    lab = Lab()
    lab.receive("re0", frame)
    counter = {
        Kind.LACP: "LACPDUsRx",
        Kind.MARKER: "MarkerPDUsRx",
        Kind.UNKNOWN: "UnknownRx",
        Kind.ILLEGAL: "IllegalRx",
    }.get(kind)
    received = {
        name: count for name, count in lab.status()["counters"].items() if name.endswith("Rx") and count
    }
    assert received == ({counter: 1} if counter else {})


@pytest.mark.parametrize(
    "name", [name for name, (_, kind) in CASES.items() if kind not in (Kind.LACP, Kind.MARKER)]
)
def test_other_frames_change_nothing(name: str) -> None:
    lab = Lab()
    before = {**lab.status(), "counters": None}
    lab.receive("re0", CASES[name][0])
    assert {**lab.status(), "counters": None} == before
    assert lab.frames == []


def test_who_gets_what() -> None:
    """43.2.9, 43B.5: the client gets all but LACPDUs, Markers and illegal subtypes."""
    kept = {name for name, (frame, _) in CASES.items() if not is_for_client(parse(frame))}
    assert kept == {"LACPDU", "Marker", "no subtype", *(f"subtype {value}" for value in (0, 11, 128, 255))}
    assert all(is_for_client(parse(LACPDU[:5] + bytes((last,)) + bytes(60))) for last in range(256))


def mutated(frame: bytes, changes: dict[int, int], length: int) -> bytes:
    changed = bytearray(frame)
    for position, value in changes.items():
        changed[position % len(changed)] = value
    return bytes(changed)[:length]


frames = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=160).map(lambda tail: LACPDU[:14] + tail),
    st.builds(
        mutated,
        st.sampled_from([LACPDU, MARKER_FRAME]),
        st.dictionaries(st.integers(14, 123), st.integers(0, 255), max_size=6),
        st.integers(0, 124),
    ),
)


@settings(max_examples=300)
@given(st.lists(frames, min_size=1, max_size=8))
def test_no_frame_raises_and_none_goes_uncounted(received: list[bytes]) -> None:
    lab = Lab()
    for frame in received:
        lab.receive("re0", frame)
    counted = sum(count for name, count in lab.status()["counters"].items() if name.endswith("Rx"))
    assert counted == sum(parse(frame) is not Kind.DATA for frame in received)


def test_what_a_flood_says_is_counted_and_not_heeded() -> None:
    lab = up_lab()
    partner = lab.partners["re0"]
    before = lab.status()["counters"]["LACPDUsRx"]
    for _ in range(RECEIVED_LACPDU_LIMIT):
        partner.say()
    partner.actor = replace(partner.actor, key=77)
    partner.say()
    assert lab.status()["counters"]["LACPDUsRx"] == before + RECEIVED_LACPDU_LIMIT + 1
    assert lab.status()["partner"]["key"] != 77
    lab.run(Fast_Periodic_Time)
    partner.say()
    assert lab.status()["partner"]["key"] == 77
