"""Two agrds back to back: one link that carries everything, as it is: AG-02, AG-10, AG-17 to AG-20."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading

from agr.daemon.linux.packet import ETH_P_ALL, PACKET_VNET_HDR, SOL_PACKET
from testcases.selftest.daemon.lab import Namespace, RawPort, distributing, none_is_lost, ping
from testcases.selftest.host import wait_until

Lag = tuple[Namespace, Namespace]
BROADCAST = b"\xff" * 6
EXPERIMENTAL = b"\x88\xb5"  # IEEE 802 local experimental Ethertype


def mac(host: Namespace, interface: str = "agr0") -> bytes:
    link = host.link(interface)
    assert link is not None
    return bytes.fromhex(link["address"].replace(":", ""))


def numbered(source: Namespace, count: int) -> list[bytes]:
    """Frames of one conversation, with their number."""
    head = BROADCAST + mac(source) + EXPERIMENTAL
    return [head + struct.pack(">H", number).ljust(46, b"\0") for number in range(count)]


def numbers(frames: list[bytes]) -> list[int]:
    return [frame[15] for frame in frames if frame[12:14] == EXPERIMENTAL]


def test_ping_each_way_and_each_once(lag: Lag) -> None:
    """The first port has agr0's MAC: the host's own stack must not answer from there as well."""
    for host, address in zip(lag, ("10.0.0.2", "10.0.0.1"), strict=True):
        said = ping(host, address)
        assert none_is_lost(said)
        assert "DUP" not in said


def arp_request(sender: bytes, sender_address: str, target: str) -> bytes:
    addresses = sender + socket.inet_aton(sender_address) + bytes(6) + socket.inet_aton(target)
    return struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + addresses


def arp_replies(client: RawPort, address: str, asker: str) -> list[bytes]:
    """Those that say who has ``address`` to ``asker``; either host asks for itself when it likes."""
    told = (socket.inet_aton(address), socket.inet_aton(asker))
    return [
        frame
        for frame in client.waiting()
        if frame[12:14] == b"\x08\x06" and frame[21] == 2 and (frame[28:32], frame[38:42]) == told
    ]


def test_the_host_does_not_hear_itself(lag: Lag) -> None:
    """Behind agr0's mate is the host's own stack: it would say that agr0's address is taken."""
    a, _ = lag
    with RawPort(a, "agr0") as client:
        client.send(BROADCAST + mac(a) + b"\x08\x06" + arp_request(mac(a), "0.0.0.0", "10.0.0.1"))
        ping(a, "10.0.0.2")
        assert arp_replies(client, "10.0.0.1", "0.0.0.0") == []


def test_one_answer_to_an_arp_request(lag: Lag) -> None:
    a, b = lag
    request = arp_request(mac(b), "10.0.0.3", "10.0.0.1")
    with RawPort(b, "agr0") as client:
        for number in range(4):  # from as many addresses: both links are used
            source = bytes((2, 0, 0, 0, 9, number))
            client.send(BROADCAST + source + b"\x08\x06" + request)
        ping(b, "10.0.0.1")
        replies = arp_replies(client, "10.0.0.1", "10.0.0.3")
    assert {reply[22:28] for reply in replies} == {mac(a)}
    assert len(replies) == 4


def test_a_tcp_stream_with_default_offloads(lag: Lag) -> None:
    a, b = lag
    sent_before = {port: values["traffic"]["sent"] for port, values in a.agr0()["ports"].items()}
    block, blocks = os.urandom(1 << 20), 48
    received = hashlib.sha256()
    with b.entered():
        server = socket.create_server(("10.0.0.2", 5001))

    def take() -> None:
        connection, _ = server.accept()
        with connection:
            while octets := connection.recv(1 << 18):
                received.update(octets)

    taking = threading.Thread(target=take)
    taking.start()
    with server, a.entered(), socket.create_connection(("10.0.0.2", 5001), timeout=20) as client:
        for _ in range(blocks):
            client.sendall(block)
        client.shutdown(socket.SHUT_WR)
        taking.join(20)
    assert received.hexdigest() == hashlib.sha256(block * blocks).hexdigest()
    after = a.agr0()["ports"]
    sent = sum(values["traffic"]["sent"] - sent_before[port] for port, values in after.items())
    assert sent < blocks * len(block) // 4000, "segmentation was not left to the far end"


