"""The state file: written soon, whole, and without holding up the event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agr.daemon import statefile
from agr.daemon.statefile import StateFile

PATIENCE = 20.0


class Numbers:
    """A text of ``parts`` whose making takes some time each; `change` makes all of them old."""

    def __init__(self, parts: int = 1, seconds: float = 0.0) -> None:
        self.parts = parts
        self.seconds = seconds
        self.old = parts
        self.version: int | None = 0

    def change(self, version: int | None) -> None:
        self.version = version
        self.old = self.parts

    def renew(self) -> bool:
        time.sleep(self.seconds)  # as work that keeps the loop from everything else
        self.old -= self.old > 0
        return self.old > 0

    def text(self) -> str | None:
        while self.renew():
            pass
        return None if self.version is None else str(self.version)


async def until(condition: Callable[[], bool]) -> int:
    """Returns how often the loop came by meanwhile."""
    times = 0
    async with asyncio.timeout(PATIENCE):
        while not condition():
            times += 1
            await asyncio.sleep(0)
    return times


def holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def run(path: Path, story: Callable[[StateFile, Numbers], object], content: Numbers) -> None:
    async def play() -> None:
        file = StateFile(asyncio.get_running_loop(), path, content)
        result = story(file, content)
        if asyncio.iscoroutine(result):
            await result
        file.close()

    asyncio.run(play())


def test_it_is_written_after_each_change(tmp_path: Path) -> None:
    path = tmp_path / "state"

    async def story(file: StateFile, content: Numbers) -> None:
        for version in (1, 2, 3):
            content.change(version)
            file.changed()
            await until(lambda version=version: holds(path, str(version)))
        content.change(None)
        file.changed()
        await until(lambda: not path.exists())

    run(path, story, Numbers())
    assert list(tmp_path.iterdir()) == []


def test_the_loop_goes_on_while_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "state"
    parts = 20

    async def story(file: StateFile, _: Numbers) -> None:
        file.changed()
        assert await until(path.exists) >= parts

    run(path, story, Numbers(parts, seconds=2 * statefile._TURN_SECONDS))


def test_the_loop_goes_on_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what has changed meanwhile is written then."""
    path = tmp_path / "state"
    let_go, write = threading.Event(), StateFile._write

    def slow(file: StateFile, text: str | None) -> None:
        assert let_go.wait(PATIENCE)
        write(file, text)

    monkeypatch.setattr(StateFile, "_write", slow)

    async def story(file: StateFile, content: Numbers) -> None:
        content.change(1)
        file.changed()
        await until(lambda: file._writing is not None)
        content.change(2)
        file.changed()
        let_go.set()
        await until(lambda: holds(path, "2"))

    run(path, story, Numbers())


def test_what_never_rests_is_written_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statefile, "_TURNS_END_SECONDS", 0.05)
    path = tmp_path / "state"
    parts = 20

    async def story(file: StateFile, content: Numbers) -> None:
        def change_again() -> None:
            content.change(1)
            asyncio.get_running_loop().call_later(statefile._BETWEEN_TURNS_SECONDS / 2, change_again)

        change_again()
        file.changed()
        await until(lambda: holds(path, "1"))

    run(path, story, Numbers(parts, seconds=statefile._TURN_SECONDS))


def test_the_last_state_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "state"

    def story(file: StateFile, content: Numbers) -> None:
        content.change(7)
        file.changed()

    run(path, story, Numbers(parts=3))
    assert path.read_text() == "7"


def test_that_it_cannot_be_written_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "nowhere" / "state"
    run(path, lambda file, _: file.changed(), Numbers())
    assert f"{path} could not be written: No such file or directory" in caplog.text
