"""Frame Distribution, 43.2.4, after agr(4)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core.distribution import Distributor, conversation_hash
from testcases.selftest.core.lab import keep_on, up_lab

DA, SA = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
IPv4_A, IPv4_B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
IPv6_A, IPv6_B = bytes(15) + b"\1", bytes(15) + b"\2"
PORTS = ("re0", "re1", "re2", "re3")


def ipv4(a: bytes = IPv4_A, b: bytes = IPv4_B, fragment: int = 0, payload: bytes = bytes(20)) -> bytes:
    return (
        b"\x08\x00\x45\x00"
        + (20 + len(payload)).to_bytes(2, "big")
        + b"\x12\x34"
        + fragment.to_bytes(2, "big")
        + b"\x40\x11\x00\x00"
        + a
        + b
        + payload
    )


def ipv6(a: bytes = IPv6_A, b: bytes = IPv6_B, payload: bytes = bytes(20)) -> bytes:
    return b"\x86\xdd\x60\x00\x00\x00" + len(payload).to_bytes(2, "big") + b"\x11\x40" + a + b + payload


def tag(tci: int, kind: int = 0x8100) -> bytes:
    return kind.to_bytes(2, "big") + tci.to_bytes(2, "big")


def test_fields_that_count() -> None:
    frames = [
        DA + SA + ipv4(),
        SA + DA + ipv4(),
        DA + SA + ipv4(a=IPv4_B, b=IPv4_A),
        DA + SA + ipv4(b=bytes((10, 0, 0, 3))),
        DA + SA + ipv6(),
        DA + SA + ipv6(a=IPv6_B, b=IPv6_A),
        DA + SA + tag(5) + ipv4(),
        DA + SA + tag(6) + ipv4(),
        DA + SA + tag(5 | 3 << 13) + ipv4(),
        DA + SA + tag(7, 0x88A8) + tag(5) + ipv4(),
        DA + SA + tag(7, 0x88A8) + tag(5) + ipv4(a=IPv4_B),
        DA + SA + b"\x08\x06" + bytes(46),
    ]
    assert len({conversation_hash(frame) for frame in frames}) == len(frames)


def test_fields_that_do_not_count() -> None:
    """Layer 4, fragments, TTL, the inner tag's TCI: a conversation stays on one link."""
    assert conversation_hash(DA + SA + ipv4()) == conversation_hash(DA + SA + ipv4(payload=bytes(range(40))))
    assert conversation_hash(DA + SA + ipv6()) == conversation_hash(DA + SA + ipv6(payload=bytes(range(40))))
    fragments = [DA + SA + ipv4(fragment=f, payload=bytes((f & 0xFF,)) * 24) for f in (0x2000, 0x2003, 6)]
    assert len({conversation_hash(frame) for frame in fragments}) == 1
    inner = [DA + SA + tag(7, 0x88A8) + tag(tci) + ipv4() for tci in (5, 6)]
    assert conversation_hash(inner[0]) == conversation_hash(inner[1])


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_octets_are_accepted_in_any_buffer(frame: bytes) -> None:
    value = conversation_hash(frame)
    assert 0 <= value < 1 << 32
    assert conversation_hash(memoryview(frame)) == value


@settings(deadline=None)
@given(st.binary(min_size=62, max_size=200))
def test_the_first_62_octets_suffice(frame: bytes) -> None:
    assert conversation_hash(frame[:62]) == conversation_hash(frame)


def varied(field: str, flow: int) -> bytes:
    """A frame that differs from the others in the low bits of one field only."""
    low = flow.to_bytes(2, "big")
    return {
        "DA": DA[:4] + low + SA + ipv4(),
        "SA": DA + SA[:4] + low + ipv4(),
        "vendor": low + DA[2:] + SA + ipv4(),
        "TCI": DA + SA + tag(flow) + ipv4(),
        "IPv4 source": DA + SA + ipv4(a=IPv4_A[:2] + low),
        "IPv4 destination": DA + SA + ipv4(b=IPv4_B[:2] + low),
        "IPv6 source": DA + SA + ipv6(a=IPv6_A[:14] + low),
        "IPv6 destination": DA + SA + ipv6(b=IPv6_B[:14] + low),
        "both addresses": DA + SA + ipv4(a=IPv4_A[:2] + low, b=IPv4_B[:2] + low),
    }[field]


FIELDS = [
    "DA",
    "SA",
    "vendor",
    "TCI",
    "IPv4 source",
    "IPv4 destination",
    "IPv6 source",
    "IPv6 destination",
    "both addresses",
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("ports", [2, 3, 4, 8])
@pytest.mark.parametrize("step", [1, 2, 4, 16])
def test_spread_when_one_field_varies(field: str, ports: int, step: int) -> None:
    distributor = Distributor()
    distributor.set_ports(f"re{n}" for n in range(ports))
    flows = 1024
    share = Counter(distributor.choose(varied(field, flow * step)) for flow in range(flows))
    assert len(share) == ports
    assert min(share.values()) > 0.75 * flows / ports
    assert max(share.values()) < 1.3 * flows / ports


@pytest.mark.parametrize("field", FIELDS)
def test_one_bit_moves_half_of_the_hash(field: str) -> None:
    flips = [
        (
            conversation_hash(varied(field, flow)) ^ conversation_hash(varied(field, flow ^ 1 << bit))
        ).bit_count()
        for flow in range(64)
        for bit in range(12)
    ]
    assert 15.0 < sum(flips) / len(flips) < 17.0
    assert min(flips) >= 4


def test_a_conversation_keeps_its_port() -> None:
    distributor = Distributor()
    distributor.set_ports(PORTS)
    assert len({distributor.choose(DA + SA + ipv4()) for _ in range(100)}) == 1


def test_ports_are_sorted_so_the_order_of_arrival_does_not_count() -> None:
    one, other = Distributor(), Distributor()
    one.set_ports(PORTS)
    other.set_ports(reversed(PORTS))
    frames = [varied("SA", flow) for flow in range(200)]
    assert [one.choose(f) for f in frames] == [other.choose(f) for f in frames]


def test_no_port_no_frame() -> None:
    assert Distributor().choose(DA + SA + ipv4()) is None
    assert Distributor("round-robin").choose(DA + SA + ipv4()) is None


def test_round_robin_alternates_also_over_changes() -> None:
    distributor = Distributor("round-robin")
    distributor.set_ports(PORTS)
    frame = DA + SA + ipv4()
    assert Counter(distributor.choose(frame) for _ in range(8)) == dict.fromkeys(PORTS, 2)
    distributor.set_ports(("re1", "re3"))
    chosen = [distributor.choose(frame) for _ in range(6)]
    assert all(first != second for first, second in pairwise(chosen))


def test_the_core_keeps_the_distributing_ports_and_the_mode() -> None:
    lab = up_lab(2)
    distributor = lab.system.distributor("agr0")
    assert (distributor.ports, distributor.mode) == (("re0", "re1"), "hash")
    lab.set("link0", "on")
    lab.link("re0", False)
    assert (distributor.ports, distributor.mode) == (("re1",), "round-robin")
    lab.link("re0", True)
    keep_on(lab, 1.0)
    lab.remove("re1")
    assert distributor.ports == ("re0",)
