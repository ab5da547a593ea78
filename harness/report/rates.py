"""What passes the tester's ports while testcases run: in files, one a bench, that the terminal reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.verdict.result import Key


@dataclass(frozen=True)
class Rates:
    """Frames a second that the tester's ports of a bench ``sent`` and ``seen``, during a testcase.

    ``lab`` is the lab's name, where the run has several.
    """

    bench: str
    nodeid: str
    sent: int
    seen: int
    lab: str = ""


def together(some: Sequence[Rates]) -> str:
    """Of one bench or of several, for a person."""
    sent, seen = sum(one.sent for one in some), sum(one.seen for one in some)
    return f"sent {sent:>7,}/s  seen {seen:>7,}/s"


def tell(folder: Path, rates: Rates) -> None:
    """Replace what was told of that bench; a disk that is full shows nothing of it, and ends nothing."""
    with suppress(OSError):
        (folder / f"{rates.bench}.json").write_text(json.dumps(asdict(rates)))


def told(folder: Path) -> dict[Key, Rates]:
    """The latest, by lab and node id. What is being written at this moment is missed."""
    found: dict[Key, Rates] = {}
    for file in folder.glob("*.json"):
        try:
            rates = Rates(**json.loads(file.read_text()))
        except ValueError:
            continue
        found[rates.lab, rates.nodeid] = rates
    return found
