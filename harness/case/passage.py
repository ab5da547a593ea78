"""Many frames carried in acknowledged batches: where they come out is judged, not how fast they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import cycle

from harness.case.case import Case
from harness.case.offer import left_the_tester
from harness.case.traffic import Key, record
from harness.dut.implementation import Aggregate
from harness.pdu import Frame
from harness.wire.station import Station
from harness.wire.wire import Tap, Wire

BATCH = 200
"""Frames on their way at once: few enough for the queues of any interface."""

SWITCHED_BATCH = 50
"""The same where the switch's own queues are on the way: on wires through it, and where it is judged."""

ARRIVAL_TIME = 5.0
"""Seconds in which a batch that is not lost comes out, on a bench that is busy with other things too."""


class Passage:
    """Test frames that were sent, ``batch`` at a time, and what of them came out at some places.

    Whatever these places have captured when it is made came before: by number, as their clocks may be others.
    """

    def __init__(self, taps: Sequence[Tap], batch: int = BATCH) -> None:
        self.batch = batch
        self.sent: list[Key] = []
        self._taps = taps
        self._before = [len(tap.frames) for tap in taps]
        self._read = list(self._before)
        self._arrived: set[Key] = set()
        self._expected: dict[Key, bytes] = {}

    def out(self) -> dict[str, list[Frame]]:
        """The frames that came out so far, by place, in the order of each place's capture."""
        out = {}
        for tap, before in zip(self._taps, self._before, strict=True):
            with tap.loop.lock:
                new = tap.frames[before:]
            out[tap.name] = [f for f in new if not f.sent and record(f) in self._expected]
        return out

    def missing(self) -> list[Key]:
        """What was sent and came out nowhere."""
        seen = self.copies()
        return [key for key in self.sent if key not in seen]

    def copies(self) -> Counter[Key]:
        """How often each frame came out, over all places."""
        return Counter(key for frames in self.out().values() for frame in frames if (key := record(frame)))

    def changed(self) -> list[Frame]:
        """Those that came out with other octets than they were sent with."""
        out = [frame for frames in self.out().values() for frame in frames]
        return [frame for frame in out if (key := record(frame)) and frame.data != self._expected[key]]

    def expect(self, frames: Sequence[bytes]) -> None:
        """These are sent now."""
        for data in frames:
            if key := record(Frame(0.0, data, True, "")):
                self.sent.append(key)
                self._expected[key] = data

    def all_out(self) -> bool:
        """Whether everything sent so far has come out somewhere; looks only at what is new."""
        for number, tap in enumerate(self._taps):
            new = tap.frames[self._read[number] :]
            self._read[number] += len(new)
            self._arrived.update(key for frame in new if not frame.sent and (key := record(frame)))
        return self._expected.keys() <= self._arrived


def flowing(case: Case, aggregate: Aggregate, places: Sequence[Station | Wire | Tap]) -> None:
    """Wait until frames of the aggregate's client come out: a premise, its interface may need a moment."""
    taps = _taps(places)
    with case.offering(aggregate) as offer:
        came_out = case.until(
            lambda: any(offer.data(frame) for tap in taps for frame in tap.received()),
            within=ARRIVAL_TIME + offer.data.later,
        )
    if not came_out:
        words = f"frames of the client's on {', '.join(tap.name for tap in taps)}"
        case.unmet("MX-08", words, f"none within {ARRIVAL_TIME:g} s")


def carry(
    case: Case,
    source: Aggregate | Wire | Sequence[Wire],
    frames: Sequence[bytes],
    places: Sequence[Station | Wire | Tap],
) -> Passage:
    """Send test frames (`Conversation.frame`), a batch when the one before has come out at `places`.

    Several wires take turns, frame by frame. Ends after the first batch of which something stays away for
    `ARRIVAL_TIME`: `Passage.missing` has it. Raises Inconclusive where that never left the tester's port.
    """
    taps = _taps(places)
    case.run_for(0)  # every capture has been read to its end
    passage = Passage(taps, SWITCHED_BATCH if case.through_switch else BATCH)
    for first in range(0, len(frames), passage.batch):
        batch = frames[first : first + passage.batch]
        passage.expect(batch)
        if isinstance(source, Sequence):
            for wire, frame in zip(cycle(source), batch, strict=False):
                wire.send(frame)
        else:
            (source.tap if isinstance(source, Wire) else source.client).send_all(batch)
        if not case.until(passage.all_out, within=ARRIVAL_TIME):
            if isinstance(source, Wire | Sequence):  # an aggregate's client is the implementation's own
                wires = [source] if isinstance(source, Wire) else source
                left_the_tester([wire.tap for wire in wires], passage.sent, passage.missing())
            break
    return passage


def _taps(places: Sequence[Station | Wire | Tap]) -> list[Tap]:
    wires = [place.wire if isinstance(place, Station) else place for place in places]
    return [wire.tap if isinstance(wire, Wire) else wire for wire in wires]
