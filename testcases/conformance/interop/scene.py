"""A LAG with a switch, conversations both ways on all of its links, and a change that happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.case import Case
from harness.case.busy import CLOSE, FLOWS, Traffic, traffic_of
from harness.case.ends import READY, Ends, ends_of, spoken_by_the_switch
from harness.case.offer import Offer
from harness.case.premises import BRING_UP_TIME
from harness.case.ways import IN, OUT, flows_of, passes, source_of
from harness.pdu import Frame, State
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.wire import Wire

LONG = 15.0
"""Seconds after which a switch that reloads has let its links go."""

FEW = 41
"""One instant of so many has frames then; prime, so that all conversations have their turn."""

STEADY = PROMPT
"""Seconds of traffic before the change."""


def moving(case: Case) -> float:
    """Seconds in which every conversation that is to change its link does so."""
    return PROMPT + (case.pics.marker_wait or PROMPT)


@dataclass
class Scene:
    """A LAG with conversations on it, ``offers``; ``wire`` is the link that is changed where it is one."""

    case: Case
    ends: Ends
    wire: Wire
    offers: Sequence[Offer]

    @property
    def port(self) -> str:
        """The switch's port of that link."""
        return self.ends.lag.ports[self.wire.name]

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """While the block runs, and takes long, conversations have few frames: all are kept until the end."""

        def thin(share: int) -> None:
            for offer in self.offers:
                offer.thin(share)

        timer = self.case.loop.call_at(self.case.now() + LONG, lambda: thin(FEW))
        try:
            yield
        finally:
            timer.cancel()
            thin(1)

    def in_use_again(self, wires: Sequence[Wire]) -> None:
        """Wait until both ends distribute on these links; whether they do is judged by what comes through."""
        since = self.case.now()
        self.case.until(lambda: all(self.ends.settled(wire, since) for wire in wires), within=BRING_UP_TIME)


@dataclass(frozen=True)
class Happened:
    """What was seen of a change; times in bench seconds.

    From ``ordered`` to ``done`` it was made and what belongs to it passed, from then to ``undone`` it was
    taken back, until ``ended`` conversations went on. ``wire`` is the link that it happened to, ``silent``
    when the switch said something on each link for the last time before ``done``. ``out_of_sync``: what the
    switch said of that, "" where it was in sync all the time. ``again``: all links are in use in the end, and
    ``ready`` since when the switch has been willing on all of them, None where it is not. ``markers`` has
    Markers and responses by link.
    """

    ordered: float
    done: float
    undone: float
    ended: float
    wire: str
    silent: Mapping[str, float]
    out: Traffic
    into: Traffic
    out_of_sync: str
    again: bool
    ready: float | None
    markers: Mapping[str, Sequence[Frame]]


def happen(
    case: Case, make: Callable[[Scene], None], back: Callable[[Scene], None] | None, *, alone: bool
) -> Happened:
    """Make a change, and take it back, if ever, while conversations pass both ways on all links of a LAG.

    ``alone``: it happens to the link with the most conversations from the host, and to no other one.
    """
    wires = case.switch_wires[: case.pics.max_ports]
    with ends_of(case, wires, timeout="short") as ends:
        ends.lag.all_bundled(BRING_UP_TIME)
        passes(case, ends.aggregate, wires)
        case.run_for(moving(case))  # to links that came up later
        since = case.now()
        with (
            case.offering(ends.aggregate, flows_of(case, OUT, FLOWS), pace=CLOSE) as out,
            case.offering(source_of(case, ends.aggregate, IN), flows_of(case, IN, FLOWS), pace=CLOSE) as into,
        ):
            case.run_for(STEADY)
            wire = max(wires, key=lambda wire: sum(map(out.data, wire.received(since))))
            scene = Scene(case, ends, wire, [out, into])
            ordered = case.now()
            make(scene)
            done = case.now()
            if back is not None:
                back(scene)
            undone = case.now()
            case.run_for(moving(case))
            ended = case.now()
        case.run_for(PROMPT)  # what is under way comes out
        changed = [wire.name] if alone else [one.name for one in wires]
        again = all(ends.settled(one, done) for one in wires)
        return Happened(
            ordered, done, undone, ended, wire.name, {one.name: _silent(one, done) for one in wires},
            traffic_of(case, ends.aggregate, wires, OUT, out, since, changed),
            traffic_of(case, ends.aggregate, wires, IN, into, since, changed),
            _out_of_sync(wires, ordered), again, _ready(wires, ordered),
            {one.name: _markers(one) for one in wires},
        )  # fmt: skip


def _silent(wire: Wire, until: float) -> float:
    said = [frame.time for frame in spoken_by_the_switch(wire, float("-inf"))]
    return max((time for time in said if time < until), default=until)


def _ready(wires: Sequence[Wire], since: float) -> float | None:
    """Since when the switch has been willing on all links up to now; None where it is not on all."""
    times = [_willing(wire, since) for wire in wires]
    return None if None in times else max(time for time in times if time is not None)


def _willing(wire: Wire, since: float) -> float | None:
    """Since when the switch has said on a link that it is in sync, collects, and hears this implementation.

    Silence for longer than a short timeout, as of one that was away, ends that.
    """
    with wire.tap.loop.lock:
        own = next((f.actor for f in reversed(wire.frames) if f.is_lacpdu and not f.sent), None)
    begun = None
    for frame in reversed(spoken_by_the_switch(wire, since)):
        heard = own is not None and frame.partner.identity == own.identity
        silent = begun is not None and begun - frame.time > SHORT_TIMEOUT_TIME
        if silent or not heard or READY not in frame.actor.state:
            break
        begun = frame.time
    return begun


def _markers(wire: Wire) -> list[Frame]:
    with wire.tap.loop.lock:
        return [frame for frame in wire.frames if frame.is_marker or frame.is_marker_response]


def _out_of_sync(wires: Sequence[Wire], since: float) -> str:
    """The first LACPDU of the switch that says so; "" where there is none."""
    said = [frame for wire in wires for frame in spoken_by_the_switch(wire, since)]
    return next((f.text() for f in said if State.Synchronization not in f.actor.state), "")
