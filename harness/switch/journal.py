"""The switch's configuration before the run, on disk before anything is changed (docs/design.md, rule 6)."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.switch.permit import Permit
from harness.verdict import BenchError


@dataclass(frozen=True)
class Part:
    """A part of a switch's configuration that is read, changed and put back as one.

    What kinds of parts there are, and how they are named, is the driver's affair: a section and its heading,
    the first words of a line, a resource and its URL.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Entry:
    """A part of the switch's configuration as it was: its lines; ``before`` is None where there was none."""

    part: Part
    before: list[str] | None


class Journal:
    """JSON lines, each on the disk before the change that it is about.

    The file is read anew at every question: several sessions may write to one journal. A last line that was
    only half written is ignored, since its change was not made yet. ``permit`` is what may be changed; None:
    anything. ``others`` are further journals of the same run and switch: what is in these was there before
    what is in this one. ``whose`` configuration it is about, a message says. ``reloads`` is how often this
    process has reloaded the switch: sessions from before are over; ``booting``: it is not known to be back
    from the last one.
    """

    def __init__(
        self,
        path: Path,
        permit: Permit | None = None,
        others: Sequence[Journal] = (),
        whose: str = "the switch",
    ) -> None:
        self.path = path
        self.permit = permit
        self.others = others
        self._whose = whose
        self.reloads = 0
        self.booting = False

    def pending(self) -> bool:
        """Whether there is anything to put back."""
        return bool(self.entries())

    def entries(self) -> list[Entry]:
        """All entries, oldest first. Raises BenchError for a journal that is damaged, with file and line."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BenchError(f"{self.path}: the journal cannot be read: {error.strerror}") from None
        whole = text[: text.rfind(b"\n") + 1]
        return [self._entry(number, line) for number, line in enumerate(whole.splitlines(), start=1)]

    def knows(self, part: Part) -> bool:
        """Whether a part has an entry: the oldest one counts, so it needs no other."""
        return any(entry.part == part for entry in self.entries())

    def record(self, part: Part, before: list[str] | None) -> None:
        """Add an entry. When this returns it is on the disk."""
        line = json.dumps({"kind": part.kind, "name": part.name, "before": before}) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # slices of a bench write to one
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)  # half a line of a run that was killed
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
            self._sync_folder()
        except OSError as error:
            raise BenchError(f"{self.path}: the journal cannot be written: {error.strerror}") from None

    def clear(self) -> None:
        """Forget everything: all is put back."""
        self.path.unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        """A new or removed name is on the disk only with its folder."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            data = json.loads(line)
            before = data["before"]
            if before is not None and not all(isinstance(text, str) for text in before):
                raise ValueError("before")
            return Entry(Part(data["kind"], data["name"]), before)
        except (ValueError, KeyError, TypeError):
            raise BenchError(
                f"{self.path}:{number}: not an entry of the journal; compare the configuration of "
                f"{self._whose} by hand, then delete the file"
            ) from None
