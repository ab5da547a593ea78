"""Runs every rule of the monitor on a finished testcase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.bench.bench import Bench, Window
from harness.catalogue import Catalogue
from harness.dut.acts import Acts
from harness.monitor.rules import RULES
from harness.monitor.rules.rule import FrameVerdict, Rule
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame
from harness.verdict.failure import SeenFrame
from harness.verdict.result import RuleFinding
from harness.wire.moment import doubt

BEFORE = 3.0
"""Seconds before a frame that a rule looks back on, or that its cause is past."""

LOOKED_AT = 100
"""So many frames that broke a rule are asked for a doubt."""

CONTEXT = 3
"""Frames shown before the one that broke a rule."""


def scene_of(bench: Bench, acts: Acts) -> Scene:
    """The scene of a testcase now, without frames that come later."""
    late, end = bench.lab.limits.late, bench.loop.now()
    with bench.loop.lock:
        link_time = bench.lab.implementation.link_time
        wires = [WireScene(wire, acts, late, end, link_time + wire.reaction) for wire in bench.wires]
        known = {wire.name for wire in bench.wires} | ({bench.traffic.name} if bench.traffic else set())
        clients = {name: tap for name, tap in bench.taps().items() if name not in known}
    judged_by, pics = bench.lab.judged_by, bench.lab.implementation.pics
    return Scene(wires, clients, acts, late, judged_by, pics, bench.held_up)


def watch(scene: Scene, catalogue: Catalogue, doubt: str = "") -> list[RuleFinding]:
    """What each rule found; rules that had nothing to judge are left out.

    ``doubt`` is why the bench cannot fail anything now, "" where it can. Where it can, a frame is in doubt by
    what held up the bench or the implementation about its time; one that is in none is told first.
    """
    found = []
    for rule in RULES:
        held = list(rule.go_through(scene))
        if held:
            row = catalogue.row(rule.row)
            wrong = [one for one in held if one[1]]
            told, doubted = _first(scene, rule, wrong, doubt) if wrong else (None, "")
            seen = told[1] if told else ""
            frames = _story(scene, told) if told else ()
            found.append(
                RuleFinding(rule.row, row.dotted, rule.title, len(held), len(wrong), seen, frames, doubted)
            )
    return found


def _first(scene: Scene, rule: Rule, wrong: Sequence[FrameVerdict], doubt: str) -> tuple[FrameVerdict, str]:
    """The first that nothing makes doubtful, or the first of all with what makes it so."""
    if doubt:
        return wrong[0], doubt
    doubts = []
    for one in wrong[:LOOKED_AT]:
        doubts.append(scene.held_up(_window(scene, rule, one[0])))
        if not doubts[-1]:
            return one, ""
    return wrong[0], doubts[0]


def _window(scene: Scene, rule: Rule, frame: Frame) -> Window:
    """The time in which it matters for a frame that somebody was held up."""
    clocks = doubt(frame.time)
    begin = float(frame.time) - clocks
    if not rule.behind:
        return begin - BEFORE, float(frame.time) + clocks
    ends = [wire.end for wire in scene.wires if wire.name == frame.wire]
    later = (
        one.time
        for one in _frames(scene, frame.wire)
        if one.time > frame.time and one.is_lacpdu and not one.sent
    )
    return begin, float(next(later, max(ends, default=frame.time))) + clocks


def _story(scene: Scene, wrong: FrameVerdict) -> tuple[SeenFrame, ...]:
    """The frame that broke the rule and those before it on its wire, times from it."""
    frame = wrong[0]
    frames = list(_frames(scene, frame.wire))
    at = next((number for number, one in enumerate(frames) if one is frame), 0)
    shown = [*frames[max(at - CONTEXT, 0) : at], frame]
    return tuple(SeenFrame(float(one.time - frame.time), one.wire, one.text()) for one in shown)


def _frames(scene: Scene, wire: str) -> Sequence[Frame]:
    places: Mapping[str, Sequence[Frame]] = {
        **{one.name: one.frames for one in scene.wires},
        **{name: tap.frames for name, tap in scene.clients.items()},
    }
    return places.get(wire, ())
