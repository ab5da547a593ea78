"""What the page says of each lab of a run by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.entries import Entry, style_of
from harness.report.picture import picture
from harness.report.readings import ReadingUsed, readings_used
from harness.report.summary import by_premise, counts, headline
from harness.report.text import one_line
from harness.report.wording import WORDING, Wording
from harness.verdict import Verdict
from harness.verdict.failure import Failure, KnownDeviation
from harness.verdict.result import Cabling, Run


@dataclass(frozen=True)
class LabSection:
    """A lab of a run: the run on it alone, and the entries of its results."""

    run: Run
    entries: list[Entry]

    @property
    def verdict(self) -> tuple[Wording, str, str]:
        """Wording, style and sentence."""
        verdict, sentence = headline(self.run)
        return WORDING[verdict], style_of(verdict), sentence

    @property
    def counts(self) -> list[tuple[Wording, str, int]]:
        """Wording, style and number of each verdict."""
        number = counts(one.result for one in self.entries)
        return [(WORDING[verdict], style_of(verdict), n) for verdict, n in number.items()]

    @property
    def pictures(self) -> list[tuple[Cabling, Markup]]:
        """Each way in which its benches are cabled."""
        return [(cabling, picture(cabling)) for cabling in self.run.cabling]

    @property
    def readings(self) -> list[ReadingUsed]:
        """The readings that judged it."""
        return readings_used(self.run.results, [one.anchor for one in self.entries])

    @property
    def waiting(self) -> list[tuple[Failure, str, list[Entry]]]:
        """What was not judged, by the premise that it waits for; with the anchor of what broke that row."""
        of = {id(one.result): one for one in self.entries}
        broken = {
            row: one.anchor
            for one in reversed(self.entries)
            for row, verdict in one.result.judged.items()
            if verdict in (Verdict.FAIL, Verdict.DEVIATION)
        }
        found = by_premise([one.result for one in self.entries])
        return [
            (needed, broken.get(needed.row, ""), [of[id(result)] for result in results])
            for needed, results in found
        ]

    @property
    def reasons(self) -> list[tuple[str, list[Entry]]]:
        """Testcases that are not applicable, by reason, the commonest first."""
        reasons: dict[str, list[Entry]] = {}
        for one in self.entries:
            if one.result.verdict is Verdict.NOT_APPLICABLE:
                reasons.setdefault(one_line(one.result.cause) or "no reason was given", []).append(one)
        return sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))

    @property
    def deviations(self) -> list[tuple[KnownDeviation, list[tuple[Entry, list[str]]]]]:
        """Testcases that showed a known deviation, with the rows that it is of, by its reason."""
        reasons: dict[tuple[str, str, str], tuple[KnownDeviation, list[tuple[Entry, list[str]]]]] = {}
        for one in self.entries:
            for known in one.result.deviations:
                members = reasons.setdefault((known.reason, known.reference, known.expires), (known, []))[1]
                if not members or members[-1][0] is not one:
                    members.append((one, []))
                members[-1][1].append(known.row)
        return list(reasons.values())


def sections(run: Run, entries: Iterable[Entry]) -> list[LabSection]:
    """One for each lab, in the order in which they were named."""
    by_lab: dict[str, list[Entry]] = {}
    for one in entries:
        by_lab.setdefault(one.result.lab, []).append(one)
    return [LabSection(one, by_lab.get(one.name if run.labs else "", [])) for one in run.by_lab]
