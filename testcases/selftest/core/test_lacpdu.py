"""LACPDU codec, 43.4.2.2."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agr.core.lacpdu import LACPDU, IllegalPDU, Information, PortState, decode, encode
from testcases.selftest.core.samples import LACPDU_FRAME as FRAME

SOURCE = bytes.fromhex("021122334455")
ACTOR = Information(0x8001, bytes.fromhex("02a1a2a3a4a5"), 0x0102, 0x0304, 0x0506, PortState.from_octet(0x3D))
PARTNER = Information(
    0x0708, bytes.fromhex("02b1b2b3b4b5"), 0x090A, 0x0B0C, 0x0D0E, PortState.from_octet(0xC2)
)
u16 = st.integers(0, 0xFFFF)
informations = st.builds(
    Information,
    u16,
    st.binary(min_size=6, max_size=6),
    u16,
    u16,
    u16,
    st.integers(0, 255).map(PortState.from_octet),
)
pdus = st.builds(LACPDU, informations, informations, u16)


def with_octet(position: int, value: int) -> bytes:
    return FRAME[:position] + bytes((value,)) + FRAME[position + 1 :]


def test_octets_of_a_known_pdu() -> None:
    assert encode(LACPDU(ACTOR, PARTNER, 0x1112), SOURCE) == FRAME
    assert len(FRAME) == 124


def test_known_octets_are_read() -> None:
    assert decode(FRAME) == LACPDU(ACTOR, PARTNER, 0x1112)


@given(pdus)
def test_round_trip(pdu: LACPDU) -> None:
    assert decode(encode(pdu, SOURCE)) == pdu


@pytest.mark.parametrize(("bit", "name"), [(bit, field.name) for bit, field in enumerate(fields(PortState))])
def test_order_of_state_bits(bit: int, name: str) -> None:
    assert PortState(**{name: True}).octet() == 1 << bit
    assert PortState.from_octet(1 << bit) == PortState(**{name: True})


@pytest.mark.parametrize("pad", [4, 22, 64])
def test_longer_frames_are_read(pad: int) -> None:
    assert decode(FRAME + b"\xff" * pad) == decode(FRAME)


@pytest.mark.parametrize("length", range(15, 124))
def test_short_frames(length: int) -> None:
    """Read when actor, partner and collector information are whole, otherwise refused."""
    if length >= 72:
        assert decode(FRAME[:length]) == decode(FRAME)
    else:
        with pytest.raises(IllegalPDU):
            decode(FRAME[:length])


@pytest.mark.parametrize("position", [17, 37, 57])
@pytest.mark.parametrize("length", [0, 1, 15, 17, 19, 21, 255])
def test_wrong_information_lengths_are_refused(position: int, length: int) -> None:
    with pytest.raises(IllegalPDU):
        decode(with_octet(position, length))


VERSION, TYPES, TERMINATOR = 15, [16, 36, 56, 72], [73]
RESERVED = [*range(33, 36), *range(53, 56), *range(60, 72), *range(74, 124)]


@pytest.mark.parametrize("position", [VERSION, *TYPES, *TERMINATOR, *RESERVED])
@pytest.mark.parametrize("value", [0, 2, 255])
def test_octets_that_are_not_checked(position: int, value: int) -> None:
    assert decode(with_octet(position, value)) == decode(FRAME)
