"""The terminal itself: colours, the display of what runs, and terminals that can do less."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
import threading
from pathlib import Path

import pytest

from harness.report.rates import Rates
from harness.report.terminal import Terminal
from harness.verdict import Verdict
from testcases.selftest.report import sample
from testcases.selftest.report.screens import logged, on_tty, plain, play, received


def test_the_live_display_is_drawn_by_who_calls_and_not_too_often() -> None:
    now = 100.0
    master, slave = pty.openpty()
    before = threading.active_count()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream, clock=lambda: now)
        terminal.start(3, [])
        terminal.benches(2, 10)
        terminal.began(("", "a"), "Order is kept", "1")
        received(master)
        now += 0.25
        terminal.refresh()
        drawn = plain(received(master))
        assert "[0/3]  0:00  2 of 10 benches" in drawn
        assert "bench 1:   0 s  Order is kept" in drawn
        for _ in range(1000):
            now += 0.0002
            terminal.refresh()
        assert received(master) == ""
        now += 60
        terminal.refresh()
        assert "bench 1:  60 s  Order is kept" in plain(received(master))
        assert threading.active_count() == before, "the process that draws forks others"
        assert sys.stdout is not None and "FileProxy" not in type(sys.stdout).__name__
        terminal.close()
        terminal.refresh()
    os.close(master)


def test_tty_has_colours_words_and_fits_80_columns(tmp_path: Path) -> None:
    long = sample.result(Verdict.PASS, ["MK-06"], "a very long title " * 9, seconds=131)
    text = on_tty(sample.run([long, sample.failed()]), tmp_path)
    assert re.search(r"\x1b\[32mPASS", text)
    assert re.search(r"\x1b\[1;31mFAIL", text)
    lines = plain(text).replace("\r", "\n").splitlines()
    assert max(map(len, lines)) <= 80
    (line,) = [line for line in lines if "MK-06" in line]
    assert line.endswith("…  2 min 11 s  bench 2")


def test_tty_shows_what_runs_and_is_given_back(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream)
        terminal.start(3, [])
        terminal.began(("", "a"), "Order is kept", "1")
        terminal.began(("", "b"), "The Marker [comes] back", "2")
        terminal.finished(sample.result(Verdict.PASS, ["MK-01"], "t", nodeid="b"))
        terminal.close()
        terminal.close()
        text = received(master)
    os.close(master)
    assert "bench 1:   0 s  Order is kept" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, (
        "the cursor is hidden once and shown again"
    )


def running(rates: dict[str, Rates]) -> str:
    """What a terminal gets while a testcase "a" with a long title runs."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream, rates=lambda: rates)
        assert terminal.live
        terminal.start(1, [])
        terminal.began(("", "a"), "Order is kept over and over again " * 3, "")
        terminal.close()
        text = received(master)
    os.close(master)
    return plain(text)


def test_they_are_shown_beside_what_runs_and_in_all() -> None:
    text = running(
        {("", "a"): Rates("agr-lab1", "a", 1_234, 1_230), ("", "b"): Rates("agr-lab2", "b", 66, 70)}
    )
    assert "…  sent   1,234/s  seen   1,230/s  agr-lab1" in text
    assert "sent   1,300/s" not in text  # nothing runs on the other bench any more
    assert "0:00  sent   1,234/s  seen   1,230/s" in text


def test_a_bench_that_tells_nothing_is_shown_without() -> None:
    text = running({})
    assert "Order is kept" in text and "/s" not in text


def test_no_color_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_tty(sample.run([sample.failed()]), tmp_path)
    colours = re.findall(r"\x1b\[([\d;]*)m", text)
    assert "FAIL" in text
    assert not [code for code in colours if re.search(r"(^|;)(3\d|4\d|9\d|10\d)(;|$)", code)]


def test_a_dumb_terminal_gets_no_live_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in on_tty(sample.run([sample.failed()]), tmp_path)


def test_forced_colour_in_a_log_moves_no_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    codes = re.findall(r"\x1b\[[\d;?]*([A-Za-z])", logged(sample.run(), tmp_path))
    assert set(codes) == {"m"}


def test_letters_the_stream_lacks_do_not_stop_a_run(tmp_path: Path) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    play(Terminal(stream), sample.run([sample.result(Verdict.FAIL, ["RX-01"], "3 µs – ✓")]), tmp_path)
    stream.flush()
    assert b"3 ?s ? ?" in raw.getvalue()


def test_nothing_is_drawn_over_a_question() -> None:
    now = 100.0
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream, clock=lambda: now)
        terminal.start(3, [])
        terminal.began(("", "a"), "Order is kept", "1")
        received(master)
        terminal.ask("Set the key of the LAG of re1 to 7, then press Enter:")
        assert received(master).endswith("then press Enter:\x1b[0m ")
        now += 60
        terminal.refresh()
        assert received(master) == ""
        terminal.answered()
        assert "[0/3]  1:00" in plain(received(master)), "the run's time goes on"
        terminal.close()
    os.close(master)


def test_a_terminal_that_was_closed_takes_what_is_said() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream)
        terminal.start(1, [])
        os.close(master)
        terminal.say("something")
        terminal.close()
