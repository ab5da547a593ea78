"""Goes through a finished testcase with every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.bench.bench import Bench
from harness.catalogue import Catalogue
from harness.monitor.acts import Acts
from harness.monitor.rule import Held
from harness.monitor.rules import RULES
from harness.monitor.scene import Scene, WireScene
from harness.pdu import Frame
from harness.result import Watched

CONTEXT = 3
"""Frames shown before the one that broke a rule."""


def scene_of(bench: Bench, acts: Acts) -> Scene:
    """What there is to judge now; frames that come later are not in it."""
    late, end = bench.lab.limits.late, bench.loop.now()
    with bench.loop.lock:
        wires = [WireScene(wire, acts, late, end) for wire in bench.wires]
        known = {wire.name for wire in bench.wires} | ({bench.traffic.name} if bench.traffic else set())
        clients = {name: tap for name, tap in bench.taps().items() if name not in known}
    return Scene(wires, clients, acts, late, bench.lab.judged_by, bench.lab.implementation.pics)


def watch(scene: Scene, catalogue: Catalogue, doubt: str = "") -> list[Watched]:
    """What each rule found; rules that had nothing to judge are left out.

    ``doubt`` is why the bench cannot fail anything now, "" where it can.
    """
    found = []
    for rule in RULES:
        held = list(rule.go_through(scene))
        if held:
            row = catalogue.row(rule.row)
            wrong = [one for one in held if one[1]]
            seen = f"{wrong[0][1]}: {wrong[0][0].text()}" if wrong else ""
            details = _story(scene, wrong[0]) if wrong else ""
            doubted = doubt if wrong else ""
            found.append(
                Watched(rule.row, row.dotted, rule.title, len(held), len(wrong), seen, details, doubted)
            )
    return found


def _story(scene: Scene, wrong: Held) -> str:
    """The frame that broke the rule and those before it on its wire, times from it."""
    frame = wrong[0]
    frames = list(_frames(scene, frame.wire))
    at = next((number for number, one in enumerate(frames) if one is frame), 0)
    shown = [*frames[max(at - CONTEXT, 0) : at], frame]
    return "\n".join(f"{f.time - frame.time:+.3f} s {f.text()}" for f in shown)


def _frames(scene: Scene, wire: str) -> Sequence[Frame]:
    places: Mapping[str, Sequence[Frame]] = {
        **{one.name: one.frames for one in scene.wires},
        **{name: tap.frames for name, tap in scene.clients.items()},
    }
    return places.get(wire, ())
