"""The reference's data path: addresses, VLANs, tunnels, and distribution over a port channel."""

import struct
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.switch.reference import bridge, load_balance
from fixtures.switch.reference.port_socket import PLAIN, shifted
from testcases.selftest.switch_emulated.planes import PORTS, World
from testcases.selftest.switch_emulated.test_reference_lacp import FAST, FORMED, formed

GROUP = b"\x01\x00\x5e\x00\x00\x01"
SLOW = bytes.fromhex("0180c2000002")


def station(number: int) -> bytes:
    return bytes.fromhex("0200000005") + bytes([number])


def frame(source: int, to: bytes, mark: int = 0, tag: bytes = b"") -> bytes:
    return to + station(source) + tag + bytes.fromhex("88b5") + struct.pack("!H", mark) + bytes(50)


def udp(source_port: int, mark: int = 0, tag: bytes = b"") -> bytes:
    """From station 5 to station 9, of one pair of IP addresses."""
    ip = bytes.fromhex("4500003000000000401100000a0000050a000009")
    ports = struct.pack("!HHHH", source_port, 5000, 28, 0)
    return station(9) + station(5) + tag + b"\x08\x00" + ip + ports + struct.pack("!H", mark) + bytes(18)


def test_unknown_addresses_are_flooded_and_known_ones_are_not() -> None:
    world = World()
    world.heard()
    world.offer(world.left, 5, frame(5, station(6), 1))
    assert world.heard(5, 6, 7) == {5: [], 6: [frame(5, station(6), 1)], 7: [frame(5, station(6), 1)]}
    world.offer(world.left, 6, frame(6, station(5), 2))
    assert world.heard(5, 6, 7) == {5: [frame(6, station(5), 2)], 6: [], 7: []}
    world.offer(world.left, 6, frame(7, station(6), 3))  # to where it came from
    assert world.heard(5, 6, 7) == {5: [], 6: [], 7: []}
    world.run(bridge.AGEING_TIME + 1)
    world.offer(world.left, 6, frame(6, station(5), 4))
    assert [len(frames) for frames in world.heard(5, 6, 7).values()] == [1, 0, 1]


def test_addresses_of_a_port_that_lost_its_link_are_forgotten() -> None:
    world = World()
    world.offer(world.left, 5, frame(5, GROUP))
    world.left.configure("interface gi1/0/5", "shutdown")
    world.left.configure()
    world.heard()
    world.offer(world.left, 6, frame(6, station(5)))
    assert [len(frames) for frames in world.heard(5, 7).values()] == [1, 1]


def test_more_addresses_than_there_is_room_for_are_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST_ADDRESSES", 2)
    world = World()
    for number in (1, 2, 3):
        world.offer(world.left, 5, frame(number, GROUP))
    world.heard()
    for number in (1, 3):
        world.offer(world.left, 6, frame(6, station(number)))
    assert [len(frames) for frames in world.heard(5, 7).values()] == [2, 1]


TAG_9, TAG_8 = bytes.fromhex("81006009"), bytes.fromhex("81000008")
ACCESS, TRUNK, TUNNEL = (
    ["switchport access vlan 9"],
    ["switchport mode trunk", "switchport trunk allowed vlan 1,9"],
    ["switchport access vlan 9", "switchport mode dot1q-tunnel"],
)


@pytest.mark.parametrize(
    ("inlet", "outlet", "sent", "left"),
    [
        (ACCESS, ACCESS, b"", b""),
        (ACCESS, TRUNK, b"", TAG_9[:2] + b"\x00\x09"),
        (TRUNK, ACCESS, TAG_9, b""),
        (TRUNK, TRUNK, TAG_9, TAG_9),
        (TRUNK, TRUNK, TAG_8, None),
        (TRUNK, TRUNK, b"", b""),
        (TRUNK, ACCESS, b"", None),
        (ACCESS, ACCESS, TAG_9, b""),
        (ACCESS, ACCESS, TAG_8, None),
        (ACCESS, [], b"", None),
        (TUNNEL, TUNNEL, TAG_8, TAG_8),
        (TUNNEL, TRUNK, TAG_8, TAG_9[:2] + b"\x00\x09" + TAG_8),
    ],
)
def test_vlans(inlet: list[str], outlet: list[str], sent: bytes, left: bytes | None) -> None:
    world = World()
    world.left.configure("interface gi1/0/5", *inlet, "interface gi1/0/6", *outlet)
    world.heard()
    world.offer(world.left, 5, frame(5, GROUP, 1, sent))
    assert world.heard(6) == {6: [] if left is None else [frame(5, GROUP, 1, left)]}


