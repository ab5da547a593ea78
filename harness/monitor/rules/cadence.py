"""Periodic transmission goes on as long as nothing is done to the port (43.4.13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.monitor.rules.rule import FrameVerdict, each_wire
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame, State
from harness.profile.constants import (
    PROMPT,
    TIMER_TOLERANCE,
    periodic_time,
)
from harness.wire.moment import doubt


def _gaps(wire: WireScene) -> Iterator[tuple[Frame, float]]:
    """Each LACPDU and the time to the next one, or to the end of the testcase."""
    for number, frame in enumerate(wire.lacpdus, start=1):
        yield frame, wire.lacpdus[number].time if number < len(wire.lacpdus) else wire.end


def _judged(scene: Scene, wire: WireScene, frame: Frame, limit: float, short: bool) -> bool:
    """Whether the next LACPDU is due within `limit` in any testcase."""
    actor, partner = frame.actor.state, frame.partner.state
    if (State.Timeout in partner) is not short or State.Expired in actor:
        return False
    if not (State.Activity in actor or State.Activity in partner):
        return False
    if wire.disturbed(frame.time - PROMPT, frame.time + limit) or wire.queued(frame.time + limit):
        return False
    between = [
        f for f in wire.frames if f.sent and frame.time - PROMPT <= f.time <= frame.time + limit and f.subtype
    ]
    flooded = len(between) > scene.profile.slow_protocol_frames_per_second * (limit + PROMPT)
    lacpdus = wire.partner_lacpdus
    states = (f.actor.state for f in lacpdus if frame.time - PROMPT <= f.time <= frame.time + limit)
    changed = any((state ^ partner) & (State.Timeout | State.Activity) for state in states)
    return not flooded and not changed


def _cadence(short: bool) -> Callable[[Scene, WireScene], Iterator[FrameVerdict]]:
    def judge(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        limit = periodic_time(short) + TIMER_TOLERANCE + wire.late
        for frame, end in _gaps(wire):
            pause = end - frame.time
            clocks = doubt(pause)
            if pause <= limit + clocks:
                yield frame, ""
            elif _judged(scene, wire, frame, limit, short):
                of_clocks = f" + {clocks:.3f} s clocks" if clocks else ""
                yield frame, f"no LACPDU for {pause:.3f} s after this one (limit {limit:.3f} s{of_clocks})"

    return judge


RULES = (
    each_wire("PT-01", "A partner with Short Timeout hears something every second", _cadence(True),
              straight=True, behind=True),
    each_wire("PT-02", "A partner with Long Timeout hears something every 30 s", _cadence(False),
              straight=True, behind=True),
)  # fmt: skip
