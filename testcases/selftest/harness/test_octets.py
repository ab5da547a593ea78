"""The quick way to read and write PDUs and the one through scapy agree, on damaged frames as well."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pdu import Frame, PortInfo, State, lacpdu_frame, marker_frame, marker_response_frame
from harness.pdu.build import lacpdu_packet, marker_packet
from harness.pdu.layers import LACPDU, MARKER, MarkerTLV, PortTLV

SOURCE = "02:00:5e:00:53:01"
MARKER_FIELDS = ("type", "length", "requester_port", "requester_system", "transaction_id", "pad")

u16 = st.integers(0, 0xFFFF)
mac = st.binary(min_size=6, max_size=6).map(lambda octets: octets.hex(":"))
info = st.builds(PortInfo, u16, mac, u16, u16, u16, st.integers(0, 0xFF).map(State))
transaction = st.integers(0, 0xFFFFFFFF)
whole = st.one_of(
    st.builds(lambda a, p, d: lacpdu_frame(SOURCE, a, p, max_delay=d), info, info, u16),
    st.builds(marker_frame, st.just(SOURCE), u16, mac, transaction),
    st.builds(marker_response_frame, st.just(SOURCE), u16, mac, transaction),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A PDU with octets changed, cut short or with more behind it; or any octets behind a slow header."""
    octets = bytearray(draw(whole))
    for place, value in draw(st.lists(st.tuples(st.integers(12, 123), st.integers(0, 255)), max_size=4)):
        octets[place] = value
    cut = draw(st.integers(0, len(octets)) | st.just(len(octets)))
    return bytes(octets[:cut]) + draw(st.binary(max_size=70))


def through_scapy(frame: Frame) -> list[Any]:
    """What the layers make of it: Actor, Partner, Collector_Max_Delay, Marker; None where there is none."""
    if frame.subtype is None:  # too short to be a slow-protocol frame, or of another type
        return [None] * 4
    pdu = frame.packet.getlayer(LACPDU)
    tlvs = pdu.tlvs if pdu else []
    told: list[Any] = [
        PortInfo(t.system_priority, t.system, t.key, t.port_priority, t.port, State(int(t.state)))
        for t in tlvs
        if isinstance(t, PortTLV)
    ]
    told += [None] * (2 - len(told)) + [tlvs[2].max_delay if len(tlvs) > 2 else None]
    marker = frame.packet.getlayer(MARKER)
    found = marker.tlvs[0] if marker and marker.tlvs else None
    shown = tuple(getattr(found, name) for name in MARKER_FIELDS) if isinstance(found, MarkerTLV) else None
    return [*told, shown]


def by_place(frame: Frame) -> list[Any]:
    told: list[Any] = []
    for name in ("actor", "partner", "collector_max_delay"):
        try:
            told.append(getattr(frame, name))
        except ValueError:
            told.append(None)
    return [*told, None if frame.marker is None else tuple(frame.marker)]


@given(whole | damaged())
def test_both_read_the_same(data: bytes) -> None:
    frame = Frame(1.0, data, False, "w")
    told = through_scapy(frame)
    assert by_place(frame) == told
    assert frame.is_lacpdu is (told[1] is not None)


@pytest.mark.parametrize("length", range(14, 126))
@pytest.mark.parametrize("make", [lacpdu_frame, marker_frame])
def test_both_read_the_same_of_every_length(make: Any, length: int) -> None:
    info = PortInfo(0x0102, "02:03:04:05:06:07", 0x0809, 0x0A0B, 0x0C0D, State(0x3D))
    data = make(SOURCE, info, info) if make is lacpdu_frame else make(SOURCE, 7, info.system, 0x01020304)
    frame = Frame(1.0, (data + b"\1\2")[:length], False, "w")
    assert by_place(frame) == through_scapy(frame)


@given(info, info, u16)
def test_both_write_the_same_lacpdu(actor: PortInfo, partner: PortInfo, delay: int) -> None:
    packet = lacpdu_packet(SOURCE, actor, partner, max_delay=delay)
    assert lacpdu_frame(SOURCE, actor, partner, max_delay=delay) == bytes(packet)


@given(u16, mac, transaction)
def test_both_write_the_same_marker(port: int, system: str, number: int) -> None:
    assert marker_frame(SOURCE, port, system, number) == bytes(marker_packet(SOURCE, port, system, number))
    answer = marker_packet(SOURCE, port, system, number, kind=2)
    assert marker_response_frame(SOURCE, port, system, number) == bytes(answer)
