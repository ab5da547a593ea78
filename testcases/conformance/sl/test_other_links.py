"""What happens to one link and leaves the other links of its aggregate alone (43.3.6, 43.4.14, 43.4.14.1)."""

from __future__ import annotations

from itertools import pairwise

from harness.case import Case, any_lacpdu, claims, lacpdu, where
from harness.case.premises import BRING_UP_TIME
from harness.dut.implementation import Aggregate
from harness.pdu import PortInfo
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
)
from harness.wire.station import Station
from testcases.conformance.fd.moving import come_out
from testcases.conformance.sl.carrying import carrying
from testcases.conformance.sl.undisturbed import flows_on_each, undisturbed

ANOTHER_SYSTEM = "02:00:5e:00:53:77"
ANOTHER_KEY = 0x0B0A
ANOTHER_PRIORITY = 0x0F0E
OWN_KEYS = (0x0301, 0x0302)

HELD = AGGREGATE_WAIT_TIME + 2 * FAST_PERIODIC_TIME
"""Seconds in which a port that is wrongly selected again would carry data."""

FLOWS = 24
"""Conversations, enough for a distribution over two links to use both."""

LOOKED_AT = 5 * SHORT_TIMEOUT_TIME
"""Seconds for which the other links are watched before a silent partner's timeout is over."""


@claims("SL-08", "SL-16", wires=3, seconds=43)
def test_lacp_goes_on(case: Case) -> None:
    """LACP runs on links that are aggregated with no other, at the fast and at the slow rate"""
    keys = (1, 2, 3)  # three LAGs
    stations = [case.station(wire, key=key) for wire, key in zip(case.wires, keys, strict=False)]
    for station in stations:
        station.start()
    aggregate = case.aggregate([station.wire for station in stations])
    with case.offering(aggregate, FLOWS) as offer:
        case.until(lambda: carrying(stations, offer), within=BRING_UP_TIME)
        case.run_for(HELD)
    used = carrying(stations, offer)
    names = [station.wire.name for station in used]
    case.check(len(used) == 1, "data on one of three LAGs", names or "on none", row="SL-16")
    unused = [station for station in stations if station not in used]
    if len(unused) < 2:
        case.unmet("SL-16", "two of three LAGs that are not used", names)
    fast, slow = unused[:2]
    slow.say(Timeout=0)
    goes_on(case, fast, slow)
    for station in (fast, slow):
        says_unused(case, aggregate, station)


def says_unused(case: Case, aggregate: Aggregate, station: Station) -> None:
    """FAIL where a port of a LAG that is not used says that it is, if the profile asks for that.

    Collecting is TRUE where collection is definitely enabled (43.4.2.2): what comes in reaches the client.
    """
    with case.offering(station.wire) as inward:
        case.run_for(PROMPT)
    told = [frame for frame in station.wire.received() if frame.is_lacpdu][-1:]
    says = told[0].actor.text() if told else "nothing"
    name = station.wire.name
    case.report(f"the port of a LAG that is not used, on {name}, says {says}")
    if case.reading("unused_lag") == "open":
        return
    reached = any(map(inward.data, aggregate.client.received()))
    lies = any(map(lacpdu(Collecting=1), told)) and not reached
    words = f"Collecting=0 on {name}, as what comes in there does not reach the client"
    case.check(not lies, words, says, row="SL-16")
    words = f"Distributing=0 on {name}, where none of the client's frames leave"
    case.check(not any(map(lacpdu(Distributing=1), told)), words, says, row="SL-16")


def goes_on(case: Case, fast: Station, slow: Station) -> None:
    """FAIL unless LACPDUs leave on both links, of partners with Timeout=1 and 0, and answers too."""
    since = case.now()
    seen = case.frames(fast, any_lacpdu(), since=since, during=SLOW_PERIODIC_TIME)
    times = [since, *(frame.time for frame in seen), since + SLOW_PERIODIC_TIME]
    longest = max(after - before for before, after in pairwise(times))
    words = "longest gap between LACPDUs of a link in no LAG"
    case.within(longest, None, FAST_PERIODIC_TIME, words, id="longest-gap", row="SL-08")
    case.check_frame(slow, any_lacpdu(), since=since, within=SLOW_PERIODIC_TIME, row="SL-08")
    for station in (fast, slow):
        said = station.say(port_priority=ANOTHER_PRIORITY, partner=PortInfo())  # a wrong echo
        known = lacpdu(partner={"port_priority": ANOTHER_PRIORITY})
        case.check_frame(station, known, since=said.time, within=PROMPT, row="SL-08")


