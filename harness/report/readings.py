"""Where editions or readers of the standard differ: what judged this run, for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.profile import readings
from harness.verdict.result import Result


@dataclass(frozen=True)
class Choice:
    """One answer to a reading's question; ``used`` where it judged."""

    name: str
    meaning: str
    used: bool


@dataclass(frozen=True)
class ReadingUsed:
    """A reading that judged testcases; ``anchors`` are theirs on the page, with their rows."""

    name: str
    question: str
    note: str
    choices: list[Choice]
    anchors: list[tuple[str, list[str]]]


def readings_used(results: Sequence[Result], anchors: Sequence[str]) -> list[ReadingUsed]:
    """The readings that these results were judged by, in the order of the profile's file."""
    used = []
    for name, reading in readings().items():
        users = [(r, anchor) for r, anchor in zip(results, anchors, strict=True) if name in r.readings]
        if not users:
            continue
        chosen = {result.readings[name] for result, _ in users}
        choices = [Choice(choice, words, choice in chosen) for choice, words in reading.choices.items()]
        where = [(anchor, result.rows) for result, anchor in users]
        used.append(ReadingUsed(name, reading.question, reading.note, choices, where))
    return used


def meaning(name: str, choice: str) -> str:
    """ "lacp_off: LACP is off on it, ...": a choice with its sentence."""
    reading = readings().get(name)
    words = reading.choices.get(choice, "") if reading else ""
    return f"{choice}: {words}" if words else choice
