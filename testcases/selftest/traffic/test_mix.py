"""Frames of a mix: of every form, as scapy makes them, and right whatever their stamps say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether

from harness.traffic.flows import SHORTEST
from harness.traffic.mix import JUMBO, KINDS, SHARES, TAGS, UNTAGGED, drawn, form, frame, mix_frames
from harness.traffic.stamp import OCTETS, stamp

SOURCE = "02:00:5e:00:53:10"
ALL = len(TAGS) * len(KINDS) * len(SHARES)
FRAMES = mix_frames(ALL, SOURCE, longest=JUMBO)


def rebuilt(octets: bytes) -> bytes:
    """The frame with lengths and checksums that scapy makes anew."""
    frame = Ether(octets)
    for layer, names in (
        (IP, ("len", "chksum")),
        (IPv6, ("plen",)),
        (UDP, ("len", "chksum")),
        (TCP, ("chksum",)),
    ):
        if layer in frame:
            for name in names:
                delattr(frame[layer], name)
    return bytes(frame)


@given(st.integers(0, 0xFFFF), st.integers(0, ALL - 1), st.binary(min_size=1, max_size=60))
def test_a_frame_is_as_scapy_makes_it(number: int, look: int, data: bytes) -> None:
    octets = frame(form(look), number, SOURCE, "02:00:5e:10:00:01", data)
    assert rebuilt(octets) == octets
    assert octets.endswith(data)
    transport = Ether(octets)[UDP if form(look).transport == "udp" else TCP]
    assert (transport.sport, transport.dport) == drawn(number).ports


def test_every_combination_comes_about() -> None:
    assert len({form(number) for number in range(ALL)}) == ALL
    assert (
        len({(form(number).tci, form(number).version, form(number).transport) for number in range(12)}) == 12
    )
    assert {form(number).octets for number in range(len(SHARES))} >= {SHORTEST, UNTAGGED + 4}


@pytest.mark.parametrize("number", range(ALL))
def test_a_frame_has_its_form(number: int) -> None:
    look, made = form(number, JUMBO), Ether(FRAMES[number])
    assert (Dot1Q in made) is (look.tci is not None)
    if look.tci is not None:
        assert int.from_bytes(FRAMES[number][14:16], "big") == look.tci
    assert (IP in made) is (look.version == 4)
    assert (IPv6 in made) is (look.version == 6)
    assert (UDP in made) is (look.transport == "udp")
    assert (TCP in made) is (look.transport == "tcp")
    assert len(FRAMES[number]) == look.octets or look.room < OCTETS
    assert SHORTEST <= len(FRAMES[number]) <= JUMBO + 4


def test_the_shortest_is_as_short_as_ethernet_has_them() -> None:
    assert min(map(len, FRAMES)) == SHORTEST
    assert max(map(len, mix_frames(ALL, SOURCE))) == UNTAGGED + 4


@given(st.integers(0, ALL - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**63))
def test_checksums_are_right_whatever_the_stamp(number: int, run: int, sequence: int, sent_ns: int) -> None:
    octets = FRAMES[number][:-OCTETS] + stamp(run, number, sequence, sent_ns)
    assert rebuilt(octets) == octets


def test_conversations_differ_in_what_a_hash_may_look_at() -> None:
    frames = mix_frames(300, SOURCE)
    assert len({frame[:6] for frame in frames}) == 300
    for kind in (IP, IPv6):
        packets = [packet for frame in frames if kind in (packet := Ether(frame))]
        assert len({(packet[kind].src, packet.sport) for packet in packets}) == len(packets) == 150
