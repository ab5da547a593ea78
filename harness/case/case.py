"""The case: everything a testcase does and judges goes through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, TypeVar

from harness.actors.actor import Actor, Aggregate, Variable
from harness.bench.bench import Bench
from harness.bench.loop import Loop
from harness.bench.station import Station, default_info
from harness.bench.wire import Tap, Wire
from harness.case.match import Match, any_lacpdu, lacpdu
from harness.case.offer import STEADY, Offer, Pace
from harness.case.traffic import Conversation, conversations
from harness.catalogue import Row
from harness.lab.schema import Pics
from harness.monitor.acts import Acts
from harness.pdu import Frame, PortInfo, State
from harness.profile import Profile, readings
from harness.result import Measurement
from harness.timers import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SLOW_PERIODIC_TIME,
    TIMER_TOLERANCE,
)
from harness.verdict import ConformanceFailure, ImplementationRefused

T = TypeVar("T")
Place = Wire | Station | Tap

BRING_UP_TIME = AGGREGATE_WAIT_TIME + 8 * FAST_PERIODIC_TIME
"""Seconds an implementation has to reach Distributing with a willing, fast partner: a testcase's premise."""

FRAMES_IN_A_MESSAGE = 12


class LinkUp(NamedTuple):
    """When a link came up: bench seconds just before it was ordered, and when the order was carried out."""

    ordered: float
    done: float


@dataclass
class Lag:
    """An aggregate that distributes, and the partners it distributes to."""

    aggregate: Aggregate
    stations: list[Station]

    @property
    def station(self) -> Station:
        """The first partner."""
        return self.stations[0]


