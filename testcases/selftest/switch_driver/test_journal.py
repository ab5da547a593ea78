"""The journal is on the disk before the change, survives being cut short, and gives everything back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.switch import Journal
from harness.switch.journal import Entry, Part
from harness.verdict import BenchError

PORT = Part("section", "interface GigabitEthernet1/0/1")
CHANNEL = Part("section", "interface Port-channel1")


def test_what_is_recorded_is_read_by_another_journal_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state" / "switch.journal"
    Journal(path).record(PORT, ["shutdown", "description ä"])
    Journal(path).record(CHANNEL, None)
    assert Journal(path).entries() == [Entry(PORT, ["shutdown", "description ä"]), Entry(CHANNEL, None)]
    assert Journal(path).knows(PORT)
    assert not Journal(path).knows(Part("line", PORT.name))


def test_nothing_is_pending_at_first_and_after_clearing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    assert not journal.pending()
    journal.record(PORT, [])
    assert journal.pending()
    journal.clear()
    assert not journal.pending()
    assert not journal.path.exists()


def test_a_last_line_cut_anywhere_is_ignored_and_then_replaced(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.record(PORT, ["shutdown"])
    whole = journal.path.read_bytes()
    journal.record(CHANNEL, None)
    both = journal.path.read_bytes()
    for length in range(len(whole), len(both)):
        journal.path.write_bytes(both[:length])
        assert journal.entries() == [Entry(PORT, ["shutdown"])]
        journal.record(CHANNEL, None)
        assert journal.path.read_bytes() == both


def test_an_entry_is_on_the_disk_when_record_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal")
    synced: list[bytes] = []
    fsync = os.fsync

    def note(fd: int) -> None:
        fsync(fd)
        if Path(f"/proc/self/fd/{fd}").resolve() == journal.path:
            synced.append(journal.path.read_bytes())

    monkeypatch.setattr(os, "fsync", note)
    journal.record(PORT, [])
    assert synced == [journal.path.read_bytes()]
    assert synced[0].endswith(b"\n")


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[]", b"{}", b'{"kind": "section", "name": "x", "before": 3}']
)
def test_a_damaged_journal_is_said_with_its_line(tmp_path: Path, line: bytes) -> None:
    journal = Journal(tmp_path / "journal")
    journal.record(PORT, [])
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(BenchError, match=r"journal:2: not an entry of the journal"):
        journal.entries()


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="the journal cannot be written"):
        Journal(tmp_path / "file" / "journal").record(PORT, [])
