"""Frame Distribution, 43.2.4, after agr(4)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agr.core.distribution import BUCKETS, Table, bucket_of, conversation_hash, spread
from testcases.selftest.core.lab import keep_on, up_lab

DA, SA = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
IPv4_A, IPv4_B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
IPv6_A, IPv6_B = bytes(15) + b"\1", bytes(15) + b"\2"
PORTS = ("re0", "re1", "re2", "re3")
NOBODY: Table = [None] * BUCKETS


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
    third = [DA + SA + tag(7, 0x88A8) + tag(5) + tag(4) + ipv4(a=a) for a in (IPv4_A, IPv4_B)]
    assert conversation_hash(third[0]) == conversation_hash(third[1])


@given(st.binary(min_size=14, max_size=80))
def test_any_octets_are_accepted_in_any_buffer(frame: bytes) -> None:
    value = conversation_hash(frame)
    assert 0 <= value < 1 << 32
    assert bucket_of(memoryview(frame)) == value % BUCKETS


@given(st.binary(min_size=62, max_size=200))
def test_the_first_62_octets_suffice(frame: bytes) -> None:
    assert conversation_hash(frame[:62]) == conversation_hash(frame)


def test_values_that_the_other_data_path_computes_too() -> None:
    """One word of 1, then six of 0 (the rest of DA and SA, TCI, the end); and what both gave at first."""
    value = 0x9E3779B1
    value ^= value >> 15
    for _ in range(6):
        value = value * 0x9E3779B1 & 0xFFFFFFFF
        value ^= value >> 15
    assert conversation_hash(b"\1" + bytes(13)) == value
    assert [
        bucket_of(frame)
        for frame in (DA + SA + ipv4(), DA + SA + ipv6(), DA + SA + tag(5, 0x88A8) + tag(6) + ipv6())
    ] == [229, 610, 838]


def test_headers_that_are_cut_short() -> None:
    """A tag counts with the type behind it, an IP header when it is whole."""
    whole = DA + SA + tag(5) + ipv4(payload=b"")
    assert conversation_hash(whole[:-1]) == conversation_hash(whole[:20])
    assert conversation_hash(whole[:18]) == conversation_hash(whole[:20])
    neither = DA + SA + b"\0\0"
    assert conversation_hash(whole[:17]) == conversation_hash(neither)
    assert conversation_hash(whole) != conversation_hash(whole[:18]) != conversation_hash(neither)
    six = DA + SA + ipv6(payload=b"")
    assert conversation_hash(six[:-1]) == conversation_hash(neither) != conversation_hash(six)


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


def distributing(*ports: str) -> Table:
    return spread(NOBODY, ports, NOBODY)


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
    table = distributing(*(f"re{n}" for n in range(ports)))
    flows = 1024
    share = Counter(table[bucket_of(varied(field, flow * step))] for flow in range(flows))
    assert len(share) == ports
    assert min(share.values()) > 0.75 * flows / ports
    assert max(share.values()) < 1.3 * flows / ports


@pytest.mark.parametrize("field", FIELDS)
def test_one_bit_moves_half_of_the_bucket(field: str) -> None:
    flips = [
        (bucket_of(varied(field, flow)) ^ bucket_of(varied(field, flow ^ 1 << bit))).bit_count()
        for flow in range(64)
        for bit in range(12)
    ]
    assert 4.5 < sum(flips) / len(flips) < 5.5


def test_ports_take_turns() -> None:
    """Buckets that are one apart, as like conversations may have, leave on different ports."""
    assert distributing(*PORTS) == [*PORTS] * (BUCKETS // len(PORTS))


def test_the_order_of_arrival_does_not_count() -> None:
    assert distributing(*PORTS) == distributing(*reversed(PORTS))


sets_of_ports = st.lists(st.sets(st.sampled_from([f"re{n}" for n in range(9)])), min_size=1, max_size=12)


@given(sets_of_ports)
def test_shares_are_even_and_as_few_as_possible_move(history: list[set[str]]) -> None:
    table = former = NOBODY
    for ports in history:
        before, table = table, spread(table, ports, former)
        former = before
        shares = Counter(table)
        if not ports:
            assert shares == {None: BUCKETS}
            continue
        assert set(shares) == ports
        assert max(shares.values()) - min(shares.values()) <= 1
        moved = sum(old != new for old, new in zip(before, table, strict=True))
        had = Counter(before)
        assert moved == sum(max(0, shares[port] - had[port]) for port in ports)
        assert spread(table, ports, before) == table


def test_a_port_that_comes_back_gets_its_buckets_back() -> None:
    table = spread(NOBODY, PORTS, NOBODY)
    without = spread(table, PORTS[1:], NOBODY)
    assert spread(without, PORTS, table) == table
    assert spread(spread(without, [], table), PORTS[::-1], table) == table


def table_of(**shares: int) -> Table:
    """Ports with so many buckets each, in turn."""
    return [port for port, share in shares.items() for _ in range(share)]


def test_who_has_most_keeps_what_is_left_over() -> None:
    """Three ports do not divide the buckets: the one more is where it was, whatever the ports are called."""
    for most in PORTS[:3]:
        table = table_of(**{port: BUCKETS // 3 + (port == most) for port in PORTS[:3]})
        assert spread(table, PORTS[:3], NOBODY) == table


def test_a_port_that_has_its_share_gets_no_more_back() -> None:
    shares = {"re0": 341, "re1": 341, "re2": 342}
    table = table_of(re1=683, re2=341)  # re0 comes back
    former: Table = ["re2"] * BUCKETS
    result = spread(table, shares, former)
    assert Counter(result) == {"re0": 341, "re1": 342, "re2": 341}
    assert sum(old != new for old, new in zip(table, result, strict=True)) == 341


def test_turns_pass_by_a_port_that_has_its_share() -> None:
    table: Table = [*table_of(re0=500), *[None] * (BUCKETS - 500)]
    assert Counter(spread(table, PORTS[:2], NOBODY)) == {"re0": 512, "re1": 512}


def test_the_core_keeps_the_distributing_ports_and_the_mode() -> None:
    lab = up_lab(2)
    distributor = lab.system.distributor("agr0")
    assert (distributor.ports, distributor.round_robin) == (("re0", "re1"), None)
    lab.set("link0", "on")
    lab.link("re0", False)
    assert distributor.ports == distributor.round_robin == ("re1",)
    lab.link("re0", True)
    keep_on(lab, 1.0)
    lab.remove("re1")
    assert distributor.ports == ("re0",)
    assert set(distributor.table) == {"re0"}
