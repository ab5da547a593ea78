"""What the page shows of one result, and of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from harness.report.attempts import often
from harness.report.sentences import premise
from harness.report.summary import across, again, bench_label, bench_name, parameters
from harness.report.text import duration, one_line
from harness.report.wording import WORDING, Wording
from harness.verdict import Verdict
from harness.verdict.result import Attachment, Attempt, Result, Run

TROUBLED = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSTEADY)
"""Verdicts of what did not pass, the worst first."""


@dataclass(frozen=True)
class Entry:
    """A result with what the template needs beside it.

    ``words`` are the catalogue's, by row; ``again`` is the command that runs just that testcase; ``shown_by``
    are those who met what it is about.
    """

    anchor: str
    result: Result
    words: Mapping[str, str]
    again: str
    shown_by: list[Entry] = field(default_factory=list)

    @property
    def wording(self) -> Wording:
        """Word, symbol and meaning of the verdict."""
        return WORDING[self.result.verdict]

    @property
    def style(self) -> str:
        """CSS class of the verdict."""
        return style_of(self.result.verdict)

    @property
    def parameters(self) -> str:
        """What makes this one differ from others of its testcase."""
        return parameters(self.result.nodeid)

    @property
    def bench(self) -> str:
        """The bench of its lab, and the topology."""
        return ", ".join(filter(None, (bench_name(self.result.bench), self.result.topology)))

    @property
    def where(self) -> str:
        """Bench, time and checks, of a testcase."""
        if across(self.result):
            return ""
        made = f"{self.result.checks} check{'' if self.result.checks == 1 else 's'}"
        return f"{bench_label(self.result)}; after {duration(self.result.seconds)} and {made}"

    @property
    def has_card(self) -> bool:
        """Whether it stands among what did not pass; else all of it is in the table."""
        return self.result.verdict in TROUBLED

    @property
    def requirements(self) -> list[tuple[str, str]]:
        """Row and the catalogue's words, of the rows that it claims and that its failures do not tell of."""
        told = {failure.row for failure in self.result.failures}
        return [(row, self.words[row]) for row in self.result.rows if self.words.get(row) and row not in told]

    @property
    def judged(self) -> list[tuple[str, Wording, str]]:
        """Each row with wording and style of its verdict, where they differ."""
        judged = self.result.judged
        several = len(set(judged.values())) > 1
        return [(row, WORDING[verdict], style_of(verdict)) for row, verdict in judged.items() if several]

    @property
    def waits_for(self) -> str:
        """The row that it waits for, where that is why it was not judged."""
        needed = premise(self.result)
        return needed.row if needed and self.result.verdict is Verdict.NOT_JUDGED else ""

    @property
    def attempts(self) -> list[tuple[Attempt, Wording, str]]:
        """All the times it was run, with wording and style of their verdicts."""
        tried = self.result.attempts
        return [(attempt, WORDING[attempt.verdict], style_of(attempt.verdict)) for attempt in tried]

    @property
    def often(self) -> dict[str, int]:
        """How often each verdict came, by style, worst first."""
        return {style_of(verdict): number for verdict, number in often(self.result).items()}

    @property
    def links(self) -> list[tuple[str, Attachment]]:
        """Attachments with what the page links to, relative to the page."""
        return [(_href(attachment.path), attachment) for attachment in self.result.attachments]

    @property
    def searched(self) -> str:
        """What the text filter of the page looks at."""
        return one_line(" ".join([*self.result.rows, self.result.title, self.result.nodeid])).lower()


def entries(run: Run, words: Mapping[str, str]) -> list[Entry]:
    """An entry for each result, in their order; ``words`` are the catalogue's, by row."""
    shown = [
        Entry(f"t{number}", result, words, again(run, result))
        for number, result in enumerate(run.results, start=1)
    ]
    of = {one.result.key: one for one in shown}
    for one in shown:
        keys = [(one.result.lab, nodeid) for nodeid in one.result.shown_by]
        one.shown_by.extend(of[key] for key in keys if key in of)
    return shown


def style_of(verdict: Verdict) -> str:
    """CSS class of a verdict."""
    return verdict.name.lower()


def _href(path: str) -> str:
    return quote(path, safe="/", errors="backslashreplace")
