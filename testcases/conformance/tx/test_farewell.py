"""What a port says when it is unselected or removed (43.4.15, 43.4.16)."""

from __future__ import annotations

from harness.case import Case, Lag, any_lacpdu, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME, Duration

FAREWELL = lacpdu(Synchronization=0, Collecting=0, Distributing=0)


@claims("TX-09", wires=1, needs=["set_key", "long_timeout", "while_running:key"], seconds=8)
def test_key_changed(case: Case) -> None:
    """A port that is unselected by a new key says Sync=Coll=Dist=0 within 1 s"""
    lag = case.bundle()
    lag.station.say(Timeout=0)
    case.settle()
    since = case.now()
    lag.aggregate.set("key", case.key(0x0777))
    case.expect(lag.station, FAREWELL, since=since, within=case.now() - since + PROMPT)


@claims("TX-09", wires=2, needs=["farewell", "control"], seconds=14)
def test_port_removed(case: Case) -> None:
    """A port that is removed says Sync=Coll=Dist=0 in its last LACPDU, and carries no data after it"""
    lag = case.bundle(2)
    first, second = lag.stations
    with case.offering(lag.aggregate, 16) as offer:
        since = case.now()
        lag.aggregate.remove(first.wire.port)
        gone = case.now()
        case.arrived()
        silent = case.now()
        case.run_for(2 * FAST_PERIODIC_TIME)
        said = [frame for frame in first.wire.received(since) if frame.is_lacpdu]
        if not said or not FAREWELL(said[-1]):
            case.fail(f"{FAREWELL.words} as the last one", said[-1].text() if said else "no LACPDU")
        farewell = min(frame.time for frame in said if FAREWELL(frame))
        words = "farewell to the end of the removal"
        case.within(gone - farewell, None, None, words, id="farewell-to-removed")
        case.never(first, offer.data, since=farewell, during=case.now() - farewell)
        case.never(first, any_lacpdu(), since=silent, during=SHORT_TIMEOUT_TIME)
        case.never(second, lacpdu(Synchronization=0), since=since, during=case.now() - since)
    case.expect(second, lacpdu(Distributing=1), within=BRING_UP_TIME)


@claims("TX-09", "MK-23", wires=2, needs=["farewell", "marker_generator", "control"], seconds=14)
def test_conversations_have_moved(case: Case) -> None:
    """A port that is removed says Sync=Coll=Dist=0 as soon as the last of its Markers is answered"""
    lag = case.bundle(2)
    first = lag.station
    with case.offering(lag.aggregate, 16):
        case.run_for(PROMPT)
        since = case.now()
        lag.aggregate.remove(first.wire.port)
        case.run_for(2 * FAST_PERIODIC_TIME)
    answers = [f.time for f in first.wire.frames if f.sent and f.is_marker_response and f.time >= since]
    if not answers:
        case.unmet("MK-22", f"a Marker on {first.wire.name}, and its Response", "none")
    said = case.check_frame(first, FAREWELL, since=since, within=case.now() - since, row="TX-09")
    if said is not None:
        words, took = "last Marker's Response to farewell", said.time - max(answers)
        case.within(took, None, Duration(0.0), words, id="response-to-farewell", row="MK-23")


@claims("TX-09", wires=1, needs=["agr_manual", "farewell", "lacp_off", "while_running:lacp"], seconds=8)
def test_lacp_switched_off(case: Case) -> None:
    """A port whose LACP is switched off says Sync=Coll=Dist=0 in its last LACPDU, as one that is removed"""
    lag = case.bundle()
    case.settle()
    since = case.now()
    lag.aggregate.set("lacp", False, port=lag.station.wire.port)
    last_words(case, lag, since)


@claims("TX-09", wires=1, needs=["agr_manual", "farewell", "static_aggregation", "while_running:static"],
        seconds=11)  # fmt: skip
def test_static_aggregation_begins(case: Case) -> None:
    """Ports that go on without LACP say Sync=Coll=Dist=0 in their last LACPDU, as one that is removed"""
    lag = case.bundle()
    case.settle()
    since = case.now()
    lag.aggregate.set("static", True)
    last_words(case, lag, since)


def last_words(case: Case, lag: Lag, since: float) -> None:
    """FAIL unless the last LACPDU of a port, whose LACP has ended meanwhile, is its farewell."""
    case.run_for(2 * FAST_PERIODIC_TIME)
    said = [frame for frame in lag.station.wire.received(since) if frame.is_lacpdu]
    seen = said[-1].text() if said else "no LACPDU"
    case.check(bool(said) and FAREWELL(said[-1]), f"{FAREWELL.words} as the last one", seen)


@claims("TX-09", wires=1, needs=["agr_manual", "farewell", "long_timeout", "control"], seconds=14)
def test_news_before(case: Case) -> None:
    """A port that is removed when it has just said much says its farewell as soon as the limit lets it

    No clause asks that a removal waits for the limit; agr(4) tells the partner. That is not in sync any more,
    so that nothing else is to be waited for.
    """
    lag = case.bundle(1, timeout="long")
    station = lag.station
    station.start(None)
    case.settle()
    for in_sync in (0, 1, 0):
        station.say(Synchronization=in_sync, Collecting=in_sync, Distributing=in_sync)
    since = case.now()
    lag.aggregate.remove(station.wire.port)
    case.expect(station, FAREWELL, since=since, within=case.now() - since + PROMPT)
