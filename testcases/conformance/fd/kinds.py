"""Frames of one conversation that differ in all that is not the conversation's own, of many kinds.

Behind the addresses, where a UDP or TCP header would be in a plain frame, there is something else in each:
the data of a later fragment, an option, padding. Who takes that for ports puts them on several links.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scapy.layers.inet import IP, TCP, UDP, IPOption
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, PadN
from scapy.packet import Packet, Raw

from harness.case import Conversation
from harness.case.traffic import label
from harness.traffic.mix import Drawn, drawn

SHORTEST = 60
"""Octets without FCS."""

IPV4, IPV6, EXPERIMENTAL = (octets.to_bytes(2, "big") for octets in (0x0800, 0x86DD, 0x88B5))
NEITHER_UDP_NOR_TCP = 253
"""A protocol for experiments (RFC 3692)."""

NO_NEXT_HEADER = 59
"""RFC 8200, 4.7."""

SNAP = bytes.fromhex("aaaa03 00005e")
"""LLC and an organization's number."""

TAGS: dict[str, bytes] = {
    "no tag": b"",
    "a tag": bytes.fromhex("8100 0064"),
    "two tags": bytes.fromhex("88a8 00c8 8100 0064"),
}


@dataclass(frozen=True)
class Draw:
    """A frame of a conversation: what is drawn for that, its `number`, any `octets`, and its `label`."""

    addresses: Drawn
    number: int
    octets: bytes
    label: bytes

    @property
    def ipv4(self) -> dict[str, str]:
        """The addresses of an IPv4 header."""
        return {
            "src": "198.18.{}.{}".format(*self.addresses.source),
            "dst": "198.19.{}.{}".format(*self.addresses.destination),
        }

    @property
    def ipv6(self) -> dict[str, str]:
        """Those of an IPv6 header."""
        return {
            "src": f"2001:db8::{self.addresses.source.hex()}",
            "dst": f"2001:db8:ffff::{self.addresses.destination.hex()}",
        }

    @property
    def ports(self) -> dict[str, int]:
        """Those of UDP or TCP."""
        return dict(zip(("sport", "dport"), self.addresses.ports, strict=True))

    @property
    def first(self) -> bool:
        """Whether it is the first fragment of three."""
        return self.number % 3 == 0

    @property
    def fragment(self) -> dict[str, int]:
        """Which datagram, and its place in it in units of 8 octets."""
        return {"id": 1 + self.number // 3, "place": self.number % 3 * 8}

    @property
    def data(self) -> Raw:
        """64 octets, as a fragment in the middle has; any ones, and the label among them."""
        return Raw((self.octets[:4] + self.label).ljust(64, b"\0"))


def fragment(draw: Draw, transport: Packet, protocol: int) -> bytes:
    """Of a datagram in IPv4: the header of the transport is in the first one alone."""
    told = draw.fragment
    more = "MF" if draw.number % 3 < 2 else 0
    header = IP(**draw.ipv4, id=told["id"], flags=more, frag=told["place"], proto=protocol)
    return IPV4 + bytes(header / transport / draw.data if draw.first else header / draw.data)


def fragment6(draw: Draw) -> bytes:
    """The same of a datagram in IPv6."""
    told = draw.fragment
    more = int(draw.number % 3 < 2)
    header = IPv6(**draw.ipv6) / IPv6ExtHdrFragment(nh=17, offset=told["place"], m=more, id=told["id"])
    return IPV6 + bytes(header / UDP(**draw.ports) / draw.data if draw.first else header / draw.data)


def options(draw: Draw) -> bytes:
    """IPv4 options of some length and content."""
    length = 4 * (1 + draw.number % 3)
    option = IPOption(bytes([0x9E, length]) + draw.octets[: length - 2])  # an experiment's (RFC 4727)
    return IPV4 + bytes(IP(**draw.ipv4, options=[option]) / UDP(**draw.ports, chksum=0) / draw.data)


def extension(draw: Draw) -> bytes:
    """A header between IPv6 and UDP, of some length and content."""
    header = IPv6ExtHdrHopByHop(nh=17, options=[PadN(optdata=draw.octets[: 4 + 8 * (draw.number % 3 == 2)])])
    return IPV6 + bytes(IPv6(**draw.ipv6) / header / UDP(**draw.ports) / draw.data)


def short(draw: Draw) -> bytes:
    """An IPv4 header and nothing in it: what follows pads the frame."""
    return IPV4 + bytes(IP(**draw.ipv4, proto=NEITHER_UDP_NOR_TCP)) + bytes(draw.data)


def short6(draw: Draw) -> bytes:
    """The same in IPv6."""
    return IPV6 + bytes(IPv6(**draw.ipv6, nh=NO_NEXT_HEADER)) + bytes(draw.data)


def not_ip(draw: Draw) -> bytes:
    """Another type, and any octets where IP has its addresses."""
    return EXPERIMENTAL + draw.octets + draw.label


def llc(draw: Draw) -> bytes:
    """A length in place of the type, and LLC; each is of another length."""
    octets = SNAP + draw.octets + draw.label + bytes(draw.number)
    return len(octets).to_bytes(2, "big") + octets


KINDS: dict[str, Callable[[Draw], bytes]] = {
    "fragments of UDP in IPv4": lambda draw: fragment(draw, UDP(**draw.ports, chksum=0), 17),
    "fragments of TCP in IPv4": lambda draw: fragment(draw, TCP(**draw.ports), 6),
    "fragments of UDP in IPv6": fragment6,
    "IPv4 with options": options,
    "IPv6 with an extension header": extension,
    "short IPv4": short,
    "short IPv6": short6,
    "another type": not_ip,
    "LLC": llc,
}
"""A frame of a conversation behind its MAC addresses and tags."""


def cut(frame: bytes, tag: str) -> bytes:
    """A frame of a short kind that ends where its IP header ends; a MAC pads it to SHORTEST."""
    packet = 12 + len(TAGS[tag]) + 2
    return frame[: packet + (20 if frame[packet - 2 : packet] == IPV4 else 40)]


def frames(flow: Conversation, kind: str, tag: str, count: int) -> Sequence[bytes]:
    """``count`` frames of a conversation, of this kind and with these tags."""
    chance = random.Random(flow.number)
    addresses = bytes.fromhex((flow.destination + flow.source).replace(":", ""))
    made = []
    for number in range(count):
        draw = Draw(drawn(flow.number), number, chance.randbytes(24), label(flow.number, number))
        made.append((addresses + TAGS[tag] + KINDS[kind](draw)).ljust(SHORTEST, b"\0"))
    return made
