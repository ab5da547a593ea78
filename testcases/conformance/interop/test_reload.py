"""The switch reloads: its links are away, and then it knows of its partner nothing but what it hears.

agr0 ===== re0 .. re3 ===== channel group of the switch        T2, all there are
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.case import Case, claims
from harness.case.ends import IN_USE_BY_OWN, Ends, ends_of, setting, spoken_by_the_switch
from harness.case.premises import BRING_UP_TIME
from harness.pdu import State
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.wire import Wire
from testcases.conformance.interop.needs import NEGOTIATION


@claims(
    "SL-01", "RX-03", "LF-20", "MG-05", switch_wires=2, seconds=30,
    needs=[*NEGOTIATION, "switch:reload"], whole=["switch"],
)  # fmt: skip
def test_lag_is_formed_again(case: Case) -> None:
    """The switch reloads: its partner is given up, and the LAG is formed again, as both ends say each time"""
    wires = case.switch_wires[: case.pics.max_ports]
    with ends_of(case, wires, timeout="short") as ends:
        ends.settle("SL-01")
        ends.lag.all_bundled(BRING_UP_TIME)
        numbers = {wire.name: port_number(ends, wire) for wire in wires}
        ordered = case.now()
        with setting("reload"):
            ends.lag.reload()
        given_up(case, wires, ordered)
        ends.settle("SL-01", judged=True)
        ends.lag.all_bundled(BRING_UP_TIME)
        again = {wire.name: port_number(ends, wire) for wire in wires}
        case.equal(again, numbers, "Actor_Port by link, before the reload and after it:", row="LF-20")


def port_number(ends: Ends, wire: Wire) -> int:
    """The implementation's own, by its last LACPDU on a link that is in use."""
    seen = ends.link(wire)
    assert seen is not None
    return seen.own.actor.port


def given_up(case: Case, wires: Sequence[Wire], ordered: float) -> None:
    """FAIL where a link is in use long after the switch was heard last, and before it is in sync again.

    By the partner's defaults it may be (CF-11).
    """
    judged, silent = 0, 0.0
    for wire in wires:
        last, back = silence(case, wire, ordered)
        silent = max(silent, back - last)
        strangers(case, wire, back)
        in_sync = next(
            (f.time for f in spoken_by_the_switch(wire, back) if State.Synchronization in f.actor.state),
            case.now(),
        )
        for frame in wire.received(last + case.latest(SHORT_TIMEOUT_TIME + PROMPT)):
            if not frame.is_lacpdu or frame.time >= in_sync:
                continue
            used = State.Defaulted not in frame.actor.state and frame.actor.state & IN_USE_BY_OWN
            words = f"{wire.name} not in use without a partner that is in sync"
            case.check(not used, words, frame.text(), row="RX-03", window=(last, frame.time))
            judged += 1
    case.within(silent, None, None, "reload, longest silence of the switch on a link", id="switch-silent")
    if not judged:
        why = "the implementation has said nothing before the switch was in sync again"
        case.nothing_to_judge(why, row="RX-03")


def strangers(case: Case, wire: Wire, back: float) -> None:
    """Report a switch whose first LACPDU is in sync, with a partner that it cannot have heard."""
    first = next(iter(spoken_by_the_switch(wire, back)), None)
    with wire.tap.loop.lock:
        own = {frame.actor.identity for frame in wire.frames if frame.is_lacpdu and not frame.sent}
    if first and State.Synchronization in first.actor.state and first.partner.identity not in own:
        case.report(f"{wire.name}: the switch is in sync before it has heard anybody: {first.text()}")


def silence(case: Case, wire: Wire, since: float) -> tuple[float, float]:
    """The longest silence of the switch on a link since then: when it began and ended."""
    said = [frame.time for frame in spoken_by_the_switch(wire, since)]
    return max(pairwise([since, *said, case.now()]), key=lambda two: two[1] - two[0])
