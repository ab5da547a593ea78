"""The data path in the kernel: eBPF programs on agr0's mate and on the ports; agrd sees held frames only."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import platform
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from agr.daemon.bpf.heldframes import BATCH, Frame, HeldSocket, SendingSocket, copied, located
from agr.daemon.bpf.kernel import OBJECT, KernelPath
from agr.daemon.client import ClientDevice
from agr.daemon.datapath import HELD_OCTETS, ClientTraffic, DataPath, PortTraffic

log = logging.getLogger("agrd")

_libc = ctypes.CDLL(None, use_errno=True)
_MEMBARRIER_GLOBAL = 1
_MEMBARRIER = {"x86_64": 324, "ppc64le": 365, "s390x": 356}.get(platform.machine(), 283)

# Held frames of one turn of the event loop.
_BATCHES_A_TURN, _BATCHES_A_DRAIN = 4, 64
# After this long without a word of agrd the programs hold nothing any more: it has died.
_DEADLINE_NS = 5_000_000_000
# A conversation whose held frames cannot be sent as fast as more of them come loses what is held by then.
_RELEASE_SECONDS = 1.0


def wait_for_programs() -> None:
    """Return when no program runs any more that was running at the call.

    MEMBARRIER_CMD_GLOBAL is the kernel's synchronize_rcu(). A program and what follows at once, its frame's
    way into the queue of the port, are one RCU read-side critical section: a turn of the softirq that takes
    frames out of the mate's receive queue. So what was on its way then has been handed to its port, and all
    that comes later goes by what the maps say now. Takes some 10 ms: not for the event loop.
    """
    _libc.syscall(_MEMBARRIER, _MEMBARRIER_GLOBAL, 0, 0)


class _Port:
    def __init__(self, index: int) -> None:
        self.index = index
        self.sent = 0  # after it was held
        self.unsent = 0


class BpfPath(DataPath):
    """See `DataPath`. ``control_first`` is called before each turn of held frames: control frames never wait.

    With ``adopt`` it goes on with what an earlier agrd left: assignments, counters, and of its ports those
    that are added again. Raises Unavailable, and OSError where packet sockets cannot be had.
    """

    name = "bpf"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        device: ClientDevice,
        control_first: Callable[[], None],
        *,
        adopt: bool = False,
        object_file: Path = OBJECT,
        tcx: bool = True,
    ) -> None:
        self._loop = loop
        self._mate = device.mate
        self._control_first = control_first
        self._sending = SendingSocket()
        try:
            self._kernel = KernelPath(
                socket.if_nametoindex(device.mate), adopt=adopt, object_file=object_file, tcx=tcx
            )
        except Exception:
            self._sending.close()
            raise
        self._ports: dict[str, _Port] = {}
        self._turns: Sequence[str] | None = None
        self._undistributed = 0  # of those that were held
        self._overrun = self._kernel.forget_held() if adopt else 0
        self._socket: HeldSocket | None = None
        self._held: set[int] = set()
        self._releasing: dict[int, _Port | None] = {}
        self._stashed: dict[int, list[bytearray]] = {}
        self._stashed_octets = 0
        self._ending: asyncio.Task[None] | None = None
        self._give_up = 0.0

    @classmethod
    def adopt(
        cls, loop: asyncio.AbstractEventLoop, device: ClientDevice, control_first: Callable[[], None]
    ) -> BpfPath:
        """Go on with the path that an earlier agrd left. Raises Unavailable where none is there."""
        return cls(loop, device, control_first, adopt=True)

    def add_port(self, port: str) -> None:
        member = _Port(socket.if_nametoindex(port))
        self._kernel.add_port(member.index)
        self._ports[port] = member

    def remove_port(self, port: str) -> None:
        member = self._ports.pop(port)
        self._kernel.forget_port(member.index)
        for bucket, towards in self._releasing.items():
            if towards is member:
                self._releasing[bucket] = None
        if self._turns is not None:
            self.round_robin(self._turns)
        self._kernel.remove_port(member.index)

    def expect(self, port: str, on: bool) -> None:
        """Nothing to do: a frame has its verdict as it comes, there is no queue in which it could wait."""

    def set_collecting(self, port: str, on: bool) -> None:
        self._kernel.set_collecting(self._ports[port].index, on)

    def assign(self, buckets: Sequence[int], port: str | None) -> None:
        member = self._ports.get(port) if port is not None else None
        index = None if member is None else member.index
        moving = [bucket for bucket in buckets if bucket in self._held or bucket in self._releasing]
        for bucket in moving:
            self._kernel.buckets[bucket].deadline = _deadline()
            self._releasing[bucket] = member
        self._held.difference_update(moving)
        for bucket in buckets:
            self._kernel.assign(bucket, index)
        if moving:
            self._start_releasing(moving)

    def hold(self, buckets: Sequence[int], done: Callable[[], None]) -> None:
        try:
            if self._socket is None:
                self._socket = HeldSocket(self._mate, self._kernel.magic)
        except OSError as error:
            log.warning("%s: no frame can be held: %s", self._mate, error.strerror)
            self._loop.call_soon(done)
            return
        for bucket in buckets:
            self._kernel.buckets[bucket].deadline = _deadline()
            self._kernel.hold(bucket)
            self._releasing.pop(bucket, None)
        self._held.update(buckets)
        waiting = self._loop.run_in_executor(None, wait_for_programs)
        waiting.add_done_callback(lambda _: done())

    def round_robin(self, ports: Sequence[str] | None) -> None:
        self._turns = ports
        known = None if ports is None else [self._ports[port].index for port in ports if port in self._ports]
        self._kernel.take_turns(known)

    def send_behind_data(self, port: str, frame: bytes) -> None:
        """Data and Markers of equal priority share a queue of the port; one with several has an order only in
        each of them, and a Marker answers for the one that it was hashed to.
        """
        self._sending.send(self._ports[port].index, frame)

    def port_traffic(self, port: str) -> PortTraffic:
        member = self._ports[port]
        received, sent, discarded = self._kernel.port_counters(member.index)
        return PortTraffic(received, sent + member.sent, discarded, unsent=member.unsent)

    def client_traffic(self) -> ClientTraffic:
        undistributed, _ = self._kernel.client_counters()
        held, released = self._kernel.held()
        return ClientTraffic(
            undistributed=undistributed + self._undistributed,
            held=held - self._overrun,
            released=released - self._overrun,
            held_overrun=self._overrun,
        )

    def detach_from_process(self) -> None:
        self._let_go()
        self._kernel.release()

    def close(self) -> None:
        self._let_go()
        self._kernel.end()

    def _let_go(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        self._sending.close()

    # Release of held frames

    def _start_releasing(self, buckets: Sequence[int]) -> None:
        self._give_up = self._loop.time() + _RELEASE_SECONDS
        for bucket in buckets:
            kept = self._stashed.pop(bucket, [])
            self._stashed_octets -= sum(map(len, kept))
            frames = [located(frame) for frame in kept]
            for at in range(0, len(frames), BATCH):
                self._send([(bucket, frame) for frame in frames[at : at + BATCH]])
        assert self._socket is not None
        self._loop.add_reader(self._socket, self._release)
        if self._ending is None:
            self._ending = self._loop.create_task(self._finish())
        self._release()

    def _release(self) -> None:
        """Send what waits in the socket; what is left after some batches, in later turns."""
        self._control_first()
        for _ in range(_BATCHES_A_TURN):
            if not self._release_batch():
                return

    def _release_batch(self) -> bool:
        """Returns False when nothing waits any more."""
        frames = None if self._socket is None else self._socket.receive()
        if frames is None:
            return False
        for bucket, frame in frames:
            if bucket in self._held:
                self._stash(bucket, frame)
        self._send([(bucket, frame) for bucket, frame in frames if bucket not in self._held])
        return True

    def _stash(self, bucket: int, frame: Frame) -> None:
        """Keep a frame that came between those of other buckets, which are released."""
        if self._stashed_octets + frame[1] > HELD_OCTETS:
            self._overrun += 1
            self._kernel.buckets[bucket].released += 1
            return
        self._stashed_octets += frame[1]
        self._stashed.setdefault(bucket, []).append(copied(frame))

    def _send(self, frames: Sequence[tuple[int, Frame]]) -> None:
        """Each to the port of its bucket; then the programs may know that it is gone."""
        late = self._loop.time() > self._give_up
        towards: dict[_Port | None, list[Frame]] = {}
        for bucket, frame in frames:
            towards.setdefault(self._releasing.get(bucket), []).append(frame)
        for member, some in towards.items():
            if late:
                self._overrun += len(some)
            elif member is None:
                self._undistributed += len(some)
            else:
                taken = self._sending.send_many(member.index, some)
                member.sent += taken
                member.unsent += len(some) - taken
        for bucket, count in Counter(bucket for bucket, _ in frames).items():
            self._kernel.buckets[bucket].released += count

    async def _finish(self) -> None:
        """See that all is released, then close the socket.

        A bucket is done when nothing was held of it while every program ended that ran before. What has not
        come from the socket by then, although it was counted before, found no room there and is lost.
        """
        while self._releasing:
            before = {bucket: self._kernel.buckets[bucket].held for bucket in self._releasing}
            for bucket in before:
                self._kernel.buckets[bucket].deadline = _deadline()
            await self._loop.run_in_executor(None, wait_for_programs)
            if self._drain():
                self._settle(before)
        self._ending = None
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            if not self._held:
                self._loop.run_in_executor(None, self._socket.close)
                self._socket = None

    def _drain(self) -> bool:
        """As `_release`, further. Returns whether nothing waits any more."""
        self._control_first()
        return any(not self._release_batch() for _ in range(_BATCHES_A_DRAIN))

    def _settle(self, before: dict[int, int]) -> None:
        """``before``: how many frames of each bucket were held when the programs were waited for."""
        for bucket, held in before.items():
            if bucket not in self._releasing:
                continue
            state = self._kernel.buckets[bucket]
            if state.released < held:
                self._overrun += held - state.released
                state.released = held
            elif state.held == held:
                del self._releasing[bucket]


def _deadline() -> int:
    return time.monotonic_ns() + _DEADLINE_NS
