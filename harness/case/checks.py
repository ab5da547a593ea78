"""What a testcase judges: frames that must or must not be seen, values, figures; each FAIL names its row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from harness import catalogue
from harness.case.match import Match, any_lacpdu
from harness.case.premises import BRING_UP_TIME, STEP_LATE, Premise, step_late
from harness.case.windows import longest, shortest, silence
from harness.catalogue import Row
from harness.host.stalls import harmless
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.verdict import ConformanceFailure, ImplementationRefused
from harness.verdict.failure import Failure, Figure, Kind, Limit, SeenFrame
from harness.verdict.result import Measurement
from harness.wire.loop import Loop
from harness.wire.station import Station
from harness.wire.wire import Tap, Wire

Place = Wire | Station | Tap

FRAMES_SHOWN = 12

MACHINE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

BEFORE = 1.0
"""Seconds before a frame that should not be seen: who was held up in them may have sent it late."""

LONGEST_GRANT = 10.0
"""Seconds that an implementation which is held up gets at most, beside as long again as it had."""


class Checks:
    """Checks of the rows that a testcase claims, on the bench's time; `checks` counts them.

    A row that is broken is kept in `failures`, once, and the story goes on while another row is left to be
    judged and what was missed is not what the story goes on with: then ConformanceFailure ends it. `empty`
    has the rows of which there was nothing to judge, with the reason.

    ``late`` is the bench's lateness allowance in seconds, ``waited`` gives the seconds between two times in
    which the machine held up the implementation or the bench, ``unseen`` those from the first on in which the
    implementation need not have seen carrier that came or went before the second. Times that a testcase gives
    are the clause's: for each timer in them (`Duration`) its tolerance and the allowance are added here, for
    a time without one the allowance alone (``exact``: nothing is), and what is unseen.
    """

    def __init__(
        self,
        loop: Loop,
        rows: Sequence[Row],
        late: float,
        waited: Callable[[float, float], float],
        unseen: Callable[[float, float], float],
    ) -> None:
        self.loop = loop
        self.late = late
        self._waited = waited
        self._unseen = unseen
        self.rows = {row.id: row for row in rows}
        self.checks = 0
        self.checked: set[str] = set()
        self.empty: dict[str, str] = {}
        self.failures: list[Failure] = []
        self.notes: list[str] = []
        self.measurements: list[Measurement] = []
        self._recorded: Counter[str] = Counter()

    def now(self) -> float:
        """Bench seconds."""
        return self.loop.now()

    def expect(
        self,
        place: Place,
        what: Match,
        *,
        within: float,
        since: float | None = None,
        row: str | None = None,
        premise: Premise = "",
        exact: bool = False,
    ) -> Frame:
        """The first such frame of the implementation in [since, since + within]; FAIL when there is none.

        `since` is now where it is not given, `within` the clause's time. ``premise`` names the row that is
        broken where the testcase only needs the frame to go on (or gives it, from what was sent): it is not
        counted as a check. An LACPDU that the transmit limit holds back when the time is up may come when the
        limit ends; the report says so. So it does where an implementation that was held up meets a premise
        later, by so much time. What must come within `BRING_UP_TIME` and comes later is late by a step of a
        link's way to Distributing: that step's row is broken, and the testcase's own is not judged.
        """
        if not premise:
            self._count(row)
        start = self.now() if since is None else since
        limit = self._longest(within + what.later, start, exact=exact)
        frame, story = self._sought(place, what, start, limit, excused=bool(premise))
        if frame is None:
            words = f"{what.words} on {_tap(place).name}"
            if within == BRING_UP_TIME and not premise:
                self._step_late(place, what, start, words, story)
            if premise:
                sent = _tap(place).received(start)
                self.unmet(premise if isinstance(premise, str) else premise(sent), words, **story)
            self.fail(words, row=row, **story)
        return frame

    def check_frame(
        self,
        place: Place,
        what: Match,
        *,
        within: float,
        since: float | None = None,
        row: str | None = None,
        exact: bool = False,
    ) -> Frame | None:
        """As `expect`, where what follows does not need the frame: the story goes on without it (None)."""
        self._count(row)
        start = self.now() if since is None else since
        limit = self._longest(within + what.later, start, exact=exact)
        frame, story = self._sought(place, what, start, limit, excused=False)
        if frame is None:
            self._broken(f"{what.words} on {_tap(place).name}", row=row, **story)
        return frame

    def never(
        self,
        place: Place,
        what: Match,
        *,
        during: float,
        since: float | None = None,
        row: str | None = None,
        exact: bool = False,
    ) -> None:
        """FAIL when such a frame of the implementation passes in [since, since + during].

        `during` is the clause's time; the timer that ends it may end sooner by its tolerance, so that nothing
        that comes in its last moments is judged. Nor is what comes before the implementation need have seen
        that carrier went, or came, just before.
        """
        self._count(row)
        start = self.now() if since is None else since
        limit = silence(during, exact=exact)
        frame = self._first(place, what, start + self._unseen(start, start), start + limit.whole)
        if frame is None:
            self.loop.run(lambda: None, start + during)
            return
        words = f"no {what.words.removeprefix('an ').removeprefix('a ')} on {_tap(place).name}"
        seen = f"one after {frame.time - start:.3f} s: {frame.text()}"
        self._broken(words, seen, row=row, limit=limit, window=(frame.time - BEFORE, frame.time))

    def frames(self, place: Place, what: Match, *, during: float, since: float | None = None) -> list[Frame]:
        """Let `during` seconds pass from `since`, and give every such frame of the implementation in them."""
        start = self.now() if since is None else since
        self.loop.run(lambda: None, start + during)
        return [f for f in _tap(place).received(start) if f.time <= start + during and what(f)]

    def lacpdus(
        self,
        places: Sequence[Place],
        *,
        during: float,
        since: float | None = None,
        row: str | None = None,
        exact: bool = False,
    ) -> dict[str, list[Frame]]:
        """Every LACPDU of the implementation in [since, since + during], by wire; FAIL where a wire has none.

        `since` is now where it is not given, `during` the clause's time. Where a wire has none in it, the
        first one that comes within tolerance and allowance is given. What the LACPDUs carry is for the
        testcase to judge: one may come later where the implementation was held up, by so much time; the
        report says so.
        """
        self._count(row)
        start = self.now() if since is None else since
        limit = self._longest(during, start, exact=exact)
        found = {}
        for place in places:
            seen = self.frames(place, any_lacpdu(), during=during, since=start)
            if not seen:
                frame, story = self._sought(place, any_lacpdu(), start, limit, excused=True)
                if frame is None:
                    self.fail(f"an LACPDU on {_tap(place).name}", row=row, **story)
                seen = [frame]
            found[_tap(place).name] = seen
        return found

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
        allowance later. ``id`` is the figure's name for machines, which stays when the words change: lower
        case, with hyphens; where a testcase records it again, "-2" and so on is added. ``samples`` are single
        figures behind it, of the same unit: the report shows how they spread. ``since`` is when it begins,
        where that is about when carrier comes or goes, ``window`` as `check` has it.
        """
        exact = exact or unit != "s"
        least = None if lower is None else shortest(lower, exact=exact)
        link = 0.0 if since is None else self._unseen(since, since + value)
        most = None if upper is None else longest("at most", upper, self.late, exact=exact, link=link)
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

    def _longest(self, time: float, start: float, *, exact: bool) -> Limit:
        """The window of a time of the clause that begins at a moment."""
        link = self._unseen(start, start + float(time))
        return longest("within", time, self.late, exact=exact, link=link)

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
        self.measurements.append(
            Measurement(what, figure.value, figure.unit, figure.lower, figure.upper, tuple(samples), unique)
        )

    def _outside(
        self, figure: Figure, what: str, limit: Limit, row: str | None, window: tuple[float, float] | None
    ) -> None:
        """A figure breaks a limit; that of a time is told with its parts."""
        seen = f"{figure.value:g} {figure.unit}"
        if figure.unit == "s":
            self._broken(what, seen, row=row, figure=figure, limit=limit, window=window)
        else:
            words = f"{what} {limit.word} {limit.whole:g} {figure.unit}"
            self._broken(words, seen, row=row, figure=figure, window=window)

    def _sought(
        self, place: Place, what: Match, start: float, limit: Limit, *, excused: bool
    ) -> tuple[Frame | None, dict[str, Any]]:
        """The first such frame within the limit, or why there is none, as fields of a failure.

        ``excused``: one that an implementation which was held up sends later is as good.
        """
        end = start + limit.whole
        frame = self._first(place, what, start, end) or self._held_back(place, what, end)
        if frame is not None:
            return frame, {}
        frame, window, granted = self._later(place, what, start, end)
        if frame is not None and excused:
            return self._excused(frame, what, end), {}
        return None, {**self._story(place, start), "limit": limit, "window": window, "granted": granted}

    def _step_late(self, place: Place, what: Match, start: float, words: str, story: dict[str, Any]) -> None:
        """End the testcase where what did not come in time comes later: by the step which was missed then."""
        missed = step_late(_tap(place).frames[:], start)
        frame = self._first(place, what, self.now(), self.now() + STEP_LATE)
        if frame is not None:
            seen = f"{story['seen']} in that time, and it {frame.time - start:.3f} s after its beginning"
            self.unmet(missed, words, **{**story, "seen": seen})

    def _first(self, place: Place, what: Match, start: float, end: float) -> Frame | None:
        frames = _tap(place).frames
        position = 0

        def look() -> Frame | None:
            nonlocal position
            while position < len(frames):
                frame = frames[position]
                position += 1
                if not frame.sent and start <= frame.time <= end and what(frame):
                    return frame
            return None

        return self.loop.run(look, end)

    def _later(
        self, place: Place, what: Match, start: float, end: float
    ) -> tuple[Frame | None, tuple[float, float], float]:
        """What comes when the time is up, but not later than the implementation was held up meanwhile.

        With it the window in which that matters, and how much time was granted. An implementation that is
        slow by itself does not come either, and then nothing of it counts for it any more, but for what is
        below the allowance anyway.
        """
        reached = end
        while True:
            granted = min(end + self._waited(start, reached), end + (end - start) + LONGEST_GRANT)
            if granted - reached <= harmless(self.late):
                return None, (start, reached), reached - end
            frame = self._first(place, what, reached, granted)
            if frame is not None:
                return frame, (start, frame.time), 0.0
            reached = granted

    def _excused(self, frame: Frame, what: Match, end: float) -> Frame:
        late = f"{frame.time - end:.3f} s later"
        self.report(f"{what.words}: {late}, as the machine held up the implementation or the bench")
        return frame

    def _held_back(self, place: Place, what: Match, end: float) -> Frame | None:
        """The LACPDU that three others within a Fast_Periodic_Time held back beyond `end` (43.4.16)."""
        limit = MAX_LACPDUS_PER_FAST_PERIODIC_TIME
        sent = [f.time for f in _tap(place).received() if f.is_lacpdu and f.time <= end][-limit:]
        if len(sent) < limit or (free := sent[0] + FAST_PERIODIC_TIME + self.late) <= end:
            return None
        frame = self._first(place, any_lacpdu() & what, end, free)
        if frame is not None:
            self.report(
                f"{what.words}: {frame.time - end:.3f} s later, when the transmit limit let it (43.4.16)"
            )
        return frame

    def _story(self, place: Place, since: float) -> dict[str, Any]:
        """What the implementation sent instead, as fields of a failure; times from `since`."""
        sent = _tap(place).received(since) or _tap(place).received()[-1:]
        frames = [SeenFrame(frame.time - since, _tap(place).name, frame.text()) for frame in sent]
        shown = frames[:FRAMES_SHOWN]
        later = sum(frame.time >= 0 for frame in frames)
        seen = f"{later} other frame{'s' * (later > 1)}" if later else "nothing"
        return {"seen": seen, "frames": tuple(shown), "left_out": len(frames) - len(shown)}


def _tap(place: Place) -> Tap:
    if isinstance(place, Station):
        return place.wire.tap
    return place.tap if isinstance(place, Wire) else place


def _show(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)
