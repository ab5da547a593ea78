"""Frames of one conversation are what they are said to be, and differ where another has its ports."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import LLC, Dot1AD, Dot1Q, Ether
from scapy.packet import Packet

from harness.case import conversations, record
from harness.pdu import Frame
from harness.reference import hashes
from testcases.conformance.fd.kinds import KINDS, TAGS, frames

(FLOW,) = conversations(1, "02:00:5e:00:53:10")
COUNT = 6


def made(kind: str, tag: str = "no tag") -> list[bytes]:
    return list(frames(FLOW, kind, tag, COUNT))


def dissected(kind: str) -> list[Packet]:
    return [Ether(octets) for octets in made(kind)]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_tells_which_it_is_and_no_two_are_alike(kind: str, tag: str) -> None:
    told = [record(Frame(1.0, octets, False, "w")) for octets in made(kind, tag)]
    assert told == [(FLOW.number, number) for number in range(COUNT)]
    assert all(60 <= len(octets) <= 1518 for octets in made(kind, tag))
    headers = {hashes.headers(octets)[:3] for octets in made(kind, tag)}
    assert len(headers) == (COUNT if kind == "LLC" else 1)


def test_tags_are_those_of_the_standard() -> None:
    octets = Ether(made("fragments of UDP in IPv4", "two tags")[0])
    assert (octets[Dot1AD].vlan, octets[Dot1Q].vlan, octets[IP].proto) == (200, 100, 17)
    assert Ether(made("LLC", "a tag")[0])[Dot1Q].vlan == 100


@pytest.mark.parametrize("transport", [UDP, TCP])
def test_the_first_fragment_alone_has_ports(transport: type[Packet]) -> None:
    found = dissected(f"fragments of {transport.__name__} in IPv4")
    assert [transport in frame for frame in found] == [True, False, False] * 2
    assert [(str(frame[IP].flags), frame[IP].frag) for frame in found[:3]] == [("MF", 0), ("MF", 8), ("", 16)]
    assert [frame[IP].id for frame in found] == [1, 1, 1, 2, 2, 2]
    assert len({bytes(frame[IP].payload)[:4] for frame in found[1:3]}) == 2


def test_fragments_of_ipv6() -> None:
    found = dissected("fragments of UDP in IPv6")
    told = [(frame[IPv6ExtHdrFragment].nh, frame[IPv6ExtHdrFragment].m, frame[IPv6ExtHdrFragment].offset)
            for frame in found[:3]]  # fmt: skip
    assert told == [(17, 1, 0), (17, 1, 8), (17, 0, 16)]


def test_options_stand_before_the_ports() -> None:
    found = dissected("IPv4 with options")
    assert {frame[IP].ihl for frame in found} == {6, 7, 8}
    assert len({frame[UDP].sport for frame in found}) == 1


def test_an_extension_header_stands_before_the_ports() -> None:
    found = dissected("IPv6 with an extension header")
    assert {frame[IPv6].nh for frame in found} == {0}
    assert {frame[IPv6ExtHdrHopByHop].nh for frame in found} == {17}
    assert len({frame[UDP].sport for frame in found}) == 1


def test_a_short_packet_has_an_ip_header_and_padding() -> None:
    assert {frame[IP].len for frame in dissected("short IPv4")} == {20}


def test_llc_has_a_length() -> None:
    lengths = [int.from_bytes(octets[12:14], "big") for octets in made("LLC")]
    assert len(set(lengths)) == COUNT
    assert max(lengths) < hashes.LOWEST_TYPE
    assert all(14 + length <= len(octets) for length, octets in zip(lengths, made("LLC"), strict=True))
    assert LLC(made("LLC")[0][14:]).dsap == 0xAA


@pytest.mark.parametrize(
    "way", [hashes.crc, hashes.add, hashes.xor, hashes.layer2, hashes.layer2_3, hashes.layer3_4]
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_hash_of_another_device_splits_them(kind: str, way: object) -> None:
    assert callable(way)
    assert len({way(octets) for octets in made(kind)}) == 1