class Case:
    """One testcase at work.

    ``late`` is the bench's lateness allowance in seconds; times are bench seconds, as frames carry them.
    ``soak``: rows that take hours are to be run in full. ``floods``: the tester may break the slow protocols'
    rate. ``speeds``: it needs wires whose speed can be set.
    """

    def __init__(
        self,
        bench: Bench,
        rows: Sequence[Row],
        *,
        soak: bool = False,
        floods: bool = False,
        speeds: bool = False,
    ) -> None:
        self.bench = bench
        self._speeds = speeds
        self.soak = soak
        self.floods = floods
        self.rows = {row.id: row for row in rows}
        self.acts = Acts(bench.actor, bench.loop.now)
        self.late = bench.lab.limits.late
        self.checks = 0
        self.notes: list[str] = []
        self.readings: dict[str, str] = {}
        self.measurements: list[Measurement] = []
        self._stations: list[Station] = []
        self._conversations = 0

    # -- what there is

    @property
    def loop(self) -> Loop:
        """The bench's time."""
        return self.bench.loop

    @property
    def actor(self) -> Actor:
        """The implementation under test; what is done to it is kept for the protocol monitor."""
        return self.acts.actor

    @property
    def wires(self) -> list[Wire]:
        """The straight wires (T1): those whose speed can be set for a testcase that needs it."""
        names = {wire.name for wire in self.bench.lab.straight_wires_for(speeds=self._speeds)}
        return [wire for wire in self.bench.wires if wire.name in names]

    @property
    def switch_wires(self) -> list[Wire]:
        """The wires to the switch (T2)."""
        return [wire for wire in self.bench.wires if not wire.straight]

    @property
    def profile(self) -> Profile:
        """The edition that judges, for the constants that depend on it; see also `reading`."""
        return self.bench.lab.judged_by

    @property
    def pics(self) -> Pics:
        """What the implementation declares, where a row compares with a declared value."""
        return self.bench.lab.implementation.pics

    @property
    def partner_defaults(self) -> PortInfo:
        """What the implementation declares for a partner it does not know (43.4.7)."""
        declared = self.pics.partner_defaults
        return PortInfo(
            declared.system_priority,
            declared.system,
            declared.key,
            declared.port_priority,
            declared.port,
            State(declared.state),
        )

    def reading(self, name: str) -> str:
        """The choice in force where editions or readers of the standard differ (`harness.profile`).

        The report says that it was used. Raises UnknownReading, and ValueError where the reading is about no
        row of this testcase.
        """
        choice = self.profile.reading(name)
        about = readings()[name].rows
        if not set(about) & set(self.rows):
            raise ValueError(f"reading {name} is about {', '.join(about)}, not {', '.join(self.rows)}")
        self.readings[name] = choice
        return choice

    def now(self) -> float:
        """Bench seconds."""
        return self.loop.now()

    # -- arranging

    def station(self, wire: Wire, **info: Any) -> Station:
        """A silent partner on a wire; fields and state bits of its information may be given."""
        number = self.bench.wires.index(wire) + 1
        station = Station(self.loop, wire, default_info(number).change(**info))
        self._stations.append(station)
        return station

    def aggregate(self, wires: Sequence[Wire], name: str = "agr0", **variables: Variable) -> Aggregate:
        """An aggregate of the implementation over these wires; variables as `Aggregate.set`, with _ for -."""
        return self.actor.aggregate(name, [wire.port for wire in wires], **variables)

    def bundle(self, number: int = 1, *, name: str = "agr0", **variables: Variable) -> Lag:
        """An aggregate over the first straight wires with a willing, fast partner on each; all distribute."""
        wires = self.wires[:number]
        stations = [self.station(wire) for wire in wires]
        for station in stations:
            station.start()
        lag = Lag(self.aggregate(wires, name, **variables), stations)
        self.distributing(lag.stations)
        return lag

    def distributing(self, stations: Sequence[Station], within: float = BRING_UP_TIME) -> None:
        """Wait until the implementation says on each wire that it distributes: a premise of the testcase."""
        for station in stations:
            self.expect(station, lacpdu(Synchronization=1, Collecting=1, Distributing=1), within=within,
                        row=next(iter(self.rows)), premise=True)  # fmt: skip

    def control(self, kind: str) -> dict[str, Variable]:
        """Variables for "independent" or "coupled" control (43.4.15); none where only one is implemented."""
        both = self.pics.independent_control and self.pics.coupled_control
        return {"control": kind} if both else {}

    def link_up(self, wire: Wire) -> LinkUp:
        """Give a wire that was cut its carrier back."""
        ordered = self.now()
        wire.restore()
        return LinkUp(ordered, self.now())

    def conversations(self, count: int, source: str) -> list[Conversation]:
        """New conversations of a source address: no other frame of this testcase bears their numbers."""
        first = self._conversations
        self._conversations += count
        return conversations(self._conversations, source)[first:]

    @contextmanager
    def offering(
        self,
        source: Aggregate | Wire,
        flows: int | Sequence[Conversation] = 1,
        *,
        pace: Pace = STEADY,
    ) -> Iterator[Offer]:
        """Data at a steady pace while the block runs: an aggregate's client's, or the tester's on a wire.

        `flows` new conversations, that differ in all but their source address; or these.
        """
        if isinstance(source, Wire):
            place: Wire | Tap = source
            mac, words = source.tap.mac, "a data frame of the tester's"
        else:
            place, mac, words = source.client, source.mac, "a data frame of the client's"
        own = self.conversations(flows, mac) if isinstance(flows, int) else flows
        offer = Offer(self.loop, place, own, words, pace)
        offer.start()
        try:
            yield offer
        finally:
            offer.stop()

    def settle(self) -> None:
        """Long enough for the transmit limit (43.4.16) to have no part in when the next answer comes."""
        self.run_for(FAST_PERIODIC_TIME + TIMER_TOLERANCE)

    def quiet(self, station: Station) -> float:
        """A time in which a PDU of the implementation is an answer, and nothing else: to see an NTT.

        The station says Timeout=0 and speaks no more by itself; the implementation has sent nothing for
        three seconds, and its next periodic PDU is at least three seconds away; a PDU without news, the
        control run, brings no answer. The implementation's own timeout must be long.

        Gives the bench time at which the next periodic PDU may be three seconds away: when quiet ends.
        """
        distance = 3 * FAST_PERIODIC_TIME
        slow = station.last(Timeout=0).time
        end = slow + SLOW_PERIODIC_TIME - TIMER_TOLERANCE - distance
        until = end - 2 * PROMPT

        def hushed() -> bool:
            seen = [frame.time for frame in station.wire.received(slow) if frame.is_lacpdu]
            return self.now() - max(seen, default=slow) >= distance

        while not hushed() and self.now() < until:
            self.run_for(TIMER_TOLERANCE)
        row = next(iter(self.rows))
        if not hushed():
            self.fail(f"(premise) {distance:g} s without an LACPDU on {station.wire.name} for a partner with "
                      "Timeout=0", self._story(station, slow), row=row)  # fmt: skip
        self.unanswered(station)
        return end

    def unanswered(self, station: Station) -> None:
        """The control run of a quiet time: an LACPDU without news brings no answer. A premise."""
        control = station.say()
        answer = self._first(station, any_lacpdu(), control.time, control.time + PROMPT)
        if answer is not None:
            self.fail(
                "(premise) no answer to an LACPDU without news", answer.text(), row=next(iter(self.rows))
            )

    # -- letting time pass

    def arrived(self) -> None:
        """Let pass what a frame takes on its way: what follows meets nothing that was said before."""
        self.run_for(self.late)

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_for(seconds)

    def until(self, condition: Callable[[], T | None], within: float) -> T | None:
        """Let time pass until the condition gives something true; None at the deadline."""
        return self.loop.run(condition, self.now() + within)

    def form(self, full: float, short: float) -> float:
        """Seconds for a row that takes its time: `full` with --soak; else `short`, and the report says so."""
        if self.soak:
            return full
        self.report(f"short form: {short:g} s of {full:g} s; --soak runs the full one")
        return short

    # -- judging

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

        `since` is now where it is not given. A `premise` is not counted as a check.
        """
        if not premise:
            self._judged(row)
        start = self.now() if since is None else since
        frame = self._first(place, what, start, start + within)
        if not premise:
            self.checks += 1
        if frame is None:
            words = f"{what.words} on {_tap(place).name} within {within:.3f} s"
            words = f"(premise) {words}" if premise else words
            row = row or (next(iter(self.rows)) if premise else None)
            self.fail(words, self._story(place, start), row=row)
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

        `since` is now where it is not given. What the LACPDUs carry is for the testcase to judge.
        """
        self._judged(row)
        start = self.now() if since is None else since
        found = {}
        for place in places:
            found[_tap(place).name] = self.frames(place, any_lacpdu(), during=during, since=start)
            if not found[_tap(place).name]:
                words = f"LACPDUs on {_tap(place).name} within {during:.3f} s"
                self.fail(words, self._story(place, start), row=row)
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
    ) -> None:
        """Record a figure, and FAIL where it is outside its limits; without limits it is only reported."""
        self.measurements.append(Measurement(what, value, unit, lower, upper))
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

    def fail(self, expected: str, seen: str, *, row: str | None = None) -> NoReturn:
        """Raise ConformanceFailure for a row this testcase claims."""
        found = self._judged(row)
        raise ConformanceFailure(found.id, found.clause, expected, seen)

    # -- behind it

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

    def close(self) -> None:
        """The testcase has ended: its partners fall silent."""
        for station in self._stations:
            station.leave()


def _tap(place: Place) -> Tap:
    if isinstance(place, Station):
        return place.wire.tap
    return place.tap if isinstance(place, Wire) else place


def _show(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)