def test_udp_datagrams_keep_their_checksum(lag: Lag) -> None:
    """It is partial when it leaves the sender's stack; a wrong one would be dropped by the receiver's."""
    a, b = lag
    with b.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("10.0.0.2", 5002))
        receiver.settimeout(10)
        with a.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for length in (0, 1, 1000, 1472, 5000):
                content = os.urandom(length)
                sender.sendto(content, ("10.0.0.2", 5002))
                assert receiver.recv(65536) == content


def test_tagged_frames_pass_unchanged(lag: Lag) -> None:
    """AG-19; also with a priority, with two tags, and with a slow protocol's type behind the tag."""
    a, b = lag
    head = bytes.fromhex("02000000aa01") + mac(a)
    frames = [
        head + bytes.fromhex("8100 0064 0800") + os.urandom(60),
        head + bytes.fromhex("8100 e064 0800") + os.urandom(60),
        head + bytes.fromhex("88a8 0003 8100 0064 86dd") + os.urandom(90),
        head + bytes.fromhex("8100 0005 8809 01") + os.urandom(60),
        head + bytes.fromhex("0800") + os.urandom(1500),
    ]
    with RawPort(a, "agr0") as client, RawPort(b, "agr0") as other:
        for frame in frames:
            client.send(frame)
            assert other.wait_for(lambda seen: seen[:6] == head[:6], "the frame at the other end") == frame


def test_jumbo_frames(lag: Lag) -> None:
    """AG-19: as long as agr0's MTU and the ports' allow."""
    for host in lag:
        for interface in ("re0", "re1", "agr0"):
            host.run("ip", "link", "set", interface, "mtu", "9000")
    said = lag[0].run("ping", "-M", "do", "-s", "8972", "-c", "3", "-i", "0.05", "-W", "5", "10.0.0.2")
    for host in lag:
        for interface in ("agr0", "re0", "re1"):
            host.run("ip", "link", "set", interface, "mtu", "1500")
    assert "3 received" in said


def test_what_others_send_on_a_port_is_not_received(lag: Lag) -> None:
    a, b = lag
    frame = numbered(a, 1)[0]
    with RawPort(a, "agr0") as client, RawPort(b, "agr0") as other, RawPort(a, "re0") as port:
        port.send(frame)
        assert other.wait_for(lambda seen: seen[12:14] == EXPERIMENTAL, "the frame at the other end") == frame
        ping(a, "10.0.0.2")
        assert frame not in client.waiting()


def test_a_tagged_frames_partial_checksum_starts_where_it_did(lag: Lag) -> None:
    head = bytes.fromhex("02000000aa02") + mac(lag[0])
    udp = struct.pack(">HHHH", 1, 2, 8 + 32, 0) + bytes(32)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    needs_checksum = struct.pack("=BBHHHH", 1, 0, 0, 0, 14 + 4 + 20, 6)
    sockets = []
    for host in lag:
        with host.entered():
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        with host.entered():
            sock.bind(("agr0", ETH_P_ALL))
        sock.settimeout(10)
        sockets.append(sock)
    with sockets[0] as client, sockets[1] as other:
        client.send(needs_checksum + head + bytes.fromhex("8100 0064 0800") + ip + udp)
        while (seen := other.recv(2048))[10:16] != head[:6]:
            pass
    flags, start, offset = struct.unpack_from("=BxxxxxHH", seen)
    assert (flags & 1, start, offset) == (1, 14 + 20, 6), "the kernel takes the tag out again"
    assert seen[10:] == head + b"\x08\x00" + ip + udp


def test_round_robin_and_back(lag: Lag) -> None:
    """AG-10."""
    a, b = lag
    frames = numbered(a, 20)
    for link0, flags in (("link0", ["link0"]), ("-link0", [])):
        a.agrconfig("agr0", link0)
        assert a.agr0()["flags"] == flags
        with RawPort(a, "agr0") as client, RawPort(b, "re0") as re0, RawPort(b, "re1") as re1:
            for frame in frames:
                client.send(frame)
            ping(b, "10.0.0.1")
            seen = sorted((numbers(re0.waiting()), numbers(re1.waiting())))
        if link0 == "link0":
            assert seen == [list(range(0, 20, 2)), list(range(1, 20, 2))]
        else:
            assert seen == [[], list(range(20))]


