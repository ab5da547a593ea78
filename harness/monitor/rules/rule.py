"""Rules of the protocol monitor: each goes through a scene and yields the frames that it judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame

FrameVerdict = tuple[Frame, str]
"""A frame that was judged, and what is wrong with it in words; "" where nothing is."""

OneWire = Callable[[Scene, WireScene], Iterator[FrameVerdict]]


@dataclass(frozen=True)
class Rule:
    """``row`` is the catalogue's and names the rule in reports: one rule a row. ``title`` says what always
    holds. ``behind``: what is wrong with a frame is the time from it to the next one."""

    row: str
    title: str
    go_through: Callable[[Scene], Iterator[FrameVerdict]]
    behind: bool = False


def each_wire(row: str, title: str, judge: OneWire, *, straight: bool = False, behind: bool = False) -> Rule:
    """A rule about each wire by itself; `straight`: only where the partner is a station of the tester's."""

    def go_through(scene: Scene) -> Iterator[FrameVerdict]:
        for wire in scene.wires:
            if wire.straight or not straight:
                yield from judge(scene, wire)

    return Rule(row, title, go_through, behind)


def each_lacpdu(row: str, title: str, wrong: Callable[[Frame], str]) -> Rule:
    """A rule about each LACPDU of the implementation: what is wrong with it, "" where nothing is."""

    def judge(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        for frame in wire.lacpdus:
            yield frame, wrong(frame)

    return each_wire(row, title, judge)