@claims("SL-09", wires=3, seconds=17)
def test_partner_changes(case: Case) -> None:
    """A link whose partner becomes another leaves the LAG and comes back, and the others do not notice"""
    lag = case.bundle(3)
    *others, changed = lag.stations
    before = changed.info
    with undisturbed(case, lag.aggregate, others, "SL-09", changed) as offer:
        rogue = changed.say(system=ANOTHER_SYSTEM)
        case.expect(changed, lacpdu(Synchronization=0), since=rogue.time, within=PROMPT)
        case.never(changed, offer.data, since=rogue.time + PROMPT, during=HELD)
        changed.info = before
        changed.say()
        case.distributing([changed])


@claims("SL-20", wires=3, seconds=22, timeouts=1)
def test_silent_partner(case: Case) -> None:
    """A link whose partner falls silent is in no LAG with the others when it is defaulted

    It may be a link by itself (43.4.14), and carry data as such where that is declared.
    """
    alone = case.pics.partner_without_lacp != "suspend"
    own, timeout = case.own_timeout()
    lag = case.bundle(3, **own)
    *others, silent = lag.stations
    before = max(timeout - LOOKED_AT, 0.0)  # there is no news of a long silence before its end
    if before:
        silent.last()
        case.run_for(before)
    with undisturbed(case, lag.aggregate, others, "SL-20", silent) as offer:
        if not before:
            silent.last()
        limit = timeout - before + 2 * SHORT_TIMEOUT_TIME
        defaulted = case.expect(silent, lacpdu(Defaulted=1), within=limit).time
        case.run_for(defaulted + PROMPT - case.now())
        with case.offering(lag.aggregate, FLOWS) as later, case.offering(silent.wire) as inward:
            case.run_for(HELD)
        come_out(case)
        if alone:
            used = any(map(lacpdu(Distributing=1), silent.wire.received(defaulted)))
            case.report(f"the link is {'used by itself' if used else 'not used'}")
        else:
            case.never(silent, offer.data, since=defaulted, during=HELD)
            case.never(lag.aggregate.client, inward.data, since=defaulted, during=case.now() - defaulted)
    kept = [frame for station in others for frame in station.wire.received(defaulted)]
    left = len(later.missing(kept))
    case.equal(left, 0, f"frames that left the other links for {silent.wire.name}, or were lost:")


@claims("SL-24", wires=3, needs=["individual"], seconds=17)
def test_own_individual_port(case: Case) -> None:
    """A port that becomes Individual leaves the LAG, and the others go on as one"""
    lag = case.bundle(3)
    *others, alone = lag.stations
    with undisturbed(case, lag.aggregate, others, "SL-24", alone) as offer:
        lag.aggregate.set("individual", True, port=alone.wire.port)
        done = case.now()
        case.expect(alone, lacpdu(Aggregation=0), since=done, within=2 * FAST_PERIODIC_TIME)
        case.never(alone, offer.data, since=done + PROMPT, during=HELD)
    for station in others:
        case.expect(station, lacpdu(Distributing=1), within=2 * FAST_PERIODIC_TIME)
    with case.offering(lag.aggregate, flows_on_each(case, lag.aggregate, others, "SL-24")) as both:
        case.never(alone, both.data, during=PROMPT)


@claims("SL-25", wires=2, needs=["set_key", "several_aggregates", "while_running:key"], seconds=11)
def test_own_key(case: Case) -> None:
    """A new key of one's own takes a port out of its LAG at once; a port with another key does not notice"""
    changed, other = case.station(case.wires[0]), case.station(case.wires[1])
    for station in (changed, other):
        station.start()
    first, second = (
        case.aggregate([station.wire], f"agr{number}", key=case.key(OWN_KEYS[number]))
        for number, station in enumerate((changed, other))
    )
    case.distributing([changed, other])
    with undisturbed(case, second, [other], "SL-25"):
        ordered = case.now()
        first.set("key", case.key(ANOTHER_KEY))
        at_once = case.now() - ordered + PROMPT
        case.expect(changed, lacpdu(Synchronization=0), since=ordered, within=at_once)
        joins(case, changed)


def joins(case: Case, station: Station) -> None:
    """FAIL unless the port comes to distribute with its new key."""
    key, shift = case.key(ANOTHER_KEY), case.pics.key_shift
    distributing = where(
        f"an LACPDU with Distributing=1 and the key {key}",
        lambda frame: lacpdu(Distributing=1)(frame) and frame.actor.key >> shift == key,
    )
    case.expect(station, distributing, within=BRING_UP_TIME)