def test_conversations_use_both_links(lag: Lag) -> None:
    """AG-02, FD-05."""
    a, b = lag
    with RawPort(a, "agr0") as client, RawPort(b, "re0") as re0, RawPort(b, "re1") as re1:
        for frame in numbered(a, 64):
            client.send(frame[:6] + bytes((2, 0, 0, 0, 8, frame[15])) + frame[12:])
        ping(b, "10.0.0.1")
        seen = [numbers(re0.waiting()), numbers(re1.waiting())]
    assert sorted(seen[0] + seen[1]) == list(range(64))
    assert min(map(len, seen)) >= 16


def test_a_capture_on_agr0_is_the_truth(lag: Lag) -> None:
    """AG-18: frames both ways, what bridges keep to themselves too, no LACPDU and no Marker; counters."""
    a, b = lag

    def heard() -> list[int]:
        return [port["counters"]["LACPDUsRx"] for port in a.agr0()["ports"].values()]

    def counted() -> tuple[int, int]:
        with a.entered():
            words = a.run("cat", "/proc/net/dev").split("agr0:")[1].split()
        return int(words[1]), int(words[9])

    before, first = heard(), counted()
    lldp = bytes.fromhex("0180c200000e 020000000001 88cc") + bytes(46)
    clients = [lldp, lldp[:5] + b"\x00" + lldp[6:]]
    with RawPort(a, "agr0", both_ways=True) as capture, RawPort(b, "re0") as link:
        for frame in clients:
            link.send(frame)
        link.send(lldp[:5] + b"\x02" + lldp[6:12] + b"\x88\x09\x02" + bytes(45))
        wait_until(
            lambda: all(now > then + 1 for now, then in zip(heard(), before, strict=True)), "LACPDUs pass"
        )
        ping(a, "10.0.0.2")
        frames = capture.waiting()
    assert {frame[6:12] for frame in frames if frame[12:14] == b"\x08\x00"} == {mac(a), mac(b)}
    assert [frame for frame in frames if frame[12:14] == b"\x88\x09"] == []
    assert [frame for frame in frames if frame[:3] == b"\x01\x80\xc2"] == clients
    received, sent = counted()
    assert received - first[0] >= 5
    assert sent - first[1] >= 5


def test_links_in_service_say_nothing_in_the_log(lag: Lag) -> None:
    """The log tells what changes, and not that LACPDUs are sent."""
    host = lag[0]

    def sent() -> int:
        return int(host.port("re0")["counters"]["LACPDUsTx"])

    log, first = host.log(), sent()
    wait_until(lambda: sent() >= first + 2, "two LACPDUs are sent", seconds=70)
    assert host.log() == log


def test_status_as_ifconfig_shows_it(lag: Lag) -> None:
    """AG-17."""
    a, b = lag
    lines = a.agrconfig("agr0").splitlines()
    assert lines[0] == "agr0: flags=0x8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500"
    for port in ("re0", "re1"):
        assert f"\tagrport: {port}, flags=0x3<COLLECTING,DISTRIBUTING>" in lines
    assert "\tinet 10.0.0.1/24" in lines
    assert a.agrconfig("-a") == a.agrconfig() == a.agrconfig("agr0")
    detailed = a.agrconfig("agr0", "-v")
    assert b.agr0()["system"] in detailed
    shown, partner = a.port("re0"), b.port("re0")
    assert shown["partner"]["system"] == partner["actor"]["system"]
    assert (shown["receive_state"], shown["mux_state"]) == ("CURRENT", "DISTRIBUTING")
    assert shown["counters"]["LACPDUsRx"] > 0


def test_carrier_is_up_exactly_while_a_port_distributes(lag: Lag) -> None:
    """AG-20; the last of this file, because it takes the links down."""
    a, b = lag
    b.run("ip", "link", "set", "re1", "down")
    wait_until(lambda: not a.port("re1")["link"], "re1 is down at the other end")
    assert none_is_lost(ping(a, "10.0.0.2"))
    assert a.agr0()["carrier"]
    b.run("ip", "link", "set", "re0", "down")
    wait_until(lambda: not a.agr0()["carrier"], "agr0 has no carrier")
    assert "NO-CARRIER" in (a.link("agr0") or {})["flags"]
    assert not distributing(a, "re0") and not distributing(a, "re1")
    for port in ("re0", "re1"):
        b.run("ip", "link", "set", port, "up")
    wait_until(lambda: a.agr0()["carrier"], "agr0 has carrier again")
    wait_until(lambda: distributing(a, "re0", "re1") and distributing(b, "re0", "re1"), "all as before")
    assert none_is_lost(ping(a, "10.0.0.2"))
