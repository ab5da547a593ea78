"""CoreRunner: what the core asks for is done in the order in which it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from agr.core.outputs import CollectingChanged, DistributingChanged, Output
from agr.core.system import System
from agr.daemon.runner import CoreRunner

FIRST = CollectingChanged("re0", True)
SECOND = DistributingChanged("re0", True)
NEWER = DistributingChanged("re0", False)


class Scripted(System):
    """Asks for FIRST and SECOND, and for NEWER when it is asked again."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: Iterator[list[Output]] = iter([[FIRST, SECOND], [NEWER]])

    def take(self) -> list[Output]:
        return next(self._asked, [])


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_what_is_asked_for_meanwhile_comes_after(loop: asyncio.AbstractEventLoop) -> None:
    """As when the data path has waiting PDUs read before a port collects."""
    done: list[Output] = []

    def perform(output: Output) -> None:
        if output is FIRST:
            runner.settle()
        done.append(output)

    runner = CoreRunner(loop, Scripted(), perform)
    runner.settle()
    runner.close()
    assert done == [FIRST, SECOND, NEWER]


def test_a_failure_does_not_end_the_running(loop: asyncio.AbstractEventLoop) -> None:
    def perform(output: Output) -> None:
        if output is FIRST:
            raise OSError
        done.append(output)

    done: list[Output] = []
    runner = CoreRunner(loop, Scripted(), perform)
    with pytest.raises(OSError):
        runner.settle()
    runner.settle()
    runner.close()
    assert done == [SECOND, NEWER]
