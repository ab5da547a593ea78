"""Reports on a disk that is full, or that may not be written: what can be is, and the rest is said."""

from __future__ import annotations

import errno
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.report.limits import whole_file
from harness.report.pcapng import save_pcapng
from harness.report.rates import Rates, tell
from harness.report.summary import headline, summary_exit_code
from harness.report.terminal import Terminal
from harness.report.write import write_reports
from harness.verdict import Verdict
from testcases.selftest.report import sample
from testcases.selftest.report.screens import play
from testcases.selftest.report.test_limits import big

REPORTS = {"junit.xml", "index.html", "coverage.json"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 KiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "reports"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    """No room is left."""
    with pytest.raises(OSError) as caught, (folder / "filling").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert caught.value.errno == errno.ENOSPC


def test_all_is_written_where_there_is_room(tmp_path: Path) -> None:
    run = sample.everything()
    assert write_reports(run, tmp_path / "new", sample.CATALOGUE) == [] == run.unwritten
    assert {each.name for each in (tmp_path / "new").iterdir()} == REPORTS


def test_a_full_disk_ends_no_run(small_disk: Path) -> None:
    """One message names what is missing, and what to do; verdicts are on the terminal; exit code 2."""
    fill(small_disk)
    run = sample.run([*sample.passed(), big(size=100_000, verdict=Verdict.PASS)])
    found = write_reports(run, small_disk, sample.CATALOGUE)
    assert found == run.unwritten
    names = ", ".join(
        str(small_disk / name) for name in ("texts", "coverage.json", "index.html", "junit.xml")
    )
    todo = f"To have them: make room where {small_disk} is, and run again"
    assert found == [f"{names} were not written: No space left on device. {todo}"]
    assert summary_exit_code(run) == 2
    assert headline(run)[0] is Verdict.ERROR
    left = [each for each in small_disk.rglob("*") if each.is_file()]
    assert [each.name for each in left] == ["filling"], "no half file is left"
    stream = io.StringIO()
    play(Terminal(stream), run, small_disk)
    assert all(sentence in stream.getvalue() for sentence in found)
    assert "    7  PASS" in stream.getvalue()
    assert stream.getvalue().splitlines()[-1] == (
        "ERROR: Reports are missing, for they could not be written; 7 passed."
    )


def test_a_failure_stays_one_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk)
    run = sample.run()
    assert write_reports(run, small_disk)
    assert (summary_exit_code(run), headline(run)[0]) == (1, Verdict.FAIL)


def test_texts_that_find_no_room_cost_no_report(small_disk: Path) -> None:
    run = sample.run([big(), *sample.passed()])
    (sentence,) = write_reports(run, small_disk)
    assert sentence.startswith(f"{small_disk}/texts was not written: No space left")
    assert whole_file(run.results[0]) == ""
    assert {each.name for each in small_disk.iterdir()} == {*REPORTS, "texts"}
    assert sentence in (small_disk / "index.html").read_text()


def test_an_old_page_is_not_taken_for_this_run_s(small_disk: Path) -> None:
    assert write_reports(sample.run(), small_disk) == []
    before = (small_disk / "index.html").read_bytes()
    fill(small_disk)
    run = sample.run(sample.passed())
    found = write_reports(run, small_disk)
    (sentence,) = found
    assert "what is there of coverage.json, index.html, junit.xml is an earlier run's" in sentence
    assert (small_disk / "index.html").read_bytes() == before
    stream = io.StringIO()
    play(Terminal(stream), run, small_disk)
    assert f"Report  {small_disk}" not in stream.getvalue()


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    found = write_reports(sample.run(), tmp_path / "reports")
    (sentence,) = found
    assert sentence.startswith(f"{tmp_path}/reports/coverage.json, {tmp_path}/reports/index.html, ")
    assert f"see who may write {tmp_path}/reports" in sentence


def test_a_capture_that_finds_no_room_is_a_note(small_disk: Path) -> None:
    frames = [(1.0, bytes(1000), True)]
    assert save_pcapng(small_disk / "fits.pcapng", ["re4"], frames) == ""
    fill(small_disk)
    note = save_pcapng(small_disk / "captures" / "re4.pcapng", ["re4"], frames * 100)
    assert note.startswith(f"{small_disk}/captures/re4.pcapng was not written: No space left on device.")


def test_rates_that_find_no_room_are_not_shown(small_disk: Path) -> None:
    fill(small_disk)
    tell(small_disk, Rates("agr-lab1", "a", 1, 1))
