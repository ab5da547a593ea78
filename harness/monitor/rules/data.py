"""Data frames only on ports in sync, and no control frame to the MAC client (43.2.3, 43.2.4, 43.4.15)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import product

from harness.case.traffic import record
from harness.monitor.rules.echo import in_sync
from harness.monitor.rules.rule import FrameVerdict, Rule, each_wire
from harness.monitor.rules.scene import SLOW_ADDRESS, Scene, WireScene
from harness.pdu import Frame, State
from harness.profile.constants import PROMPT

ILLEGAL = {0, *range(11, 256)}


def _out_of_sync(wire: WireScene, time: float) -> str:
    """Why no data frame may leave now; "" where it may, or is not sure.

    That is by LACPDUs older than `PROMPT`, and by those that follow: a data plane may be ahead of the LACPDU
    which tells that the port is in sync.
    """
    times = wire.times
    settled = time - PROMPT - wire.late
    at = bisect_right(times, settled) - 1
    if at < 0 or wire.disturbed(times[at], time):
        return ""
    lately = wire.lacpdus[at : bisect_right(times, time)]
    if not any(map(_in_sync, lately)):
        return "" if _may_be_told(wire, times[at], time) else "its own Synchronization is 0"
    said = wire.in_force(time)
    actors = [frame.actor for frame in lately]
    if said and all(map(_alive, lately)) and not any(in_sync(*pair) for pair in product(said, actors)):
        return "its partner is not in sync"
    return ""


def _may_be_told(wire: WireScene, since: float, time: float) -> bool:
    """Whether an LACPDU behind a time tells of Synchronization, or may have been kept from it."""
    told = wire.told(time)
    after = wire.lacpdus[bisect_right(wire.times, time) : bisect_right(wire.times, told)]
    return any(map(_in_sync, after)) or wire.ended(told) or wire.disturbed(since, told)


def _in_sync(frame: Frame) -> bool:
    return State.Synchronization in frame.actor.state


def _alive(frame: Frame) -> bool:
    return not frame.actor.state & (State.Expired | State.Defaulted)


def _distributed(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    wrong: dict[tuple[int, ...], str] = {}  # by era: data come in thousands, what they are judged by does not
    for frame in wire.received:
        if frame.is_data and record(frame):
            era = wire.era(frame.time)
            if era not in wrong:
                why = _out_of_sync(wire, frame.time)
                wrong[era] = f"data while {why}" if why else ""
            yield frame, wrong[era]


def _client(row: str, title: str, subtypes: set[int]) -> Rule:
    """Frames of these subtypes never reach the aggregate's MAC client.

    What goes to another address than the slow protocols' is not theirs (43.2.9): it may.
    """

    def go_through(scene: Scene) -> Iterator[FrameVerdict]:
        for tap in scene.clients.values():
            for frame in tap.received():
                wrong = frame.subtype in subtypes and frame.data[:6] == SLOW_ADDRESS
                yield frame, f"subtype {frame.subtype}" if wrong else ""

    return Rule(row, title, go_through)


RULES = (
    each_wire("MX-16", "No data leaves a port that is out of sync", _distributed, straight=True),
    _client("FD-10", "LACPDUs and Markers never reach the client", {1, 2}),
    _client("SP-11", "Illegal subtypes never reach the client", ILLEGAL),
)
