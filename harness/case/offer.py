"""Data offered at one place while something else is tested."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from harness.case.match import Match
from harness.case.traffic import Conversation, Key, record
from harness.pdu import Frame
from harness.verdict import BenchBroken, BenchError, Inconclusive
from harness.wire.loop import Loop, Timer
from harness.wire.wire import Tap, Wire

OFFER_PERIOD = 0.05
"""Seconds between two instants at which frames are sent, where a pace has no other."""


AT_ITS_PACE = 0.95
"""A generator that sends this share of what it was to send is still at its pace."""


@dataclass(frozen=True)
class Pace:
    """When a conversation has a frame: ``at`` these instants of each ``period``, which are ``every`` apart.

    The conversations' periods begin at different instants, spread evenly, so that there may be many.
    """

    period: int = 1
    at: tuple[int, ...] = (0,)
    every: float = OFFER_PERIOD

    def now(self, tick: int) -> Iterator[tuple[int, int]]:
        """Which conversations have a frame: the first of each ``period``, and the frame's number."""
        for place, after in enumerate(self.at):
            cycle, first = divmod(tick - after, self.period)
            if cycle >= 0:
                yield first, cycle * len(self.at) + place


STEADY = Pace()


class Offer:
    """Frames of conversations at some pace, until `stop`.

    `flows` are the conversations, `data` matches their frames where they come out, which may be so many
    seconds ``later`` than the clause has it. `sent` are (conversation, sequence) of those that were taken; a
    client's interface that takes none, its aggregate having no link, is no trouble of the bench.
    """

    def __init__(
        self,
        loop: Loop,
        place: Wire | Tap,
        flows: Sequence[Conversation],
        words: str,
        pace: Pace = STEADY,
        later: float = 0.0,
    ) -> None:
        self.sent: list[Key] = []
        self.data = Match(words, lambda frame: self._is_ours(frame), later)
        self._loop = loop
        self._place = place
        self.flows = flows
        self._numbers = {flow.number for flow in flows}
        self._pace = pace
        self._tick = 0
        self._share = 1
        self._begun = self._ended = 0.0
        for flow in flows:
            flow.frame(0)  # its headers are made now, not while the stations wait for the loop
        self._timer: Timer | None = None

    def start(self) -> None:
        """Send the first frames now."""
        with self._loop.lock:
            self._begun = self._loop.now()
            self._send()

    def stop(self) -> None:
        """Send no more."""
        with self._loop.lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            self._ended = self._loop.now()

    def thin(self, share: int) -> None:
        """From now on one instant of so many has its frames, and the others have none; 1: all have."""
        with self._loop.lock:
            self._share = share

    @property
    def behind(self) -> str:
        """What is to be said, when it has stopped, of a pace that was not kept; "" where it was."""
        seconds = self._ended - self._begun
        wanted = seconds / self._pace.every
        if self._tick >= wanted * AT_ITS_PACE - 1:
            return ""
        return f"the generator sent {self._tick} times in {seconds:.2f} s, not {wanted:.0f} times"

    def lost(self, frames: Sequence[Frame]) -> list[Key]:
        """What was sent and is not among these frames, that are all which came out.

        Raises Inconclusive where something of it never left the tester's own port.
        """
        missing = self.missing(frames)
        if isinstance(self._place, Wire):
            left_the_tester([self._place.tap], self.sent, missing)
        return missing

    def missing(self, frames: Sequence[Frame]) -> list[Key]:
        """What was sent and is not among these frames yet."""
        seen = {record(frame) for frame in frames}
        with self._loop.lock:
            return [one for one in self.sent if one not in seen]

    def _is_ours(self, frame: Frame) -> bool:
        told = record(frame)
        return told is not None and told[0] in self._numbers

    def _send(self) -> None:
        self._timer = self._loop.call_at(self._loop.now() + self._pace.every, self._send)
        for first, sequence in self._pace.now(self._tick) if self._tick % self._share == 0 else ():
            for flow in self.flows[first :: self._pace.period]:
                if self._taken(flow.frame(sequence)):
                    self.sent.append((flow.number, sequence))
        self._tick += 1

    def _taken(self, frame: bytes) -> bool:
        if isinstance(self._place, Wire):
            if self._place.up:
                self._place.send(frame)
            return self._place.up
        try:
            self._place.send(frame)
        except BenchBroken:
            raise
        except BenchError:
            return False
        return True


def left_the_tester(taps: Sequence[Tap], sent: Collection[Key], missing: Collection[Key]) -> None:
    """Raise Inconclusive where some of the frames that are missing never left the tester's own ports.

    `sent` were taken by sockets there; the captures show what the ports' drivers were given.
    """
    left: set[Key | None] = set()
    for tap in taps:
        with tap.loop.lock:
            left.update(record(frame) for frame in tap.frames if frame.sent)
    stayed = [key for key in missing if key not in left]
    if stayed:
        names = ", ".join(tap.name for tap in taps)
        raise Inconclusive(
            f"{len(stayed):,} of {len(sent):,} frames of the tester's were not seen leaving its own port "
            f"({names}): lost in its queue, or by its capture"
        )
