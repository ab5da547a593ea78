"""What becomes of the rows of a testcase: right, broken, or not judged; figures; each FAIL names its row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from harness import catalogue
from harness.case.windows import longest, shortest
from harness.catalogue import Row
from harness.verdict import ConformanceFailure, ImplementationRefused
from harness.verdict.failure import Failure, Figure, Kind, Limit
from harness.verdict.result import Measurement
from harness.wire.moment import doubt

MACHINE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Judge:
    """Checks of the rows that a testcase claims; `checks` counts them.

    A row that is broken is kept in `failures`, once, and the story goes on while another row is left to be
    judged and what was missed is not what the story goes on with: then ConformanceFailure ends it. `empty`
    has the rows of which there was nothing to judge, with the reason.

    ``late`` is the bench's lateness allowance in seconds, ``unseen`` gives the seconds from the first of two
    times on in which the implementation need not have seen carrier that came or went before the second.
    Times that a testcase gives are the clause's: for each timer in them (`Duration`) its tolerance and the
    allowance are added here, for a time without one the allowance alone (``exact``: nothing is), and what is
    unseen.
    """

    def __init__(self, rows: Sequence[Row], late: float, unseen: Callable[[float, float], float]) -> None:
        self.late = late
        self._unseen = unseen
        self.rows = {row.id: row for row in rows}
        self.checks = 0
        self.checked: set[str] = set()
        self.empty: dict[str, str] = {}
        self.failures: list[Failure] = []
        self.notes: list[str] = []
        self.measurements: list[Measurement] = []
        self._recorded: Counter[str] = Counter()

    def check(
        self,
        right: bool,
        expected: str,
        seen: object,
        *,
        row: str | None = None,
        window: tuple[float, float] | None = None,
    ) -> None:
        """FAIL with these words where it is not right.

        ``window`` is the time in which it matters who was held up, where that is not the whole testcase.
        """
        self._count(row)
        if not right:
            self._broken(expected, str(seen), row=row, window=window)

    def equal(self, seen: object, expected: object, what: str, *, row: str | None = None) -> None:
        """FAIL where two values differ."""
        self.check(seen == expected, f"{what} {_show(expected)}", _show(seen), row=row)

    def within(
        self,
        value: float,
        lower: float | None,
        upper: float | None,
        what: str,
        unit: str = "s",
        *,
        id: str,
        row: str | None = None,
        samples: Sequence[float] = (),
        exact: bool = False,
        since: float | None = None,
        window: tuple[float, float] | None = None,
    ) -> None:
        """Record a figure, and FAIL where it is outside its limits; without limits it is only reported.

        Limits in "s" are the clause's times: a timer may end by its tolerance sooner, or by tolerance and
        allowance later; what clocks of two machines tell (`Moment`) may be wrong by their error. ``id`` is
        the figure's name for machines, which stays when the words change: lower case, with hyphens; where a
        testcase records it again, "-2" and so on is added. ``samples`` are single figures behind it, of the
        same unit: the report shows how they spread. ``since`` is when it begins, where that is about when
        carrier comes or goes, ``window`` as `check` has it.
        """
        exact = exact or unit != "s"
        clocks, span, value = doubt(value), value, float(value)
        least = None if lower is None else shortest(lower, exact=exact, clocks=clocks)
        link = 0.0 if since is None else self._unseen(since, since + span)
        most = (
            None
            if upper is None
            else longest("at most", upper, self.late, exact=exact, link=link, clocks=clocks)
        )
        figure = Figure(
            value,
            unit,
            None if least is None else least.whole,
            None if most is None else most.whole,
        )
        self._record(figure, what, id, samples)
        if least is None and most is None:
            return
        self._count(row)
        if least is not None and value < least.whole:
            self._outside(figure, what, least, row, window)
        elif most is not None and value > most.whole:
            self._outside(figure, what, most, row, window)

    def earliest(self, time: float) -> float:
        """The clause's time, each timer in it by its tolerance shorter, in seconds."""
        return shortest(time).whole

    def latest(self, time: float, *, since: float | None = None) -> float:
        """The clause's time with all that is added to it, in seconds: for a testcase that waits by itself.

        ``since`` is when it begins, where that is about when carrier comes or goes.
        """
        link = 0.0 if since is None else self._unseen(since, since + float(time))
        return longest("within", time, self.late, link=link).whole

    def report(self, note: str) -> None:
        """A property that is shown, not judged."""
        self.notes.append(note)

    @contextmanager
    def refusal(self, what: str, *words: str, row: str | None = None) -> Iterator[None]:
        """FAIL unless the implementation refuses what is done inside, with all these words in its answer."""
        self._count(row)
        expected = f"{what} refused with {', '.join(words)}"
        try:
            yield
        except ImplementationRefused as refused:
            if any(word not in refused.answer for word in words):
                self._broken(expected, str(refused), row=row)
            return
        self.fail(expected, "it was accepted", row=row)

    def fail(self, expected: str, seen: str, *, row: str | None = None, **more: Any) -> NoReturn:
        """End the testcase: a row that it claims is broken. ``more`` are fields of `Failure`."""
        raise ConformanceFailure(self._keep(self._judged(row), expected, seen, **more))

    def unmet(self, premise: str, expected: str, seen: str, **more: Any) -> NoReturn:
        """End the testcase: what it needs was not reached. ``premise`` is the row which that breaks.

        Rows that are left are not judged; the premise's own has its FAIL once in a run. Raises UsageError
        where the catalogue has no such row.
        """
        kind = Kind.CHECK if premise in self.rows else Kind.PREMISE
        row = self.rows.get(premise) or catalogue.load().row(premise)
        raise ConformanceFailure(self._keep(row, expected, seen, kind=kind, **more))

    def broken(self, row: str) -> bool:
        """Whether a row has failed already: what can be right only where it is kept is not judged then."""
        return any(failure.row == row for failure in self.failures)

    def leave(self, row: str) -> None:
        """Judge no more of a row, as another one that is broken has made its part of the story impossible."""
        self.checked.discard(row)

    def nothing_to_judge(self, why: str, *, row: str | None = None) -> None:
        """A row is NOT JUDGED, unless it fails: what it is about did not come about. The story goes on.

        `NotJudged` ends it.
        """
        self.empty.setdefault(self._judged(row).id, why)

    def _count(self, row: str | None) -> None:
        """A check of a row is made."""
        self.checked.add(self._judged(row).id)
        self.checks += 1

    def _broken(self, expected: str, seen: str, *, row: str | None, **more: Any) -> None:
        """A row is broken; the story goes on where another is left."""
        failure = self._keep(self._judged(row), expected, seen, **more)
        if {one.row for one in self.failures} >= set(self.rows):
            raise ConformanceFailure(failure)

    def _keep(self, row: Row, expected: str, seen: str, **more: Any) -> Failure:
        """The failure of a row: the first one, where it has failed before."""
        for failure in self.failures:
            if failure.row == row.id:
                return failure
        self.failures.append(Failure(row.id, row.clause, expected, seen, **more))
        return self.failures[-1]

    def _judged(self, row: str | None) -> Row:
        """The row that a check is of. Raises ValueError where a testcase of several does not say it."""
        if row is None and len(self.rows) != 1:
            raise ValueError(f"which of {', '.join(self.rows)} is judged? say row=")
        return self.rows[row or next(iter(self.rows))]

    def _record(self, figure: Figure, what: str, id: str, samples: Sequence[float]) -> None:
        """Keep a figure, under a name for machines that is its own. Raises ValueError where it is no such."""
        if not MACHINE_NAME.fullmatch(id):
            raise ValueError(f"{id!r}: a figure's name for machines is of a-z, 0-9 and hyphens")
        self._recorded[id] += 1
        unique = f"{id}-{self._recorded[id]}" if self._recorded[id] > 1 else id
        single = tuple(map(float, samples))
        self.measurements.append(
            Measurement(what, figure.value, figure.unit, figure.lower, figure.upper, single, unique)
        )

    def _outside(
        self, figure: Figure, what: str, limit: Limit, row: str | None, window: tuple[float, float] | None
    ) -> None:
        """A figure breaks a limit; that of a time is told with its parts."""
        seen = f"{figure.value:g} {figure.unit}"
        if figure.unit == "s":
            self._broken(what, seen, row=row, figure=figure, limit=limit, window=window)
        else:
            clocks = f" with {abs(limit.clocks):g} {figure.unit} of clocks" if limit.clocks else ""
            words = f"{what} {limit.word} {limit.whole:g} {figure.unit}{clocks}"
            self._broken(words, seen, row=row, figure=figure, window=window)


def _show(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)