def test_reserved_addresses_go_nowhere_but_slow_protocols_through_a_tunnel() -> None:
    world = World()
    slow = SLOW + station(5) + bytes.fromhex("88090a") + bytes(109)
    stp = bytes.fromhex("0180c2000000") + station(5) + bytes(60)
    world.heard()
    world.offer(world.left, 5, slow, stp)
    assert not any(port.sent for port in world.left.ports.values())
    tunnel = [*TUNNEL, "l2protocol-tunnel point-to-point lacp"]
    world.left.configure("interface range gi1/0/5 - 6", *tunnel)
    world.offer(world.left, 5, slow, stp)
    assert {name: [one for _, one in port.sent] for name, port in world.left.ports.items() if port.sent} == {
        PORTS[5]: [slow]
    }


def test_a_lag_is_one_port_and_nothing_is_sent_back_to_it() -> None:
    world = formed()
    world.heard()
    world.offer(world.left, 5, frame(5, GROUP, 1))
    out = world.heard(1, 2, 3, 4, 6)
    assert sorted(len(frames) for port, frames in out.items() if port < 5) == [0, 0, 0, 1]
    assert out[6] == [frame(5, GROUP, 1)]
    world.offer(world.left, 3, frame(9, GROUP, 2))
    assert [len(frames) for frames in world.heard(1, 2, 3, 4, 5, 6).values()] == [0, 0, 0, 0, 1, 1]


def test_frames_on_a_member_that_is_not_bundled_go_nowhere() -> None:
    world = World()
    world.left.configure(*FAST)
    world.heard()
    world.offer(world.left, 1, frame(9, GROUP))
    assert [len(frames) for frames in world.heard(2, 5).values()] == [0, 0]


@pytest.mark.parametrize(
    ("method", "conversations", "links"),
    [
        ("src-mac", [udp(port) for port in range(64)], 1),
        ("src-mac", [frame(number, GROUP) for number in range(64)], 4),
        ("dst-mac", [frame(5, station(number)) for number in range(100, 164)], 4),
        ("dst-mac", [frame(number, GROUP) for number in range(64)], 1),
        ("src-dst-mac", [frame(number, GROUP) for number in range(64)], 4),
        ("src-dst-ip", [udp(port) for port in range(64)], 1),
        ("src-dst-ip", [frame(number, GROUP) for number in range(64)], 4),
        ("src-dst-port", [udp(port) for port in range(64)], 4),
        ("dst-port", [udp(port) for port in range(64)], 1),
        ("src-dst-mixed-ip-port", [udp(port, tag=TAG_9) for port in range(64)], 4),
    ],
)
def test_load_balance_spreads_what_it_tells_apart(
    method: str, conversations: list[bytes], links: int
) -> None:
    trunk = ("interface po1", "switchport mode trunk", "interface gi1/0/5", "switchport mode trunk")
    world = formed(f"port-channel load-balance {method}", *trunk)
    world.heard()
    world.offer(world.left, 5, *conversations, *conversations)
    out = world.heard(1, 2, 3, 4)
    used = Counter({port: len(frames) for port, frames in out.items() if frames})
    assert len(used) == links
    assert used.total() == 2 * len(conversations)
    for one in conversations:  # of one conversation all frames take one link
        assert sum(one in frames for frames in out.values()) == 1


def test_every_method_has_a_conversation_for_every_frame() -> None:
    for method in load_balance.METHODS:
        for one in (udp(1), frame(5, GROUP), b"\xff" * 14):
            assert load_balance.conversation(method, one) == load_balance.conversation(method, one)


