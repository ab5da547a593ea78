"""Conversations can be told apart, and their order judged, from a capture alone."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP, UDP
from scapy.layers.l2 import Dot1Q, Ether

from harness.case import Conversation, conversations, interleaved, inversions, mixed, record, sequences
from harness.pdu import Frame
from harness.traffic.mix import drawn

SOURCE = "02:00:5e:00:53:10"


def seen(data: bytes) -> Frame:
    return Frame(1.0, data, False, "w")


@given(st.integers(0, 5000), st.integers(0, 2**32 - 1), st.one_of(st.none(), st.integers(0, 0xFFFF)))
def test_a_frame_tells_its_conversation_and_sequence(number: int, sequence: int, tci: int | None) -> None:
    frame = seen(Conversation(number, SOURCE, tci=tci).frame(sequence))
    assert record(frame) == (number, sequence)
    assert frame.is_data


def test_a_tag_is_where_it_belongs() -> None:
    packet = Ether(Conversation(1, SOURCE, tci=0x6005).frame(0))
    assert (packet[Dot1Q].prio, packet[Dot1Q].vlan) == (3, 5)


@given(st.integers(0, 5000), st.one_of(st.none(), st.integers(0, 0xFFFF)))
def test_a_conversation_of_its_own_is_as_scapy_makes_it(number: int, tci: int | None) -> None:
    """Lengths and the checksum of IP are right; UDP's is none."""
    octets = Conversation(number, SOURCE, tci=tci).frame(number)
    made = Ether(octets)
    assert (made["IP"].proto, made["UDP"].sport, made["UDP"].chksum) == (17, drawn(number).ports[0], 0)
    del made["IP"].chksum, made["IP"].len, made["UDP"].len
    assert bytes(made) == octets


@given(st.integers(0, 9999), st.integers(0, 2**32 - 1), st.integers(0, 200))
def test_a_frame_of_a_mix_tells_too_and_is_right(number: int, sequence: int, longer: int) -> None:
    """Also as long as it was wished; the checksum of TCP or UDP holds for every sequence number."""
    (flow,) = mixed([Conversation(number, SOURCE)], 1514)
    octets = flow.frame(sequence)
    assert record(seen(octets)) == (number, sequence)
    made = Ether(octets)
    layer = made[TCP if TCP in made else UDP]
    del layer.chksum
    assert bytes(made) == octets
    assert len(flow.frame(sequence, len(octets) + longer)) == len(octets) + longer


def test_a_mix_has_all_sizes() -> None:
    lengths = {len(flow.frame(0)) for flow in mixed(conversations(84, SOURCE), 1514)}
    assert (min(lengths), max(lengths), len(lengths) > 7) == (62, 1518, True)


def test_conversations_differ_in_what_a_hash_may_look_at() -> None:
    frames = [Ether(c.frame(0)) for c in conversations(300, SOURCE)]
    assert len({f.dst for f in frames}) == 300
    for names in (("src", "dst"), ("sport", "dport")):
        layer = "IP" if names[0] == "src" else "UDP"
        assert len({tuple(getattr(f[layer], name) for name in names) for f in frames}) > 290


FIELDS = {
    "destination address": slice(0, 6),
    "IPv4 source": slice(26, 30),
    "IPv4 destination": slice(30, 34),
    "UDP source port": slice(34, 36),
    "UDP destination port": slice(36, 38),
    "both IPv4 addresses": slice(26, 34),
    "both ports": slice(34, 38),
    "all of them": slice(0, 38),
}
HASHES: dict[str, Callable[[bytes], int]] = {
    "ADD": sum,
    "XOR": lambda octets: functools.reduce(operator.xor, octets),
    "the last octet": lambda octets: octets[-1],
    "hash * 33 + octet": lambda octets: functools.reduce(
        lambda value, octet: value * 33 + octet, octets, 5381
    ),
}


@pytest.mark.parametrize("links", [2, 3, 4])
@pytest.mark.parametrize("way", HASHES)
@pytest.mark.parametrize("field", FIELDS)
def test_a_few_conversations_use_every_link_whatever_is_hashed(field: str, way: str, links: int) -> None:
    """Eight on two links, 24 on more."""
    frames = [flow.frame(0)[FIELDS[field]] for flow in conversations(8 if links == 2 else 24, SOURCE)]
    assert {HASHES[way](frame) % links for frame in frames} == set(range(links))


def test_interleaved_keeps_each_conversation_in_order() -> None:
    frames = [seen(f) for f in interleaved(conversations(3, SOURCE), 4)]
    assert sequences(frames) == {0: [0, 1, 2, 3], 1: [0, 1, 2, 3], 2: [0, 1, 2, 3]}


@pytest.mark.parametrize(
    ("order", "late"), [([], 0), ([0, 1, 2], 0), ([0, 2, 1], 1), ([3, 0, 1, 2], 3), ([1, 1], 0)]
)
def test_inversions_are_frames_overtaken(order: list[int], late: int) -> None:
    assert inversions(order) == late


def test_foreign_frames_are_not_records() -> None:
    assert record(seen(b"\xff" * 60)) is None
    assert record(seen(Conversation(1, SOURCE).frame(1)[:50])) is None
