"""How long conversations are interrupted by what happens to a LAG with a switch, both ways, in milliseconds.

agr0 ===== re0 .. re3 ===== channel group of the switch ----- tester's traffic port
            T2, all there are                             one link
"""

from __future__ import annotations

import pytest

from harness.case import Case, claims, record_gaps
from harness.case.busy import APART, Traffic
from harness.case.premises import BRING_UP_TIME
from harness.case.ways import IN, OUT, Way
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.interop.changes import CHANGES, Change, timeouts
from testcases.conformance.interop.needs import THROUGH
from testcases.conformance.interop.scene import Happened, happen

BEFORE = 4 * APART
"""Seconds before the order: the last frames that nothing has happened to."""

LOOKS = 5
"""Seconds that a testcase takes which looks at what another one has made."""

END = {OUT.words: "through the switch", IN.words: "to the client"}


def marked(kind: str) -> object:
    """A change with what it claims and needs."""
    change = CHANGES[kind]
    rows = dict.fromkeys([change.row, *(["FD-15"] if change.returns else [])])
    mark = claims(
        *rows, switch_wires=2, needs=[*THROUGH, *change.needs], whole=change.whole, seconds=change.seconds,
        looks_at=looks(kind),
    )  # fmt: skip
    return pytest.param(kind, id=kind, marks=mark)


def looks(kind: str) -> str:
    """What testcases about one change look at."""
    return f"a LAG with a switch, {kind}"


def look(case: Case, kind: str) -> Happened:
    """The change, made once on a bench."""
    change = CHANGES[kind]
    found: Happened = case.look(lambda: happen(case, change.make, change.back, alone=change.alone))
    case.report(f"from the host, frames by link before the change: {found.out.spread(found.ordered)}")
    case.report(f"to the host, frames by link before the change: {found.into.spread(found.ordered)}")
    return found


@pytest.mark.parametrize("kind", [marked(kind) for kind in CHANGES])
def test_change(case: Case, kind: str) -> None:
    """Conversations go on in time when something happens to a LAG with a switch, and all do in the end"""
    change = CHANGES[kind]
    seen = look(case, kind)
    if change.keeps and seen.out_of_sync:
        case.nothing_to_judge(f"the switch does not keep in sync: {seen.out_of_sync}", row=change.row)
        return
    for way, traffic in ((OUT, seen.out), (IN, seen.into)):
        measure(case, kind, way, traffic, seen)
    own(case, kind, change, seen)
    if change.row == "FD-14" and (change.alone or case.pics.partner_without_lacp == "suspend"):
        given_up(case, kind, seen)
    if change.returns:
        used_again(case, kind, seen)


def measure(case: Case, kind: str, way: Way, traffic: Traffic, seen: Happened) -> None:
    """Record how long conversations rest from end to end: for the change, and when it is undone."""
    name = slug(f"{kind} {way.words}")
    spans = [("", seen.ordered, seen.done), (", undone", seen.done, seen.ended)]
    if CHANGES[kind].back is None:
        spans = [("", seen.ordered, seen.ended)]
    for what, begin, end in spans:
        found = traffic.interrupted(begin - BEFORE, end)
        words = f"{kind}{what}, {way.words} {END[way.words]}"
        record_gaps(case, words, list(found.values()), None, id=slug(name + what), row=CHANGES[kind].row)
    case.within(traffic.lost(), None, None, f"{kind}, {way.words}: frames lost", "frames", id=f"{name}-lost")


def own(case: Case, kind: str, change: Change, seen: Happened) -> None:
    """FAIL where the implementation interrupts a conversation for too long, or one is dead in the end."""
    found = list(seen.out.interrupted_by_own(seen.ordered - BEFORE, seen.done).values())
    limit = change.limit(case)
    words, name = f"{kind}, by the host itself", slug(f"{kind} by itself")
    window = seen.ordered - BEFORE, seen.done
    record_gaps(case, words, found, limit, id=name, row=change.row, window=window)
    if not seen.again:
        case.nothing_to_judge("not all links are in use again", row=change.row)
        return
    for way, traffic in ((OUT, seen.out), (IN, seen.into)):
        dead = traffic.dead()
        if dead and (lost := traffic.passing.own.missing) and {flow for flow, _ in lost} & set(dead):
            words = f"{way.words}: every conversation alive in the end"
            case.check(False, words, f"no more frames of {dead}", row=change.row)
    undelivered = seen.into.undelivered()
    words = "what the switch sends on links that nothing happens to is delivered"
    case.check(not undelivered, words, f"{len(undelivered)} frames were not", row=change.row)


def given_up(case: Case, kind: str, seen: Happened) -> None:
    """FAIL where data leaves on a link whose partner has been silent for longer than the timeout."""
    most = timeouts(case) * SHORT_TIMEOUT_TIME + PROMPT
    for name in seen.out.changed:
        silent = seen.silent[name]
        left = [time for time, _ in seen.out.ports[name] if seen.ordered <= time < seen.done]
        words = f"{kind}: from the switch's last LACPDU on {name} to the last data there"
        took = max([silent, *left]) - silent
        figure = slug(f"{kind} given up")
        case.within(took, None, most, words, id=figure, row="FD-14", window=(silent, silent + took))


def used_again(case: Case, kind: str, seen: Happened) -> None:
    """FAIL where no data leaves on links that are back, if all links had some before.

    Where all were away at a time, also where none leaves soon after the switch is willing on all of them.
    """
    spread = seen.out.spread(seen.ordered)
    if not all(spread.values()):
        case.nothing_to_judge(f"a link had no conversation before: {spread}", row="FD-15")
        return
    if CHANGES[kind].back is None:
        flows_again(case, kind, seen)
    if not seen.again:
        case.nothing_to_judge(f"{', '.join(seen.out.changed)}: not in use again", row="FD-15")
        return
    for name in seen.out.changed:
        back = sum(time >= seen.done for time, _ in seen.out.ports[name])
        case.check(back > 0, f"frames on {name} when it is back", back, row="FD-15")


def flows_again(case: Case, kind: str, seen: Happened) -> None:
    """FAIL where no data leaves in time after the switch has come back, and is willing on all links."""
    if seen.ready is None:
        case.nothing_to_judge("the switch is not in sync with all links again", row="FD-15")
        return
    ready, most = seen.ready, BRING_UP_TIME + case.pics.change_pause
    left = [time for frames in seen.out.ports.values() for time, _ in frames if time >= ready]
    if not left and seen.ended - ready < case.latest(most):
        case.nothing_to_judge("the switch was late, and the conversations have ended", row="FD-15")
        return
    again = min(left, default=seen.ended)
    words = f"{kind}: from the switch willing on all links to the first data of the host"
    figure = slug(f"{kind} to data")
    case.within(again - ready, None, most, words, id=figure, row="FD-15", window=(ready, again))


def slug(words: str) -> str:
    """For machines."""
    kept = "".join(letter if letter.isalnum() else " " for letter in words.lower().replace("'", ""))
    return "-".join(kept.split())
