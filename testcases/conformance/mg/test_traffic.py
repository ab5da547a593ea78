"""Frames and octets of an aggregate's client, and what it tells of its own accord (30.7.1.1, 30.7.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from harness.case import Case, Conversation, Lag, ask, carry, claims, lacpdu
from harness.dut.implementation import Aggregate
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.verdict import NotJudged
from harness.wire.wire import Wire

FRAMES = 40
LENGTHS = (60, 300, 1000)
"""Octets of frames without FCS."""

HEADER, FCS = 14, 4
"""Octets before a frame's data, and behind it: an object counts data and padding; some count the whole."""

GROUPS = {"Multicast": "01:00:5e:00:00:fb", "Broadcast": "ff:ff:ff:ff:ff:ff"}

WAYS = ["Tx", "Rx"]


def passes(case: Case, lag: Lag, way: str, flows: Sequence[Conversation]) -> list[bytes]:
    """Carry `FRAMES` frames of each conversation, from the client ("Tx") or to it; gives what came out."""
    frames = [flow.frame(n, LENGTHS[n % len(LENGTHS)]) for flow in flows for n in range(FRAMES)]
    if way == "Tx":
        passage = carry(case, lag.aggregate, frames, lag.stations)
    else:
        passage = carry(case, [station.wire for station in lag.stations], frames, [lag.aggregate.client])
    if passage.missing():
        missed = "MX-08" if way == "Tx" else "MX-15"
        case.unmet(missed, "every frame that was sent", f"{len(passage.missing())} missing")
    return [frame.data for found in passage.out().values() for frame in found]


def grown(
    case: Case, lag: Lag, before: Mapping[str, int], names: Sequence[str]
) -> Callable[[], dict[str, int]]:
    """How much counters have grown, those that can be read."""

    def growth() -> dict[str, int]:
        now = lag.aggregate.status().traffic
        return {name: now[name] - before[name] for name in names if name in now and name in before}

    return growth


def flows(case: Case, lag: Lag, way: str, count: int) -> list[Conversation]:
    """New conversations in that direction."""
    return case.conversations(count, lag.aggregate.mac if way == "Tx" else lag.station.wire.tap.mac)


@claims("MG-15", wires=2, needs=["traffic"], seconds=10)
@pytest.mark.parametrize("way", WAYS)
def test_frames_and_octets(case: Case, way: str) -> None:
    """The client's frames and octets are counted, whichever link they take, and LACPDUs are not"""
    lag = case.bundle(2)
    before = lag.aggregate.status().traffic
    out = passes(case, lag, way, flows(case, lag, way, 4))
    case.run_for(2 * FAST_PERIODIC_TIME)  # LACPDUs pass meanwhile
    names = (f"Frames{way}OK", f"Octets{way}OK")
    read = grown(case, lag, before, names)
    ask(case, lambda: read().get(names[0], len(out)) >= len(out), within=PROMPT)
    found = read()
    if not found:
        case.nothing_to_judge(f"{' and '.join(names)} cannot be read")
    if names[0] in found:
        case.equal(found[names[0]], len(out), f"{names[0]} grows by")
    if names[1] in found:
        octets = sum(map(len, out))
        least, most = octets - HEADER * len(out), octets + FCS * len(out)
        words = f"{names[1]} grown by {least} (data and padding) to {most} (with header and FCS)"
        case.check(least <= found[names[1]] <= most, words, found[names[1]])


@claims("MG-15", wires=2, needs=["traffic"], seconds=10)
def test_link_that_left(case: Case) -> None:
    """What passed on a link that is in the LAG no more is counted still"""
    lag = case.bundle(2)
    for way in WAYS:
        passes(case, lag, way, flows(case, lag, way, 4))
    names = [f"{what}{way}OK" for what in ("Frames", "Octets") for way in WAYS]
    begun = lag.aggregate.status().traffic
    if not begun.keys() & names:
        raise NotJudged(f"{', '.join(names)} cannot be read")
    second = lag.stations[1]
    said = second.say(key=second.info.key + 1)
    case.expect(second, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
    left = lag.aggregate.status().traffic
    lower = {name: left[name] for name in names if name in left and left[name] < begun[name]}
    case.check(not lower, "no counter lower than before", lower)


@claims("MG-16", wires=1, needs=["group_traffic"], seconds=7)
@pytest.mark.parametrize("kind", GROUPS)
@pytest.mark.parametrize("way", WAYS)
def test_group_frames(case: Case, way: str, kind: str) -> None:
    """Multicast and broadcast frames of the client are counted, each kind by itself, and unicast is not"""
    lag = case.bundle()
    before = lag.aggregate.status().traffic
    source = lag.aggregate.mac if way == "Tx" else lag.station.wire.tap.mac
    (plain,) = case.conversations(1, source)
    group = Conversation(plain.number, source, GROUPS[kind])
    (unicast,) = flows(case, lag, way, 2)[1:]
    passes(case, lag, way, [group, unicast])
    names = {each: f"{each}Frames{way}OK" for each in GROUPS}
    read = grown(case, lag, before, list(names.values()))
    wanted = {name: FRAMES if each == kind else 0 for each, name in names.items()}
    if not read():
        case.nothing_to_judge(f"{', '.join(names.values())} cannot be read")
        return
    ask(case, lambda: all(wanted[name] == count for name, count in read().items()), within=PROMPT)
    for name, count in read().items():
        case.equal(count, wanted[name], f"{kind} frames: {name} grows by")


@claims("MG-17", wires=2, needs=["notifications"], seconds=14)
def test_notifications(case: Case) -> None:
    """It tells once that the aggregate came up, once that it went down, and nothing of single links"""
    lag = case.bundle(2)
    first, second = lag.stations
    begun = lag.aggregate.status().notifications
    case.check(begun.get("LinkUp", 0) > 0, "a notification that the aggregate came up", dict(begun))
    for station, kind in ((second, None), (first, "LinkDown"), (first, "LinkUp"), (second, None)):
        begun = lag.aggregate.status().notifications
        in_sync = int(not station.info.state & station.info.state.Synchronization)
        station.say(Synchronization=in_sync, Collecting=in_sync, Distributing=in_sync)
        shown = lacpdu(Collecting=in_sync, Distributing=in_sync)
        missed = "MX-12" if in_sync else "MX-11"
        case.expect(station, shown, within=PROMPT + 2 * FAST_PERIODIC_TIME, premise=missed)
        tells(case, lag.aggregate, begun, kind, station.wire)


def tells(case: Case, aggregate: Aggregate, begun: Mapping[str, int], kind: str | None, wire: Wire) -> None:
    """FAIL unless one notification of a kind, or none, has come since."""

    def more() -> dict[str, int]:
        said = aggregate.status().notifications
        return {name: said[name] - begun.get(name, 0) for name in said}

    wanted = {"LinkUp": int(kind == "LinkUp"), "LinkDown": int(kind == "LinkDown")}
    ask(case, lambda: more() == wanted, within=PROMPT)
    case.equal(more(), wanted, f"notifications after a change on {wire.name}:")
