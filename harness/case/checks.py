"""Frames that must be seen, or must not, within the clause's times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge
from typing import Any

from harness.case.judge import Judge
from harness.case.match import Match, any_lacpdu
from harness.case.premises import BRING_UP_TIME, STEP_LATE, Premise, step_late
from harness.case.windows import longest, silence
from harness.catalogue import Row
from harness.host.stalls import harmless
from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.verdict.failure import Limit, SeenFrame
from harness.wire.loop import Loop
from harness.wire.moment import doubt, may_be_from
from harness.wire.station import Station
from harness.wire.wire import Tap, Wire

Place = Wire | Station | Tap

FRAMES_SHOWN = 12

BEFORE = 1.0
"""Seconds before a frame that should not be seen: who was held up in them may have sent it late."""

LONGEST_GRANT = 10.0
"""Seconds that an implementation which is held up gets at most, beside as long again as it had."""


class Checks(Judge):
    """Frames that the implementation must send, or must not, on the bench's time: see `Judge`.

    ``waited`` gives the seconds between two times in which the machine held up the implementation or the
    bench.
    """

    def __init__(
        self,
        loop: Loop,
        rows: Sequence[Row],
        late: float,
        waited: Callable[[float, float], float],
        unseen: Callable[[float, float], float],
    ) -> None:
        super().__init__(rows, late, unseen)
        self.loop = loop
        self._waited = waited

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

        `since` is now where it is not given, `within` the clause's time; what another machine has captured
        may be outside by the error of its clock. ``premise`` names the row that is broken where the testcase
        only needs the frame to go on (or gives it, from what was sent): it is not counted as a check. An
        LACPDU that the transmit limit holds back when the time is up may come when the limit ends; the report
        says so. So it does where an implementation that was held up meets a premise later, by so much time.
        What must come within `BRING_UP_TIME` and comes later is late by a step of a link's way to
        Distributing: that step's row is broken, and the testcase's own is not judged.
        """
        if not premise:
            self._count(row)
        start = self.now() if since is None else since
        limit = self._longest(place, within + what.later, start, exact=exact)
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
        limit = self._longest(place, within + what.later, start, exact=exact)
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
        that carrier went, or came, just before, nor what may be outside by the clocks of two machines.
        """
        self._count(row)
        start = self.now() if since is None else since
        clocks = doubt(during) + _tap(place).clock_error(start, float(during))
        limit = silence(during, exact=exact, clocks=clocks)
        begin = float(start) + self._unseen(start, start) + _tap(place).clock_error(start)
        start = float(start)
        frame = self._first(place, what, begin, start + limit.whole, is_from=ge)
        if frame is None:
            self.loop.run(lambda: None, start + during)
            return
        words = f"no {what.words.removeprefix('an ').removeprefix('a ')} on {_tap(place).name}"
        seen = f"one after {frame.time - start:.3f} s: {frame.text()}"
        window = float(frame.time) - BEFORE - clocks, float(frame.time) + clocks
        self._broken(words, seen, row=row, limit=limit, window=window)

    def frames(self, place: Place, what: Match, *, during: float, since: float | None = None) -> list[Frame]:
        """Let `during` seconds pass from `since`, and give every such frame of the implementation in them.

        What another machine has captured is among them also where it may have been outside, by the error of
        its clock.
        """
        start, tap = self.now() if since is None else since, _tap(place)
        end = float(start) + float(during)
        self.loop.run(lambda: None, end)
        end += doubt(during) + tap.clock_error(start, float(during))
        return [frame for frame in tap.received(start) if frame.time <= end and what(frame)]

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
        found = {}
        for place in places:
            limit = self._longest(place, during, start, exact=exact)
            seen = self.frames(place, any_lacpdu(), during=during, since=start)
            if not seen:
                frame, story = self._sought(place, any_lacpdu(), start, limit, excused=True)
                if frame is None:
                    self.fail(f"an LACPDU on {_tap(place).name}", row=row, **story)
                seen = [frame]
            found[_tap(place).name] = seen
        return found

    def _longest(self, place: Place, time: float, start: float, *, exact: bool) -> Limit:
        """The window of a time of the clause that begins at a moment, for frames that are seen at a place."""
        link = self._unseen(start, start + float(time))
        clocks = doubt(time) + _tap(place).clock_error(start, float(time))
        return longest("within", time, self.late, exact=exact, link=link, clocks=clocks)

    def _sought(
        self, place: Place, what: Match, start: float, limit: Limit, *, excused: bool
    ) -> tuple[Frame | None, dict[str, Any]]:
        """The first such frame within the limit, or why there is none, as fields of a failure.

        ``excused``: one that an implementation which was held up sends later is as good.
        """
        end = float(start) + limit.whole
        frame = self._first(place, what, start, end) or self._held_back(place, what, end)
        if frame is not None:
            return frame, {}
        frame, window, granted = self._later(place, what, float(start), end)
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

    def _first(
        self,
        place: Place,
        what: Match,
        start: float,
        end: float,
        is_from: Callable[[float, float], bool] = may_be_from,
    ) -> Frame | None:
        """The first such frame from a time on, by its time stamp until ``end``, that is waited for."""
        frames = _tap(place).frames
        position = 0

        def look() -> Frame | None:
            nonlocal position
            while position < len(frames):
                frame = frames[position]
                position += 1
                if not frame.sent and frame.time <= end and is_from(frame.time, start) and what(frame):
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
                return frame, (start, float(frame.time)), 0.0
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
        frame = self._first(place, any_lacpdu() & what, end, float(free) + doubt(free))
        if frame is not None:
            self.report(
                f"{what.words}: {frame.time - end:.3f} s later, when the transmit limit let it (43.4.16)"
            )
        return frame

    def _story(self, place: Place, since: float) -> dict[str, Any]:
        """What the implementation sent instead, as fields of a failure; times from `since`."""
        sent = _tap(place).received(since) or _tap(place).received()[-1:]
        frames = [SeenFrame(float(frame.time - since), _tap(place).name, frame.text()) for frame in sent]
        shown = frames[:FRAMES_SHOWN]
        later = sum(frame.time >= 0 for frame in frames)
        seen = f"{later} other frame{'s' * (later > 1)}" if later else "nothing"
        return {"seen": seen, "frames": tuple(shown), "left_out": len(frames) - len(shown)}


def _tap(place: Place) -> Tap:
    if isinstance(place, Station):
        return place.wire.tap
    return place.tap if isinstance(place, Wire) else place
