"""Carrier where the kernel takes its time to answer: only what is still so counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from agr.daemon.linux import carrier
from agr.daemon.linux.carrier import CarrierWatch, LinkState
from agr.daemon.linux.ioctls import LinkSettings
from agr.daemon.linux.links import LinkChange

INDEX = 7


class Kernel:
    """Tells of changes and is asked in its own time: `look`, then `answer`. One interface, re0."""

    def __init__(self) -> None:
        self.up = True
        self.requests: list[tuple[Future[Any], Callable[..., Any], Sequence[Any]]] = []
        self.answers: list[tuple[Future[Any], Any]] = []
        self.changes: list[LinkChange] = []
        self.readable: Callable[[], None] = lambda: None
        self.name = "re0"
        self.seen: list[bool] = []
        self.missing: list[str] = []
        self.watch = CarrierWatch(self, self._changed, self.missing.append, self, self)  # type: ignore[arg-type]

    def _changed(self, _: str, state: LinkState) -> None:
        self.seen.append(state.up)

    # The kernel's thread

    def do(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        self.requests.append((Future(), function, arguments))
        return self.requests[-1][0]

    def look(self) -> None:
        """Deal with the oldest request."""
        future, function, arguments = self.requests.pop(0)
        self.answers.append((future, function(*arguments)))

    def answer(self) -> None:
        """The oldest request that is dealt with."""
        future, answer = self.answers.pop(0)
        future.set_result(answer)

    # The timer in the kernel

    def fileno(self) -> int:
        return -1

    def add(self, _: int) -> None:
        """It is watched."""

    def remove(self, _: int) -> None:
        """It is watched no more."""

    def take(self) -> list[LinkChange]:
        changes, self.changes = self.changes, []
        return changes

    def tell(self, *, up: bool, lost: bool) -> None:
        """A change."""
        self.changes.append(LinkChange(INDEX, up, lost))
        self.readable()

    # The event loop

    def add_reader(self, _: object, readable: Callable[[], None]) -> None:
        self.readable = readable

    def call_later(self, *_: object) -> Kernel:
        """Nothing is asked but what the test asks."""
        return self

    def cancel(self) -> None:
        """Of such a call."""


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr(carrier, "CarrierQuery", lambda _: lambda: kernel.up)
    monkeypatch.setattr(carrier, "link_settings", lambda _: LinkSettings(1000, True))
    monkeypatch.setattr(carrier, "is_called", lambda index, name: (index, name) == (INDEX, kernel.name))
    return kernel


def test_a_loss_overtakes_what_was_found_before(kernel: Kernel) -> None:
    kernel.watch.add("re0", INDEX)
    kernel.look()
    kernel.tell(up=False, lost=True)
    kernel.answer()
    assert kernel.seen == []


def test_a_loss_waits_for_no_answer(kernel: Kernel) -> None:
    kernel.watch.add("re0", INDEX)
    kernel.look()
    kernel.answer()
    kernel.watch.check("re0")
    kernel.tell(up=False, lost=True)
    assert kernel.seen == [True, False]


def test_what_is_found_after_a_loss_counts(kernel: Kernel) -> None:
    kernel.watch.add("re0", INDEX)
    kernel.look()
    kernel.tell(up=True, lost=True)
    kernel.answer()
    assert kernel.seen == []
    kernel.look()
    kernel.answer()
    assert kernel.seen == [True]


def test_what_is_not_watched_any_more_is_not_told_of(kernel: Kernel) -> None:
    kernel.watch.add("re0", INDEX)
    kernel.look()
    kernel.watch.remove("re0")
    kernel.answer()
    assert kernel.seen == []


def test_a_name_that_another_interface_bears_tells_nothing(kernel: Kernel) -> None:
    """It is watched by its ifindex; that it has another name is for whoever looks for it."""
    kernel.watch.add("re0", INDEX)
    kernel.look()
    kernel.answer()
    assert kernel.seen == [True]
    kernel.up, kernel.name = False, "x0"
    kernel.watch.check("re0")
    kernel.look()
    kernel.answer()
    assert (kernel.seen, kernel.missing) == ([True], ["re0"])


def test_questions_do_not_pile_up(kernel: Kernel) -> None:
    kernel.watch.add("re0", INDEX)
    for _ in range(5):
        kernel.watch.check("re0")
    assert len(kernel.requests) == 1
    kernel.look()
    kernel.watch.check("re0")
    assert len(kernel.requests) == 1, "what comes after the kernel has looked may be new"
