"""Cleaning up after a killed run ends the right processes only."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.switch import leftovers


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that waits for ever."""
    process = subprocess.Popen(["sleep", "infinity"])
    yield process
    process.kill()
    process.wait()


def test_a_recorded_process_is_ended(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    leftovers.record(tmp_path, [sleeper.pid])
    leftovers.end_recorded(tmp_path)
    assert sleeper.wait(10) == -signal.SIGKILL


def test_another_process_with_a_recorded_number_lives(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    started = leftovers.start_time(sleeper.pid)
    assert started is not None
    entries = [{"pid": sleeper.pid, "start": started - 1}, {"pid": sleeper.pid, "start": None}]
    (tmp_path / leftovers.PROCESSES).write_text(json.dumps(entries))
    leftovers.end_recorded(tmp_path)
    assert sleeper.poll() is None


@pytest.mark.parametrize("text", ["", "{}", '[{"pid": "x"}]', "[1]", "[{}]"])
def test_a_damaged_record_is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / leftovers.PROCESSES).write_text(text)
    leftovers.end_recorded(tmp_path)


def test_private_files_are_private_from_the_start(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        leftovers.write_private(tmp_path / "secret", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
