"""Marker codec and Marker Responder, 43.5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agr.core import marker
from agr.core.constants import MARKER_PROTOCOL_LIMIT
from agr.core.lacpdu import IllegalPDU
from agr.core.marker import MARKER_INFORMATION, MARKER_RESPONSE, Marker
from testcases.selftest.core.lab import Lab, mac, up_lab
from testcases.selftest.core.samples import MARKER_FRAME as FRAME
from testcases.selftest.core.samples import MARKER_RESPONSE_FRAME as RESPONSE

PEER = bytes.fromhex("02aa00000001")
MARKER = Marker(MARKER_INFORMATION, 0x0102, bytes.fromhex("02c1c2c3c4c5"), 0x03040506)


def with_octet(position: int, value: int) -> bytes:
    return FRAME[:position] + bytes((value,)) + FRAME[position + 1 :]


def responses(lab: Lab) -> list[tuple[str, bytes]]:
    return [(port, frame) for _, port, frame in lab.frames if frame[14] == 2 and frame[16] == MARKER_RESPONSE]


def test_octets_of_a_known_marker() -> None:
    assert marker.encode(MARKER, PEER) == FRAME
    assert marker.decode(FRAME) == MARKER
    assert len(FRAME) == 124


@given(
    st.builds(
        Marker,
        st.sampled_from([MARKER_INFORMATION, MARKER_RESPONSE]),
        st.integers(0, 0xFFFF),
        st.binary(min_size=6, max_size=6),
        st.integers(0, 0xFFFFFFFF),
    )
)
def test_round_trip(value: Marker) -> None:
    assert marker.decode(marker.encode(value, PEER)) == value


def test_response_octets_and_counters() -> None:
    lab = Lab()
    lab.receive("re0", FRAME)
    assert responses(lab) == [("re0", RESPONSE)]
    counters = lab.status()["counters"]
    assert (counters["MarkerPDUsRx"], counters["MarkerResponsePDUsTx"]) == (1, 1)
    assert counters["MarkerPDUsTx"] == counters["LACPDUsRx"] == counters["IllegalRx"] == 0


def test_response_leaves_on_the_port_it_came_in_on() -> None:
    lab = up_lab(3)
    lab.receive("re1", FRAME)
    assert [(port, frame[6:12]) for port, frame in responses(lab)] == [("re1", mac(1))]


@pytest.mark.parametrize("octets", ["ffffffffffffffffffffffff", "000000000000000000000000"])
def test_requester_fields_are_copied(octets: str) -> None:
    lab = Lab()
    lab.receive("re0", FRAME[:18] + bytes.fromhex(octets) + FRAME[30:])
    assert responses(lab)[0][1][18:30] == bytes.fromhex(octets)


@pytest.mark.parametrize("position", [15, 30, 31, 32, 33, 34, 123])
@pytest.mark.parametrize("value", [0, 2, 255])
def test_version_pad_and_reserved_are_not_checked(position: int, value: int) -> None:
    lab = Lab()
    lab.receive("re0", with_octet(position, value))
    assert responses(lab) == [("re0", RESPONSE)]


def test_longer_marker_is_answered() -> None:
    lab = Lab()
    lab.receive("re0", FRAME + bytes(32))
    assert responses(lab) == [("re0", RESPONSE)]


LENGTH_AT = 17


@pytest.mark.parametrize(
    "frame",
    [
        *(with_octet(LENGTH_AT, value) for value in (0, 15, 255)),
        RESPONSE[:LENGTH_AT] + bytes((15,)) + RESPONSE[LENGTH_AT + 1 :],
        FRAME[:31],
        FRAME[:16],
    ],
)
def test_badly_formed_marker_is_counted(frame: bytes) -> None:
    lab = Lab()
    lab.receive("re0", frame)
    assert responses(lab) == []
    assert lab.status()["counters"]["IllegalRx"] == 1
    with pytest.raises(IllegalPDU):
        marker.decode(frame)


@pytest.mark.parametrize("kind", [0, 3, 255])
def test_unknown_marker_tlv_is_counted_only(kind: int) -> None:
    lab = Lab()
    lab.receive("re0", with_octet(16, kind))
    assert responses(lab) == []
    assert lab.status()["counters"]["UnknownRx"] == 1


def test_response_triggers_nothing() -> None:
    lab = Lab()
    lab.receive("re0", with_octet(16, MARKER_RESPONSE))
    assert responses(lab) == []
    assert lab.status()["counters"]["MarkerResponsePDUsRx"] == 1
    assert lab.status()["counters"]["MarkerPDUsRx"] == 0


def test_marker_is_answered_in_every_mux_state() -> None:
    lab = Lab()
    seen = []
    partner = lab.partners["re0"]
    for _ in range(6):
        lab.receive("re0", FRAME)
        seen.append(lab.status()["mux_state"])
        partner.keep_on(1.0)
    assert {"DETACHED", "WAITING", "DISTRIBUTING"} <= set(seen)
    assert len(responses(lab)) == 6


def test_responses_keep_the_slow_protocol_rate_and_come_back() -> None:
    lab = Lab()
    for _ in range(100):
        lab.receive("re0", FRAME)
    assert len(responses(lab)) == MARKER_PROTOCOL_LIMIT
    assert lab.status()["counters"]["MarkerPDUsRx"] == 100
    lab.run(2.0)
    lab.receive("re0", FRAME)
    assert len(responses(lab)) == MARKER_PROTOCOL_LIMIT + 1


def test_no_answer_without_carrier() -> None:
    lab = Lab(up=False)
    lab.receive("re0", FRAME)
    assert lab.frames == []
