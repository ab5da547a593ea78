"""What a mutant is: one file of agr's core with one piece of text replaced."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from testcases.mutants import ROOT

CORE = ROOT / "agr" / "core"


@dataclass(frozen=True)
class Mutant:
    """``id`` names file, function, operator and the how-manieth of its kind: it outlives changes elsewhere.

    ``start`` and ``end`` are octets of the file (relative to agr/core), between which stands ``new`` instead;
    ``lines`` are those of the broken code, and the first of its statement.
    """

    id: str
    file: str
    qualname: str
    operator: str
    line: int
    lines: frozenset[int]
    start: int
    end: int
    new: str

    @property
    def path(self) -> Path:
        """The file that is broken."""
        return CORE / self.file

    @property
    def module(self) -> str:
        """Its name for an import."""
        return f"agr.core.{self.file.removesuffix('.py')}"

    def source(self) -> str:
        """The text of the broken file."""
        octets = self.path.read_bytes()
        return (octets[: self.start] + self.new.encode() + octets[self.end :]).decode()

    def diff(self) -> str:
        """The lines that differ."""
        before, after = self.path.read_text().splitlines(), self.source().splitlines()
        lines = difflib.unified_diff(before, after, n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
