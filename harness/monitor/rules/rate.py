"""Transmit limits of LACPDUs and of slow protocols (43.4.16, 43B.2)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from harness.monitor.rules.rule import FrameVerdict, each_wire
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame
from harness.profile.constants import (
    FAST_PERIODIC_TIME,
    MAX_LACPDUS_PER_FAST_PERIODIC_TIME,
    TIMER_TOLERANCE,
)
from harness.wire.moment import doubt

SECOND = 1.0
"""Seconds in which 43B.2 counts the frames of one slow protocol."""


def _crowded(frames: Sequence[Frame], most: int, window: float) -> Iterator[FrameVerdict]:
    """Each frame, and whether more than `most` have passed in the window that it ends."""
    for number, frame in enumerate(frames):
        first = frames[number - most] if number >= most else None
        span = frame.time - first.time if first is not None else window
        yield frame, "" if span + doubt(span) >= window else f"{most + 1} frames within {span:.3f} s"


def _lacpdus(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    """The bench may have seen the first of four late; by the tolerant reading that is in the tolerance."""
    tolerant = scene.profile.reading("transmit_limit") == "tolerant"
    window = FAST_PERIODIC_TIME - (TIMER_TOLERANCE if tolerant else wire.late)
    lacpdus = [frame for frame in wire.lacpdus if not wire.queued(frame.time)]
    yield from _crowded(lacpdus, MAX_LACPDUS_PER_FAST_PERIODIC_TIME, window)


def _slow(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    """Whom the tester itself asks more often than a slow protocol may, answers as often: not judged."""
    most = scene.profile.slow_protocol_frames_per_second
    for subtype in sorted({frame.subtype or 0 for frame in wire.slow}):
        asked = [frame.time for frame in wire.frames if frame.sent and frame.subtype == subtype]
        sent = [f for f in wire.slow if f.subtype == subtype and not wire.queued(f.time)]
        for frame, wrong in _crowded(sent, most, SECOND - wire.late):
            begin = bisect_left(asked, frame.time - 2 * FAST_PERIODIC_TIME)
            lately = bisect_right(asked, frame.time) - begin
            if lately <= most:
                yield frame, wrong


RULES = (
    each_wire("TX-01", "At most three LACPDUs in a Fast_Periodic_Time", _lacpdus),
    each_wire("SP-01", "No slow protocol speaks more often than it may", _slow),
)
