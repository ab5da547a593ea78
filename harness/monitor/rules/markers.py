"""Markers are answered once, on the wire they came in on, and by nothing else (43.5.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.monitor.rules.rule import FrameVerdict, Rule, each_wire
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame

Asked = tuple[int, str, int]


def _asked(frame: Frame) -> Asked:
    """Requester port, system and transaction."""
    marker = frame.marker
    assert marker is not None
    return marker.requester_port, marker.requester_system, marker.transaction_id


def _once(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    open_: Counter[Asked] = Counter()
    for frame in wire.frames:
        if frame.sent and (asked := frame.untagged()).is_marker:
            open_[_asked(asked)] += 1
        elif not frame.sent and frame.is_marker_response:
            open_[_asked(frame)] -= 1
            wrong = open_[_asked(frame)] < 0
            yield frame, "a Marker Response more than there were such Markers on this wire" if wrong else ""


def _form(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    for frame in wire.slow:
        if frame.is_marker_response:
            head, end = frame.data[16:18], frame.data[32:34]
            wrong = head != b"\x02\x10" or end != b"\x00\x00"
            yield frame, f"information {head.hex(' ')}, terminator {end.hex(' ')}" if wrong else ""


def _no_leak(scene: Scene) -> Iterator[FrameVerdict]:
    """A frame of the tester's bears the address of its port; it never comes out of another wire."""
    testers = {wire.source: wire.name for wire in scene.wires if wire.straight}
    for wire in scene.wires:
        for frame in wire.slow:
            origin = testers.get(frame.source, wire.name)
            yield frame, "" if origin == wire.name else f"the tester sent it on {origin}"


RULES = (
    each_wire("MK-13", "A Marker is answered at most once, on its own wire; nothing else is", _once),
    each_wire("MK-05", "A Marker Response is type 2, length 16, and ends with a Terminator", _form),
    Rule("SP-08", "Slow-protocol frames are not forwarded", _no_leak),
)
