"""The case: everything a testcase does and judges goes through it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from harness.bench.bench import Bench
from harness.case.checks import Checks
from harness.case.match import any_lacpdu, lacpdu
from harness.case.offer import STEADY, Offer, Pace
from harness.case.premises import BRING_UP_TIME, Premise, step_missed
from harness.case.traffic import Conversation, conversations, mixed
from harness.catalogue import Row
from harness.dut.abilities import others, word_of
from harness.dut.acts import Acts
from harness.dut.implementation import Aggregate, Dut, Variable
from harness.lab.pics import Pics
from harness.pdu import Frame, PortInfo, State
from harness.profile import Profile, readings
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    LONG_TIMEOUT_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
    TIMER_TOLERANCE,
    Duration,
)
from harness.traffic.mix import UNTAGGED
from harness.wire.station import Station, default_info
from harness.wire.wire import Tap, Wire

T = TypeVar("T")

ETHERNET_OCTETS = 14
"""Of addresses and type."""


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


class Case(Checks):
    """One testcase at work.

    ``late`` is the bench's lateness allowance in seconds; times are bench seconds, as frames carry them.
    ``soak``: rows that take hours are to be run in full. ``floods``: the tester may break the slow protocols'
    rate. ``needs``: what it says that it needs, of ``has``, what there is; None: nothing is held against
    them.
    """

    def __init__(
        self,
        bench: Bench,
        rows: Sequence[Row],
        *,
        soak: bool = False,
        floods: bool = False,
        needs: Sequence[str] | None = None,
        has: Container[str] | None = None,
    ) -> None:
        super().__init__(bench.loop, rows, bench.lab.limits.late, bench.waited, bench.unseen)
        self.bench = bench
        self._speeds = "speeds" in (needs or ())
        self._has = has
        self.soak = soak
        self.floods = floods
        self.acts = Acts(bench.dut, bench.loop.now, needs)
        self.readings: dict[str, str] = {}
        self.found: Any = None  # what it looked at
        self._stations: list[Station] = []
        self._listening: list[Callable[[], None]] = []
        self._conversations = 0

    # -- what there is

    @property
    def dut(self) -> Dut:
        """The implementation under test; what is done to it is kept for the protocol monitor."""
        return self.acts.dut

    @property
    def wires(self) -> list[Wire]:
        """The straight wires (T1): those whose speed can be set for a testcase that needs it."""
        names = {wire.name for wire in self.bench.lab.straight_wires_for(speeds=self._speeds)}
        return [wire for wire in self.bench.wires if wire.name in names]

    @property
    def switch_wires(self) -> list[Wire]:
        """The wires to the switch (T2)."""
        names = {wire.name for wire in self.bench.lab.switch_wires}
        return [wire for wire in self.bench.wires if wire.name in names]

    @property
    def through_switch(self) -> bool:
        """Whether a switch's queues are on the way: on straight wires through it, and where it is judged."""
        lab = self.bench.lab
        return lab.switch_is_judged or any(wire.tunnel for wire in lab.wires)

    @property
    def profile(self) -> Profile:
        """The edition that judges, for the constants that depend on it; see also `reading`."""
        return self.bench.lab.judged_by

    @property
    def pics(self) -> Pics:
        """What the implementation declares, where a row compares with a declared value."""
        return self.bench.lab.implementation.pics

    def can(self, word: str) -> bool:
        """Whether there is what a testcase may need by this word: for what it does only where it can."""
        if self._has is not None and word not in self._has:
            return False
        self.acts.may(word)
        return True

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

    def own_timeout(self) -> tuple[dict[str, Variable], Duration]:
        """The shortest timeout that the implementation has: variables that choose it, and its seconds."""
        if self.can("short_timeout"):
            return {"timeout": "short"}, SHORT_TIMEOUT_TIME
        return ({"timeout": "long"} if self.can("long_timeout") else {}), LONG_TIMEOUT_TIME

    def key(self, number: int) -> int:
        """A key that can be set in place of this one: the same, or another where there are fewer keys."""
        return self.pics.key(number)

    @property
    def longest_interruption(self) -> float:
        """Seconds for which a conversation may rest when its link is lost: the bench's limit, and then for
        which the implementation declares that it carries nothing."""
        return self.bench.lab.limits.failover_loss + self.pics.change_pause

    @property
    def longest_disturbance(self) -> float:
        """Seconds for which data may stand still on links that nothing happens to, while another link of the
        LAG changes: the bench's limit, or for which the implementation declares that it carries nothing then.
        """
        return max(self.bench.lab.limits.disturbance, self.pics.change_pause)

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

    # -- arranging

    def station(self, wire: Wire, **info: Any) -> Station:
        """A silent partner on a wire; fields and state bits of its information may be given."""
        number = self.bench.wires.index(wire) + 1
        station = Station(self.loop, wire, default_info(number, self.bench.partner).change(**info))
        self._stations.append(station)
        return station

    def aggregate(self, wires: Sequence[Wire], name: str = "agr0", **variables: Variable) -> Aggregate:
        """An aggregate of the implementation over these wires; variables as `Aggregate.set`, with _ for -.

        A value that is the only one that the implementation has is not set.
        """
        ports = [wire.port for wire in wires]
        chosen = {name: value for name, value in variables.items() if not self._alone(name, value)}
        return self.dut.aggregate(name, ports, **chosen)

    def aggregate_heard(self, stations: Sequence[Station], **variables: Any) -> Aggregate:
        """An aggregate over the wires of these stations, which are silent, once each of them has heard it.

        A command may answer late, and a port that hears nobody is soon at the slow period (43.4.12, 43.4.13):
        an LACPDU counts from when the aggregate was ordered. PT-09 is broken where there is none.
        """
        begun = self.now()
        aggregate = self.aggregate([station.wire for station in stations], **variables)
        within = self.now() - begun + BRING_UP_TIME
        for station in stations:
            self.expect(station, any_lacpdu(), since=begun, within=within, premise="PT-09")
        return aggregate

    def _alone(self, variable: str, value: Variable) -> bool:
        """Whether the PICS has no other value of a variable than this one."""
        word = word_of(variable.replace("_", "-"), value)
        alternatives = others(word) if word is not None else []
        return bool(alternatives) and not any(getattr(self.pics, other) for other in alternatives)

    def bundle(self, number: int = 1, *, name: str = "agr0", **variables: Variable) -> Lag:
        """An aggregate over the first straight wires with a willing, fast partner on each; all distribute."""
        wires = self.wires[:number]
        stations = [self.station(wire) for wire in wires]
        for station in stations:
            station.start()
        lag = Lag(self.aggregate(wires, name, **variables), stations)
        self.distributing(lag.stations)
        return lag

    def look(self, make: Callable[[], T]) -> T:
        """What `make` gives, which must depend on nothing but what the testcase ``looks_at``.

        Made by the first testcase of a bench that looks at it, and then judged by the others as well: they
        do nothing to the implementation, and their captures are its.
        """
        if self.bench.look is not None:
            found: T = self.bench.look.found
            return found
        self.found = make()
        return self.found  # type: ignore[no-any-return]

    def distributing(self, stations: Sequence[Station], premise: Premise = step_missed) -> None:
        """Wait until the implementation says on each wire that it distributes: a premise of the testcase.

        Then it carries data, when it has carried nothing for as long as it declares.
        """
        for station in stations:
            distributing = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
            self.expect(station, distributing, within=BRING_UP_TIME, premise=premise)
        if self.pics.change_pause:
            self.run_for(self.pics.change_pause)

    def control(self, kind: str) -> dict[str, Variable]:
        """Variables for "independent" or "coupled" control (43.4.15); none where only one is implemented, or
        nothing sets it."""
        both = self.pics.independent_control and self.pics.coupled_control
        return {"control": kind} if both and self.can(f"{kind}_control") else {}

    def link_up(self, wire: Wire) -> LinkUp:
        """Give a wire that was cut its carrier back, when the implementation has seen that it was away.

        How long after it the first LACPDU comes is a figure of the report.
        """
        self.run_for(self._unseen(self.now(), self.now()))
        ordered = self.now()
        wire.restore()
        up = LinkUp(ordered, self.now())

        def first(frame: Frame) -> None:
            if not frame.sent and frame.is_lacpdu:
                stop()
                took, words = frame.time - up.done, f"carrier on {wire.name} to the first LACPDU"
                self.within(took, None, None, words, id="carrier-to-lacpdu")

        stop = wire.tap.listen(first)
        self._listening.append(stop)
        return up

    def conversations(self, count: int, source: str) -> list[Conversation]:
        """New conversations of a source address: no other frame of this testcase bears their numbers."""
        first = self._conversations
        self._conversations += count
        return conversations(self._conversations, source)[first:]

    def mix(self, count: int, source: str) -> list[Conversation]:
        """The same, with frames of all kinds and sizes (`mixed`) that the bench's links pass."""
        longest = min(UNTAGGED, self.bench.lab.mtu + ETHERNET_OCTETS)
        tags = self.can("tagged_frames")
        if not tags:
            self.report("no frame has a tag: not all wires pass those")
        return mixed(self.conversations(count, source), longest, tags=tags)

    @contextmanager
    def offering(
        self,
        source: Aggregate | Wire | Tap,
        flows: int | Sequence[Conversation] = 1,
        *,
        pace: Pace = STEADY,
    ) -> Iterator[Offer]:
        """Data at a steady pace while the block runs: an aggregate's client's, or the tester's own.

        `flows` new conversations, that differ in all but their source address; or these.
        """
        place: Wire | Tap
        if isinstance(source, Wire | Tap):
            place, mac = source, (source.tap if isinstance(source, Wire) else source).mac
            words = "a data frame of the tester's"
        else:
            place, mac, words = source.client, source.mac, "a data frame of the client's"
        own = self.conversations(flows, mac) if isinstance(flows, int) else flows
        offer = Offer(self.loop, place, own, words, pace, self.pics.change_pause)
        offer.start()
        try:
            yield offer
        finally:
            offer.stop()
            if offer.behind:
                self.report(offer.behind)

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
        distance = float(3 * FAST_PERIODIC_TIME)
        slow = station.last(Timeout=0).time
        end = slow + self.earliest(SLOW_PERIODIC_TIME) - distance
        until = end - 2 * PROMPT

        def hushed() -> bool:
            seen = [frame.time for frame in station.wire.received(slow) if frame.is_lacpdu]
            return self.now() - max(seen, default=slow) >= distance

        while not hushed() and self.now() < until:
            self.run_for(TIMER_TOLERANCE)
        if not hushed():
            expected = f"{distance:g} s without an LACPDU on {station.wire.name} for a partner with Timeout=0"
            self.unmet("PT-03", expected, **self._story(station, slow))
        self.unanswered(station)
        return end

    def unanswered(self, station: Station) -> None:
        """The control run of a quiet time: an LACPDU without news brings no answer. A premise."""
        control = station.say()
        answer = self._first(station, any_lacpdu(), control.time, control.time + PROMPT)
        if answer is not None:
            self.unmet("RX-23", "no answer to an LACPDU without news", answer.text())

    # -- letting time pass

    def arrived(self) -> None:
        """Let pass what a frame takes on its way, and an implementation to look at it, which may be in ticks:
        what follows meets nothing that was said or ordered before."""
        self.run_for(PROMPT)

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_for(seconds)

    def until(self, condition: Callable[[], T | None], within: float) -> T | None:
        """Let time pass until the condition gives something true; None when the clause's time is over."""
        return self.loop.run(condition, self.now() + self.latest(within))

    def form(self, full: float, short: float) -> float:
        """Seconds for a row that takes its time: `full` with --soak; else `short`, and the report says so."""
        if self.soak:
            return full
        self.report(f"short form: {short:g} s of {full:g} s; --soak runs the full one")
        return short

    def close(self) -> None:
        """The testcase has ended: its partners fall silent."""
        for stop in self._listening:
            stop()
        for station in self._stations:
            station.leave()
