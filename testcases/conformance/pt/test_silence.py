"""Periodic Transmission machine: who sends when nobody, or only one, has anything to say (43.4.13).

agr0, active     nobody: a partner that never speaks
agr1, passive    a passive partner, whose echo is wrong
                 an active partner that falls silent
agr2, LACP off   an active partner
"""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims
from harness.pdu import PortInfo, State
from harness.profile.constants import (
    AGGREGATE_WAIT_TIME,
    FAST_PERIODIC_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
    SLOW_PERIODIC_TIME,
    periodic_time,
)
from harness.wire.station import Station
from testcases.conformance.pt.gaps import fast_gaps, heard, longest_silence, no_shorter_period, slow_gaps

WATCHED = 3 * SLOW_PERIODIC_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds, as the rows say."""

PROVOKED = 10 * FAST_PERIODIC_TIME
"""Seconds for which a passive partner's echo is wrong (TX-04)."""


@claims(
    "PT-07", "PT-09", "PT-15", "TX-04", "RX-32",
    wires=4, needs=["several_aggregates", "active", "passive"], seconds=135, timeouts=1,
    row_needs={"RX-32": ["lacp_off"]},
)  # fmt: skip
def test_silence(case: Case) -> None:
    """An active port speaks to nobody; a passive one, or one without LACP, is silent until it is spoken to"""
    nobody, passive, leaving, refused = [case.station(wire) for wire in case.wires[:4]]
    default_is_active = State.Activity in case.partner_defaults.state
    leaving.start()
    begin = case.now()
    case.aggregate([nobody.wire], activity="active")
    up = case.now()
    own, timeout = case.own_timeout()
    case.aggregate([passive.wire, leaving.wire], "agr1", activity="passive", **own)
    if "RX-32" in case.rows:
        refused.start()
        off = case.aggregate([refused.wire], "agr2")
        off.set("lacp", False, port=refused.wire.port)
    without_lacp = case.now()

    passive.fixed_echo = PortInfo()
    said = passive.say(Activity=0)
    case.run_for(case.late)  # by the default partner both are passive, whenever that is looked at
    both_passive = case.now()
    without_news = said.time + AGGREGATE_WAIT_TIME - both_passive  # a fast period shows, a new state not yet
    case.never(passive, any_lacpdu(), since=both_passive, during=without_news, row="PT-07")
    passive.start(answers=False)
    if not case.broken("PT-07"):  # or what is sent answers nothing
        case.never(passive, any_lacpdu(), during=PROVOKED, row="TX-04")
    case.distributing([leaving])
    if not default_is_active:
        passive.silence()
    left = leaving.last().time
    end = left + WATCHED + timeout
    silent_again(case, leaving, left + case.latest(timeout + SHORT_TIMEOUT_TIME), end)
    if case.broken("TX-04"):  # what was sent is no period's
        case.leave("PT-07")
    else:
        case.never(passive, any_lacpdu(), since=both_passive, during=end - both_passive, row="PT-07")
    if "RX-32" in case.rows:
        deaf = without_lacp + PROMPT
        case.never(refused, any_lacpdu(), since=deaf, during=end - deaf, row="RX-32")
    speaks_to_nobody(case, nobody, begin, up, end)


@claims("TX-04", wires=1, needs=["passive", "lacp_off"], seconds=12)
def test_leaves_in_silence(case: Case) -> None:
    """Where both sides are passive nothing is said when LACP is switched off there"""
    lag = case.bundle(1, activity="passive")
    lag.station.silence()
    lag.station.say(Activity=0)
    case.arrived()
    since = case.now()
    lag.aggregate.set("lacp", False, port=lag.station.wire.port)
    case.never(lag.station, any_lacpdu(), since=since, during=case.now() - since + PROMPT)


def silent_again(case: Case, station: Station, given_up: float, end: float) -> None:
    """A passive port whose partner is gone speaks as its default partner would have it (PT-15)."""
    defaulted = given_up + PROMPT
    if State.Activity in case.partner_defaults.state:
        longest = periodic_time(State.Timeout in case.partner_defaults.state)
        case.check_frame(station, any_lacpdu(), since=defaulted, within=longest, row="PT-15")
    else:
        case.never(station, any_lacpdu(), since=defaulted, during=end - defaulted, row="PT-15")


def speaks_to_nobody(case: Case, station: Station, begin: float, up: float, end: float) -> None:
    """Each second while EXPIRED, then with the period that the default partner wants (PT-09)."""
    case.check_frame(station, any_lacpdu(), since=begin, within=up - begin + FAST_PERIODIC_TIME, row="PT-09")
    defaulted = begin + case.earliest(SHORT_TIMEOUT_TIME)
    longest_silence(case, station, up, defaulted, "PT-09")
    no_shorter_period(case, station, begin, defaulted, "PT-09")
    settled = up + case.latest(SHORT_TIMEOUT_TIME + AGGREGATE_WAIT_TIME) + PROMPT  # attached alone, it may be
    if State.Timeout in case.partner_defaults.state:
        fast_gaps(case, station, settled, end, "PT-09")
        return
    periods = heard(station, settled, end)
    case.check(len(periods) > 1, "LACPDUs that go on", f"{len(periods)}", row="PT-09")
    if periods:
        words, name = "time until the first slow period is over", "first-slow-period"
        case.within(periods[0] - settled, None, SLOW_PERIODIC_TIME, words, id=name, row="PT-09")
        slow_gaps(case, station, periods[0], end, "PT-09")
