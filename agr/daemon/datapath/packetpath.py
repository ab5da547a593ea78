"""The data path in Python: packet sockets on agr0's mate and on the ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from agr.core.constants import Slow_Protocols_Multicast, Slow_Protocols_Type
from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath.datapath import ClientTraffic, DataPath, PortTraffic
from agr.daemon.datapath.framesocket import FrameSocket
from agr.daemon.datapath.heldframes import HeldFrames
from agr.daemon.linux.packet import CLIENT_GETS, EVERYTHING, NOTHING
from agr.daemon.linux.virtionet import ADDRESSES_END, NO_OFFLOADS
from agr.daemon.linux.virtionet import VNET_OCTETS as _VNET_OCTETS

# Frames of one socket in one turn of the event loop; between turns the control frames have their say.
FRAMES_A_TURN = 64
# Frames of one port that may have come before a control frame: more than its queue holds.
_ALL_THAT_WAITS = 1 << 16
# Held frames of one port that are sent in one turn: more than can arrive in it, or they would never be gone.
RELEASED_A_TURN = 4 * FRAMES_A_TURN

_HASHED_END = _VNET_OCTETS + 64  # all that the hash takes in ends before
_SLOW_TYPE = Slow_Protocols_Type.to_bytes(2, "big")


def _is_slow(frame: memoryview) -> bool:
    """Whether a frame behind its header is of the slow protocols (43B): by address and type, so untagged."""
    return (
        frame[_VNET_OCTETS : _VNET_OCTETS + 6] == Slow_Protocols_Multicast
        and frame[ADDRESSES_END : ADDRESSES_END + 2] == _SLOW_TYPE
    )


class _Port:
    """``releasing`` are the buckets, in order, whose held frames are being sent on this port."""

    def __init__(self, interface: str) -> None:
        self.socket = FrameSocket(interface, NOTHING)
        self.collecting = False
        self.traffic = PortTraffic()
        self.releasing: dict[int, None] = {}
        self.waits = False  # for room in the interface's queue


class PacketPath(DataPath):
    """See `DataPath`. ``mate`` is the other end of agr0's veth pair.

    ``control_first`` is called before each turn of data: control frames never wait.
    """

    name = "python"

    def __init__(self, loop: asyncio.AbstractEventLoop, mate: str, control_first: Callable[[], None]) -> None:
        self._loop = loop
        self._control_first = control_first
        self._ports: dict[str, _Port] = {}
        self._table: list[_Port | None] = [None] * BUCKETS
        self._turns: tuple[_Port, ...] | None = None
        self._turn = 0
        self._held = HeldFrames()
        self._traffic = ClientTraffic()
        self._client = FrameSocket(mate, EVERYTHING)
        loop.add_reader(self._client, self._distribute)

    def attach(self, port: str | None = None) -> None:
        """There is nothing to do: the sockets have been open since they were made."""

    def add_port(self, port: str) -> None:
        member = _Port(port)
        self._ports[port] = member
        self._loop.add_reader(member.socket, self._collect, member)

    def remove_port(self, port: str) -> None:
        member = self._ports.pop(port)
        self.assign(list(member.releasing), None)
        self._table = [None if owner is member else owner for owner in self._table]
        if self._turns is not None:
            self._turns = tuple(turn for turn in self._turns if turn is not member)
        self._wait(member, False)
        self._loop.remove_reader(member.socket)
        member.socket.close()

    def expect(self, port: str, on: bool) -> None:
        self._ports[port].socket.accept(CLIENT_GETS if on else NOTHING)

    def keep(self, port: str) -> None:
        self._loop.remove_reader(self._ports[port].socket)

    def deliver(self, port: str) -> None:
        member = self._ports.get(port)
        if member is not None and member.collecting:
            self._take_in(member, _ALL_THAT_WAITS)

    def set_collecting(self, port: str, on: bool) -> None:
        """Frames that came before the LACPDU which ended Collecting are still delivered."""
        self.deliver(port)
        member = self._ports[port]
        member.collecting = on
        self._loop.add_reader(member.socket, self._collect, member)

    def assign(self, buckets: Sequence[int], port: str | None) -> None:
        member = self._ports.get(port) if port is not None else None
        self._stop_release(buckets)
        for bucket in buckets:
            self._table[bucket] = member
            if bucket not in self._held.queues:
                continue
            if member is not None:
                member.releasing[bucket] = None
            else:
                dropped = self._held.forget(bucket)
                self._traffic.released += dropped
                self._traffic.undistributed += dropped
        if member is not None and member.releasing:
            self._release(member)

    def hold(self, buckets: Sequence[int], done: Callable[[], None]) -> None:
        self._stop_release(buckets)
        self._held.hold(buckets)
        self._loop.call_soon(done)

    def _stop_release(self, buckets: Sequence[int]) -> None:
        """Send no more held frames of ``buckets`` on the port that they have now."""
        for bucket in buckets:
            owner = self._table[bucket]
            if owner is not None:
                owner.releasing.pop(bucket, None)

    def round_robin(self, ports: Sequence[str] | None) -> None:
        known = None if ports is None else [self._ports.get(port) for port in ports]
        self._turns = None if known is None else tuple(port for port in known if port is not None)

    def send_behind_data(self, port: str, frame: bytes) -> None:
        self._ports[port].socket.write(NO_OFFLOADS + frame)

    def port_traffic(self, port: str) -> PortTraffic:
        member = self._ports[port]
        member.traffic.overrun += member.socket.take_drops()
        return member.traffic

    def client_traffic(self) -> ClientTraffic:
        self._traffic.overrun += self._client.take_drops()
        return self._traffic

    def close(self) -> None:
        for port in list(self._ports):
            self.remove_port(port)
        self._loop.remove_reader(self._client)
        self._client.close()

    def _distribute(self) -> None:
        """Frame Distribution (43.2.4): from agr0 to the port that its conversation is assigned to."""
        self._control_first()
        for _ in range(FRAMES_A_TURN):
            frame = self._client.receive()
            if frame is None:
                return
            if _is_slow(frame):
                self._traffic.refused += 1
                continue
            if self._turns is not None:
                self._send(self._next_turn(self._turns), frame)
                continue
            bucket = bucket_of(bytes(frame[_VNET_OCTETS:_HASHED_END]))
            if bucket in self._held.queues:
                self._hold(bucket, frame)
            else:
                self._send(self._table[bucket], frame)

    def _next_turn(self, ports: tuple[_Port, ...]) -> _Port | None:
        self._turn += 1
        return ports[self._turn % len(ports)] if ports else None

    def _send(self, member: _Port | None, frame: memoryview) -> None:
        if member is None:
            self._traffic.undistributed += 1
        elif member.socket.send(frame):
            member.traffic.sent += 1
        else:
            member.traffic.unsent += 1

    def _hold(self, bucket: int, frame: memoryview) -> None:
        if self._held.put(bucket, bytes(frame)):
            self._traffic.held += 1
        else:
            self._traffic.held_overrun += 1

    def _release(self, member: _Port) -> None:
        """Send RELEASED_A_TURN held frames, or as many as the interface takes; the rest in later turns."""
        room = RELEASED_A_TURN
        while member.releasing and room:
            bucket = next(iter(member.releasing))
            frame = self._held.first(bucket)
            if frame is None:
                del member.releasing[bucket]
                continue
            try:
                member.socket.write(frame)
            except BlockingIOError:
                break
            except OSError:
                member.traffic.unsent += 1
            else:
                member.traffic.sent += 1
            self._held.drop_first(bucket)
            self._traffic.released += 1
            room -= 1
        self._wait(member, bool(member.releasing))

    def _wait(self, member: _Port, on: bool) -> None:
        """Call `_release` again when the interface takes more frames, or (off) do not."""
        if member.waits is on:
            return
        member.waits = on
        if on:
            self._loop.add_writer(member.socket, self._release_more, member)
        else:
            self._loop.remove_writer(member.socket)

    def _release_more(self, member: _Port) -> None:
        self._control_first()
        if member.waits:  # a control frame may have ended that
            self._release(member)

    def _collect(self, member: _Port) -> None:
        """Frame Collection (43.2.3): from a port to agr0, while Collecting."""
        self._control_first()
        self._take_in(member, FRAMES_A_TURN)

    def _take_in(self, member: _Port, most: int) -> None:
        for _ in range(most):
            frame = member.socket.receive()
            if frame is None:
                return
            if not member.collecting:
                member.traffic.discarded += 1
            elif self._client.send(frame):
                member.traffic.received += 1
            else:
                member.traffic.undelivered += 1
