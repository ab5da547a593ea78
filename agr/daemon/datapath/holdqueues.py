"""Held frames of one interface: received and released in order, so that no later frame overtakes them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from agr.daemon.datapath.datapath import HELD_OCTETS
from agr.daemon.datapath.holdsockets import BATCH, Frame, HoldSocket, QueuedFrames, copy_of, frame_of
from agr.daemon.datapath.kernelpath import KernelPath

_libc = ctypes.CDLL(None, use_errno=True)
_MEMBARRIER_GLOBAL = 1
_MEMBARRIER = {"x86_64": 324, "ppc64le": 365, "s390x": 356}.get(os.uname().machine, 283)

# Of one turn of the event loop, and between two waits for the programs.
_BATCHES_A_TURN, _BATCHES_A_DRAIN = 4, 64
# After this long without a renewal by agrd the programs hold nothing any more: it has died.
DEADLINE_NS, _NEVER = 5_000_000_000, (1 << 64) - 1
# A queue whose frames cannot be sent as fast as more of them come is given up: its held frames are lost, and
# those that come from then on are forwarded in the kernel.
RELEASE_SECONDS = 1.0

# Takes the queues of some frames, and these frames, to send them in that order.
Forward = Callable[[Sequence[int], Sequence[Frame]], None]


def wait_for_programs() -> None:
    """Return when no program runs any more that was running at the call.

    MEMBARRIER_CMD_GLOBAL is the kernel's synchronize_rcu(). A program and what follows at once, its frame's
    way into the queue of the port, are one RCU read-side critical section: a turn of the softirq that takes
    frames out of the receive queue. So what was on its way then has been handed to its port, and all that
    comes later goes by what the maps say now. Takes some 10 ms: not for the event loop.
    """
    _libc.syscall(_MEMBARRIER, _MEMBARRIER_GLOBAL, 0, 0)


class HoldQueues:
    """Holds queues of the interface ``index`` in the kernel, and gives their held frames to ``forward``.

    ``control_first`` is called before each turn of frames. Where ``impatient``, frames are forwarded as they
    come also while their queue is held. ``lost`` frames found no room, or could not be sent in time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        kernel: KernelPath,
        index: int,
        control_first: Callable[[], None],
        forward: Forward,
        *,
        impatient: bool = False,
    ) -> None:
        self.lost = 0
        self._loop = loop
        self._kernel = kernel
        self._index = index
        self._control_first = control_first
        self._forward = forward
        self._impatient = impatient
        self._socket: HoldSocket | None = None
        self._held: set[int] = set()
        self._releasing: set[int] = set()
        self._stashed: dict[int, list[bytearray]] = {}
        self._stashed_octets = 0
        self._ending: asyncio.Task[None] | None = None
        self._give_up: dict[int, float] = {}  # when, on the loop's clock, of those that are released
        self._given_up: set[int] = set()  # of these there may be frames in the socket still

    def hold(self, queues: Collection[int]) -> None:
        """Hold queues: in force for all that comes from now on. Raises OSError, and then nothing is held."""
        if self._socket is None:
            self._socket = HoldSocket(self._index, self._kernel.magic)
        if self._impatient:
            self._loop.add_reader(self._socket, self._read)
        for queue in queues:
            self._kernel.hold(queue, _NEVER if self._impatient else _deadline())
        self._held.update(queues)
        self._releasing.difference_update(queues)

    def pause(self) -> None:
        """Forward nothing until the next `hold` or `release`; for those that are ``impatient``."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket)

    def release(self, queues: Iterable[int]) -> None:
        """Forward the held frames of ``queues``, which have their way in the kernel already."""
        moving = self._held.intersection(queues)
        self._held -= moving
        self._releasing |= moving
        if not moving or self._socket is None:
            return
        self._give_up.update(dict.fromkeys(moving, self._loop.time() + RELEASE_SECONDS))
        for queue in moving:
            self._release_stashed(queue)
        self._loop.add_reader(self._socket, self._read)
        if self._ending is None:
            self._ending = self._loop.create_task(self._finish())
        self._read()

    def close(self) -> None:
        """Close the socket; held frames are lost."""
        if self._ending is not None:
            self._ending.cancel()
        self._close_socket()

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.run_in_executor(None, self._socket.close)
            self._socket = None

    def _release_stashed(self, queue: int) -> None:
        kept = self._stashed.pop(queue, [])
        self._stashed_octets -= sum(map(len, kept))
        for at in range(0, len(kept), BATCH):
            frames = [frame_of(frame) for frame in kept[at : at + BATCH]]
            self._pass_on([queue] * len(frames), frames)

    def _read(self) -> None:
        """Receive some batches from the socket; the rest in later turns."""
        self._control_first()
        for _ in range(_BATCHES_A_TURN):
            if not self._read_batch():
                return

    def _read_batch(self) -> bool:
        """Receive and pass on one batch. Returns False when no frame waits any more."""
        received = None if self._socket is None else self._socket.receive()
        if received is None:
            return False
        queues, frames = received
        if not self._given_up.isdisjoint(queues):
            queues, frames = self._without_given_up(queues, frames)
        if not self._impatient and not self._held.isdisjoint(queues):
            queues, frames = self._without_held(queues, frames)
        self._pass_on(queues, frames)
        return True

    def _without_given_up(self, queues: Sequence[int], frames: Sequence[Frame]) -> QueuedFrames:
        """Drop and count frames of queues that were given up: later frames have overtaken them."""
        passed: QueuedFrames = ([], [])
        for queue, frame in zip(queues, frames, strict=True):
            if queue in self._given_up:
                self.lost += 1
                self._kernel.queues[queue].released += 1
            else:
                passed[0].append(queue)
                passed[1].append(frame)
        return passed

    def _without_held(self, queues: Sequence[int], frames: Sequence[Frame]) -> QueuedFrames:
        """Stash frames of queues that are still held."""
        passed: QueuedFrames = ([], [])
        for queue, frame in zip(queues, frames, strict=True):
            if queue in self._held:
                self._stash(queue, frame)
            else:
                passed[0].append(queue)
                passed[1].append(frame)
        return passed

    def _stash(self, queue: int, frame: Frame) -> None:
        """Keep a held frame that came between frames of other queues, which are released."""
        if self._stashed_octets + frame[1] > HELD_OCTETS:
            self.lost += 1
            self._kernel.queues[queue].released += 1
            return
        self._stashed_octets += frame[1]
        self._stashed.setdefault(queue, []).append(copy_of(frame))

    def _pass_on(self, queues: Sequence[int], frames: Sequence[Frame]) -> None:
        """Forward frames, and then count them as released: not before, or later ones would overtake."""
        self._forward(queues, frames)
        for queue, count in Counter(queues).items():
            self._kernel.queues[queue].released += count

    async def _finish(self) -> None:
        """Wait until all queues are released, then close the socket.

        A queue is released when no frame of it was held while every program ended that ran before. Frames
        that were counted before, and have not come from the socket by then, found no room there and are lost.
        """
        while self._releasing or self._given_up:
            self._extend_or_give_up()
            before = {queue: self._kernel.queues[queue].held for queue in self._releasing}
            given_up = set(self._given_up)
            await self._loop.run_in_executor(None, wait_for_programs)
            self._control_first()
            if any(not self._read_batch() for _ in range(_BATCHES_A_DRAIN)):
                self._settle(before)
                self._forget(given_up)
        self._ending = None
        self._give_up.clear()
        if not self._held:
            self._close_socket()
        elif self._socket is not None and not self._impatient:
            self._loop.remove_reader(self._socket)

    def _extend_or_give_up(self) -> None:
        """Hold no more frames of a queue that is late.

        Those that are held already must never be sent then: later frames have overtaken them.
        """
        now = self._loop.time()
        for queue in self._releasing - self._given_up:
            late = now > self._give_up.get(queue, now)
            self._kernel.queues[queue].deadline = 0 if late else _deadline()
            if late:
                self._given_up.add(queue)

    def _settle(self, before: dict[int, int]) -> None:
        """Find queues that are released. ``before``: how many frames of each were held at the last look."""
        for queue, held in before.items():
            state = self._kernel.queues[queue]
            if queue not in self._releasing:
                continue
            if state.released < held:
                self.lost += held - state.released
                state.released = held
            elif state.held == held:
                self._releasing.discard(queue)

    def _forget(self, given_up: set[int]) -> None:
        """End the giving up of queues: no held frame of theirs is in the socket any more."""
        self._given_up -= given_up


def _deadline() -> int:
    return time.monotonic_ns() + DEADLINE_NS
