"""A queue whose held frames agrd cannot send as fast as more come is given up, and nothing is reordered.

The kernel and its socket are played here, so that more frames come with every turn than agrd can take.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agr.daemon.datapath import holdqueues
from agr.daemon.datapath.holdqueues import RELEASE_SECONDS, HoldQueues
from agr.daemon.datapath.holdsockets import BATCH, Frame, QueuedFrames
from agr.daemon.datapath.kernelpath import KernelPath

QUEUE, OTHER = 7, 8
TURNS = 10_000
"""Far more turns than an end needs."""


class Kernel:
    """Frames arrive on a queue; as datapath.bpf.c has it held ones go to the socket, others their way."""

    magic = 1

    def __init__(self) -> None:
        self.queues = [SimpleNamespace(held=0, released=0, deadline=0, where_held=False) for _ in range(16)]
        self.socket: deque[tuple[int, int]] = deque()
        self.direct: list[tuple[int, int]] = []
        self._next = 1

    def hold(self, queue: int, deadline: int) -> None:
        self.queues[queue].where_held, self.queues[queue].deadline = True, deadline

    def arrive(self, queue: int, count: int = 1) -> None:
        state = self.queues[queue]
        for _ in range(count):
            held = (state.where_held or state.held != state.released) and state.deadline
            state.held += bool(held)
            (self.socket if held else self.direct).append((queue, self._next))
            self._next += 1


class Socket:
    """What the programs held; every read lets more of it arrive while `flood` lasts."""

    def __init__(self, kernel: Kernel, flood: Callable[[], None]) -> None:
        self._kernel, self._flood = kernel, flood

    def receive(self) -> QueuedFrames | None:
        self._flood()
        count = min(BATCH, len(self._kernel.socket))
        taken = [self._kernel.socket.popleft() for _ in range(count)]
        return ([queue for queue, _ in taken], [(number, 60) for _, number in taken]) if taken else None

    def close(self) -> None: ...


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time a test moves on."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def play(
    monkeypatch: pytest.MonkeyPatch, scenario: Callable[..., Any]
) -> tuple[Kernel, HoldQueues, list[int]]:
    """Run ``scenario(kernel, holding, clock, flooding)``; gives what it left, and what was sent in order."""
    kernel, flooding, sent = Kernel(), set[int](), list[tuple[int, int]]()
    clock = Clock()
    clock.add_reader = lambda *_: None  # type: ignore[assignment,method-assign]
    clock.remove_reader = lambda *_: True  # type: ignore[assignment,method-assign]

    def flood() -> None:
        for queue in flooding:
            kernel.arrive(queue, BATCH + 1)

    def forward(queues: Any, frames: list[Frame]) -> None:
        sent.extend((queue, frame[0]) for queue, frame in zip(queues, frames, strict=True))

    monkeypatch.setattr(holdqueues, "HoldSocket", lambda *_: Socket(kernel, flood))
    monkeypatch.setattr(holdqueues, "wait_for_programs", lambda: None)
    held = HoldQueues(clock, cast(KernelPath, kernel), 7, lambda: None, forward)
    try:
        clock.run_until_complete(scenario(kernel, held, clock, flooding))
    finally:
        clock.close()
    return kernel, held, [number for _, number in sent]


async def ended(held: HoldQueues) -> None:
    """Until nothing is being released; an AssertionError where that never comes."""
    for _ in range(TURNS):
        if held._ending is None:
            return
        await asyncio.sleep(0)
    raise AssertionError("it is being released for ever")


def release(kernel: Kernel, held: HoldQueues, queue: int) -> None:
    kernel.queues[queue].where_held = False
    held.release([queue])


def test_a_flooded_queue_is_given_up_and_goes_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(kernel: Kernel, held: HoldQueues, clock: Clock, flooding: set[int]) -> None:
        held.hold([QUEUE])
        kernel.arrive(QUEUE, 10)
        flooding.add(QUEUE)
        release(kernel, held, QUEUE)
        clock.ahead = 2 * RELEASE_SECONDS
        await ended(held)

    kernel, held, sent = play(monkeypatch, scenario)
    first_direct = kernel.direct[0][1]
    assert sent == sorted(sent) and max(sent) < first_direct, "nothing held was sent behind what overtook it"
    assert kernel.queues[QUEUE].held == kernel.queues[QUEUE].released == len(sent) + held.lost
    assert held.lost, "what could not be sent was counted"


def test_another_release_does_not_keep_a_flooded_queue_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(kernel: Kernel, held: HoldQueues, clock: Clock, flooding: set[int]) -> None:
        held.hold([QUEUE, OTHER])
        flooding.add(QUEUE)
        release(kernel, held, QUEUE)
        clock.ahead = 2 * RELEASE_SECONDS
        release(kernel, held, OTHER)
        await ended(held)

    kernel, _, sent = play(monkeypatch, scenario)
    assert kernel.direct and max(sent, default=0) < kernel.direct[0][1]


def test_a_queue_held_again_while_it_is_given_up_sends_nothing_old(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(kernel: Kernel, held: HoldQueues, clock: Clock, flooding: set[int]) -> None:
        held.hold([QUEUE])
        flooding.add(QUEUE)
        release(kernel, held, QUEUE)
        clock.ahead = 2 * RELEASE_SECONDS
        while not kernel.direct:
            await asyncio.sleep(0)
        flooding.clear()
        held.hold([QUEUE])
        await ended(held)
        kernel.arrive(QUEUE, 5)
        release(kernel, held, QUEUE)
        await ended(held)

    kernel, _, sent = play(monkeypatch, scenario)
    assert len([number for number in sent if number > kernel.direct[-1][1]]) == 5
    assert not [number for number in sent if kernel.direct[0][1] < number < kernel.direct[-1][1]]


def test_a_queue_that_keeps_up_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(kernel: Kernel, held: HoldQueues, clock: Clock, flooding: set[int]) -> None:
        held.hold([QUEUE])
        kernel.arrive(QUEUE, 5 * BATCH)
        release(kernel, held, QUEUE)
        await ended(held)
        kernel.arrive(QUEUE)

    kernel, held, sent = play(monkeypatch, scenario)
    assert sent == list(range(1, 5 * BATCH + 1)) and held.lost == 0
    assert kernel.direct == [(QUEUE, 5 * BATCH + 1)]
