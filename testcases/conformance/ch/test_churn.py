"""Churn Detection machines: a side that is out of sync for 60 s (43.4.17, 30.7.4.1).

agr0, one link    a link in use
                  a standby link                             actor churn
agr1              a partner that is not in sync              partner churn
                  a partner in sync after 59 s, then not
"""

from __future__ import annotations

from harness.case import Case, claims, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import CHURN_DETECTION_TIME, FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.ch.told import CHURN, MONITOR, NO_CHURN, Churning, at_once, churns

JUST_IN_TIME = CHURN_DETECTION_TIME - FAST_PERIODIC_TIME
"""Seconds after which a partner comes in sync, as CH-04 has it."""

OURS = 1
"""A system priority higher than the partner's: the implementation chooses its standby link."""


@claims(
    "CH-01", "CH-02", "CH-03", "CH-04", "CH-05", "CH-06", "CH-07", "CH-08",
    wires=4, needs=["churn", "counters", "max_links", "several_aggregates", "cut", "set_system_priority"],
    whole=["system-priority"],
    seconds=151,
)  # fmt: skip
def test_churn(case: Case) -> None:
    """A side out of sync is declared churning after 60 s, not before, and as often as that is so"""
    used, standby, never, late = [case.station(wire) for wire in case.wires[:4]]
    for station in (never, late):
        station.change(Synchronization=0, Collecting=0, Distributing=0)
    begin = case.now()
    one = case.aggregate([used.wire, standby.wire], max_links=1, system_priority=OURS)
    two = case.aggregate([never.wire, late.wire], "agr1")
    up = case.now()
    for station in (used, standby, never, late):
        station.start()
    actor, partner = Churning(one, standby, "actor"), Churning(two, never, "partner")
    in_time = Churning(two, late, "partner")
    counts = {churning: churning.count() for churning in (actor, partner, in_time)}

    case.run_for(PROMPT)
    for churning in (actor, partner):
        case.equal(churning.state(), churning.named(MONITOR), f"{churning.words}, at first:", row="CH-03")

    case.run_for(begin + JUST_IN_TIME - case.now())
    late.say(Synchronization=1, Collecting=1, Distributing=1)
    churns(case, {actor: (begin, up), partner: (begin, up)}, {actor: "CH-01", partner: "CH-02"})
    case.run_for(up + case.latest(CHURN_DETECTION_TIME) + PROMPT - case.now())
    case.equal(in_time.state(), in_time.named(NO_CHURN), "a partner in sync just in time:", row="CH-04")
    for churning, more, row, declared in (
        (actor, 1, "CH-08", "CH-01"),
        (partner, 1, "CH-08", "CH-02"),
        (in_time, 0, "CH-04", "CH-04"),
    ):
        if not case.broken(declared):  # what was declared is counted
            case.equal(churning.count(), counts[churning] + more, f"{churning.words}: count", row=row)

    used.wire.cut()
    in_sync = case.expect(standby, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise="CF-09")
    if not case.broken("CH-01"):
        at_once(case, actor, NO_CHURN, in_sync.time, "CH-05")

    case.equal(partner.state(), partner.named(CHURN), "a port before its carrier goes:", row="CH-02")
    never.wire.cut()
    at_once(case, partner, MONITOR, case.now(), "CH-07")
    again = case.link_up(never.wire)
    lost = late.say(Synchronization=0).time
    at_once(case, in_time, MONITOR, lost, "CH-06")
    churns(case, {partner: tuple(again), in_time: (lost, lost)}, {partner: "CH-07", in_time: "CH-06"})
    if not (case.broken("CH-02") or case.broken("CH-07")):
        case.equal(partner.count(), counts[partner] + 2, f"{partner.words}: count", row="CH-08")
    if not case.broken("CH-01"):
        case.equal(actor.count(), counts[actor] + 1, f"{actor.words}: count in the end", row="CH-08")
    back = late.say(Synchronization=1).time
    at_once(case, in_time, NO_CHURN, back, "CH-05")


@claims("CH-07", "CH-08", wires=1, needs=["churn", "cut"], seconds=12)
def test_port_disabled(case: Case) -> None:
    """Of a port without carrier neither side is said to be without churn, and none to have churned since"""
    lag = case.bundle()
    sides = [Churning(lag.aggregate, lag.station, side) for side in ("actor", "partner")]
    for one in sides:
        case.equal(one.state(), one.named(NO_CHURN), f"{one.words}, in use:", row="CH-07")
    counts = [one.count() for one in sides]
    lag.station.wire.cut()
    for one in sides:
        at_once(case, one, MONITOR, case.now(), "CH-07")
    case.link_up(lag.station.wire)
    case.distributing([lag.station])
    for one, before in zip(sides, counts, strict=True):
        at_once(case, one, NO_CHURN, case.now(), "CH-07")
        case.equal(one.count(), before, f"{one.words}: count", row="CH-08")


@claims("CH-06", "CH-08", wires=2, needs=["churn"], seconds=14)
def test_actor_out_of_sync(case: Case) -> None:
    """A port that leaves its LAG is watched anew, and is not said to churn at once"""
    lag = case.bundle(2)
    leaving = lag.stations[1]
    one = Churning(lag.aggregate, leaving, "actor")
    case.equal(one.state(), one.named(NO_CHURN), f"{one.words}, in use:", row="CH-06")
    before = one.count()
    said = leaving.say(key=leaving.info.key + 1)
    left = case.expect(leaving, lacpdu(Synchronization=0), since=said.time, within=PROMPT, premise="RX-24")
    at_once(case, one, MONITOR, left.time, "CH-06")
    leaving.say(key=lag.station.info.key)
    case.distributing([leaving])
    at_once(case, one, NO_CHURN, case.now(), "CH-06")
    case.equal(one.count(), before, f"{one.words}: count", row="CH-08")
