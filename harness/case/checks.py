"""What a testcase judges: frames that must or must not be seen, values, figures; each FAIL names its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from harness.case.match import Match, any_lacpdu
from harness.catalogue import Row
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.verdict import ConformanceFailure, ImplementationRefused
from harness.verdict.result import Measurement
from harness.wire.loop import Loop
from harness.wire.station import Station
from harness.wire.wire import Tap, Wire

Place = Wire | Station | Tap

FRAMES_IN_A_MESSAGE = 12

BEFORE = 1.0
"""Seconds before a frame that should not be seen: who was held up in them may have sent it late."""

LONGEST_GRANT = 10.0
"""Seconds that an implementation which is held up gets at most, beside as long again as it had."""


class Judging:
    """Checks of the rows that a testcase claims, on the bench's time; `checks` counts them.

    ``late`` is the bench's lateness allowance in seconds, ``waited`` gives the seconds between two times in
    which the machine held up the implementation or the bench.
    """

    def __init__(
        self, loop: Loop, rows: Sequence[Row], late: float, waited: Callable[[float, float], float]
    ) -> None:
        self.loop = loop
        self.late = late
        self._waited = waited
        self.rows = {row.id: row for row in rows}
        self.checks = 0
        self.notes: list[str] = []
        self.measurements: list[Measurement] = []

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
        premise: bool = False,
    ) -> Frame:
        """The first such frame of the implementation in [since, since + within]; FAIL when there is none.

        `since` is now where it is not given. A `premise` is not counted as a check. An LACPDU that the
        transmit limit holds back when the time is up may come when the limit ends; the report says so. So it
        does where an implementation that was held up meets a premise later, by so much time.
        """
        if not premise:
            self._judged(row)
        start = self.now() if since is None else since
        end = start + within
        frame = self._first(place, what, start, end) or self._held_back(place, what, end)
        if not premise:
            self.checks += 1
        if frame is None:
            frame, window, granted = self._later(place, what, start, end)
            if frame is not None and premise:
                return self._excused(frame, what, end)
            words = f"{what.words} on {_tap(place).name} within {within:.3f} s"
            words = f"(premise) {words}" if premise else words
            row = row or (next(iter(self.rows)) if premise else None)
            self.fail(words, self._story(place, start), row=row, window=window, granted=granted)
        return frame

    def never(
        self,
        place: Place,
        what: Match,
        *,
        during: float,
        since: float | None = None,
        row: str | None = None,
    ) -> None:
        """FAIL when such a frame of the implementation passes in [since, since + during]."""
        self._judged(row)
        start = self.now() if since is None else since
        frame = self._first(place, what, start, start + during)
        self.checks += 1
        if frame is not None:
            words = f"no {what.words.removeprefix('an ').removeprefix('a ')} on {_tap(place).name}"
            self.fail(
                f"{words} for {during:.3f} s",
                f"one after {frame.time - start:.3f} s: {frame.text()}",
                row=row,
                window=(frame.time - BEFORE, frame.time),
            )

    def frames(self, place: Place, what: Match, *, during: float, since: float | None = None) -> list[Frame]:
        """Let `during` seconds pass from `since`, and give every such frame of the implementation in them."""
        start = self.now() if since is None else since
        self.loop.run(lambda: None, start + during)
        return [f for f in _tap(place).received(start) if f.time <= start + during and what(f)]

    def lacpdus(
        self, places: Sequence[Place], *, during: float, since: float | None = None, row: str | None = None
    ) -> dict[str, list[Frame]]:
        """Every LACPDU of the implementation in [since, since + during], by wire; FAIL where a wire has none.

        `since` is now where it is not given. What the LACPDUs carry is for the testcase to judge: one may
        come later where the implementation was held up, by so much time; the report says so.
        """
        self._judged(row)
        start = self.now() if since is None else since
        found = {}
        for place in places:
            seen = self.frames(place, any_lacpdu(), during=during, since=start)
            if not seen:
                end = start + during
                frame, window, granted = self._later(place, any_lacpdu(), start, end)
                if frame is None:
                    words = f"LACPDUs on {_tap(place).name} within {during:.3f} s"
                    self.fail(words, self._story(place, start), row=row, window=window, granted=granted)
                seen = [self._excused(frame, any_lacpdu(), end)]
            found[_tap(place).name] = seen
        return found

    def check(self, right: bool, expected: str, seen: object, *, row: str | None = None) -> None:
        """FAIL with these words where it is not right."""
        self._judged(row)
        self.checks += 1
        if not right:
            self.fail(expected, str(seen), row=row)

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
        row: str | None = None,
        samples: Sequence[float] = (),
    ) -> None:
        """Record a figure, and FAIL where it is outside its limits; without limits it is only reported.

        ``samples`` are single figures behind it, of the same unit: the report shows how they spread.
        """
        self.measurements.append(Measurement(what, value, unit, lower, upper, tuple(samples)))
        if lower is None and upper is None:
            return
        low = f"at least {lower:g} {unit}" if lower is not None else ""
        high = f"at most {upper:g} {unit}" if upper is not None else ""
        self.check(
            (lower is None or value >= lower) and (upper is None or value <= upper),
            f"{what} {' and '.join(filter(None, (low, high)))}",
            f"{value:g} {unit}",
            row=row,
        )

    def report(self, note: str) -> None:
        """A property that is shown, not judged."""
        self.notes.append(note)

    @contextmanager
    def refusal(self, what: str, *words: str, row: str | None = None) -> Iterator[None]:
        """FAIL unless the implementation refuses what is done inside, with all these words in its answer."""
        self._judged(row)
        self.checks += 1
        try:
            yield
        except ImplementationRefused as refused:
            missing = [word for word in words if word not in refused.answer]
            if missing:
                self.fail(f"{what} refused with {', '.join(words)}", str(refused), row=row)
            return
        self.fail(f"{what} refused with {', '.join(words)}", "it was accepted", row=row)

    def _judged(self, row: str | None) -> Row:
        """The row that a check is of. Raises ValueError where a testcase of several does not say it."""
        if row is None and len(self.rows) != 1:
            raise ValueError(f"which of {', '.join(self.rows)} is judged? say row=")
        return self.rows[row or next(iter(self.rows))]

    def fail(
        self,
        expected: str,
        seen: str,
        *,
        row: str | None = None,
        window: tuple[float, float] | None = None,
        granted: float = 0.0,
    ) -> NoReturn:
        """Raise ConformanceFailure for a row this testcase claims; `window` and `granted` are its own."""
        found = self._judged(row)
        raise ConformanceFailure(found.id, found.clause, expected, seen, window, granted)

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
            if granted - reached <= self.late:
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

    def _story(self, place: Place, since: float) -> str:
        """What the implementation sent instead, times from `since`."""
        seen = _tap(place).received(since)
        if not seen:
            before = _tap(place).received()
            last = (
                f"; the last frame before: {before[-1].time - since:+.3f} s {before[-1].text()}"
                if before
                else ""
            )
            return f"nothing{last}"
        shown = [f"{frame.time - since:+.3f} s {frame.text()}" for frame in seen[:FRAMES_IN_A_MESSAGE]]
        more = len(seen) - len(shown)
        return "; ".join(shown) + (f"; and {more} more" if more else "")


def _tap(place: Place) -> Tap:
    if isinstance(place, Station):
        return place.wire.tap
    return place.tap if isinstance(place, Wire) else place


def _show(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)