@pytest.mark.parametrize(
    ("breakage", "links", "received"),
    [
        ("", [2, 3, 4], False),
        ("forwards-after-shutdown", [1, 2, 3, 4], True),
        ("sends-after-shutdown", [1, 2, 3, 4], True),
    ],
)
def test_a_member_that_is_shut(breakage: str, links: list[int], received: bool) -> None:
    world = formed(breakage=breakage)
    world.left.configure(*FAST, "interface gi1/0/1", "shutdown")
    assert world.right.plane.carrier[PORTS[0]] is (breakage == "forwards-after-shutdown")
    world.heard()
    world.offer(world.left, 5, *[frame(number, GROUP) for number in range(64)])
    out = world.heard(1, 2, 3, 4, 6)
    assert [port for port in (1, 2, 3, 4) if out[port]] == links
    world.offer(world.left, 1, frame(9, GROUP, 5))
    assert (world.heard(6)[6] == [frame(9, GROUP, 5)]) is received


@pytest.mark.parametrize("breakage", ["", "duplicates-at-failover"])
def test_failover_duplicates_nothing(breakage: str) -> None:
    world = formed(breakage=breakage)
    world.cut_wires(1)
    world.heard()
    world.offer(world.left, 5, *[frame(number, GROUP, 1) for number in range(64)])
    world.run(2.0)
    world.offer(world.left, 5, *[frame(number, GROUP, 2) for number in range(64)])
    marks = Counter(one[15] for frames in world.heard(2, 3, 4).values() for one in frames)
    assert marks == {1: 128 if breakage else 64, 2: 64}


@pytest.mark.parametrize("breakage", ["", "reordered-on-return"])
def test_order_is_kept_when_a_link_comes_back(breakage: str) -> None:
    world = formed(breakage=breakage)
    world.cut_wires(1)
    world.run(1.0)
    world.cut_wires()
    while 1 not in world.left.bundled():
        world.run(0.01)
    world.heard()
    for mark in range(50):
        world.offer(world.left, 5, *[frame(number, GROUP, mark) for number in range(16)])
        world.run(0.01)
    for number in range(16):
        marks = [one[15] for one in world.left.data(1, 2, 3, 4) if one[6:12] == station(number)]
        assert len(marks) == 50
        if not breakage:
            assert marks == sorted(marks)
    if breakage:
        assert any(
            (marks := [one[15] for one in world.left.data(1) if one[6:12] == station(number)])
            != sorted(marks)
            for number in range(16)
        )


def test_mode_on_needs_no_partner() -> None:
    world = World()
    on = ["interface range gi1/0/1 - 2", "channel-group 1 mode on"]
    world.left.configure(*on)
    assert world.left.bundled() == [1, 2]
    world.cut_wires(2)
    assert world.left.bundled() == [1]
    world.left.configure(*on, "interface po1", "port-channel min-links 2")
    world.heard()
    world.offer(world.left, 5, frame(5, GROUP))
    assert world.heard(1) == {1: []}
    world.cut_wires()
    world.run(FORMED)
    assert world.left.bundled() == [1, 2]


def test_offload_headers_move_with_a_tag() -> None:
    header = struct.pack("=BBHHHH", 1, 1, 54, 1448, 34, 16)
    assert shifted(header, 4) == struct.pack("=BBHHHH", 1, 1, 58, 1448, 38, 16)
    assert shifted(header, 0) == header
    assert shifted(PLAIN, 4) == PLAIN


GROUP_9 = GROUP + station(9)
BEGINNINGS = st.sampled_from(
    [
        *(b"", GROUP, GROUP_9 + TAG_9, GROUP_9 + b"\x08\x00E", GROUP_9 + b"\x86\xdd`"),
        *(SLOW, SLOW + station(9) + b"\x88\x09\x01", SLOW + station(9) + b"\x88\x09\x02\x01\x01\x16"),
    ]
)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 8), BEGINNINGS, st.binary(max_size=130)), max_size=20))
def test_no_octets_are_too_odd(frames: list[tuple[int, bytes, bytes]]) -> None:
    world = World()
    world.left.configure(
        "port-channel load-balance src-dst-mixed-ip-port",
        *("interface range gi1/0/1 - 2", "channel-group 1 mode active"),
        *("interface range gi1/0/3 - 4", "channel-group 2 mode on"),
        *("interface range gi1/0/5 - 6", *TUNNEL, "l2protocol-tunnel point-to-point lacp"),
        *("interface range gi1/0/7 - 8", *TRUNK),
    )
    for port, beginning, rest in frames:
        world.offer(world.left, port, beginning + rest)
    assert set(world.left.members()) == set(PORTS[:2])
