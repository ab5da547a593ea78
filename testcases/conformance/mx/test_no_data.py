"""Mux machine: states in which a port neither delivers what it receives nor sends data (43.4.15)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.case import Case, Conversation, Lag, Match, claims, data_frame, lacpdu, spread, step_missed
from harness.case.offer import Offer, Pace
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.verdict import NotJudged
from harness.wire.station import Station
from testcases.conformance.fd.moving import MOVING

HOLD = 3 * FAST_PERIODIC_TIME
"""Seconds for which a state is held, as MX-16 has it."""

FLOWS = 16
"""Conversations, some on each of two links."""

DENSE = Pace(period=FLOWS, every=0.002)
"""A frame each 2 ms, of one conversation after the other: a moment of 5 ms has some."""

WAITING = lacpdu(Synchronization=0, Collecting=0, Distributing=0)
ATTACHED = lacpdu(Synchronization=1, Collecting=0, Distributing=0)
COLLECTING = lacpdu(Collecting=1, Distributing=0)
EXPIRED = lacpdu(Expired=1, Collecting=0, Distributing=0)
DEFAULTED = lacpdu(Defaulted=1, Expired=0)
USED = lacpdu(Collecting=1)


class Watched:
    """One link of two; the other distributes all the while, so that the client's data is offered in fact."""

    def __init__(self, case: Case, lag: Lag, outward: Offer) -> None:
        self.case, self.lag, self.outward = case, lag, outward
        self.station: Station = lag.stations[1]

    def said(self, state: Match, missed: str, within: float = 2 * FAST_PERIODIC_TIME) -> float:
        """Wait until the port says that it is in a state; gives from when on that is judged.

        ``missed`` is the row that is broken where it does not.
        """
        return self.case.expect(self.station, state, within=within, premise=missed).time + PROMPT

    def sends_nothing(self, words: str, since: float, during: float = HOLD - PROMPT) -> None:
        """FAIL where data leaves on the link in a state that began a second before."""
        case = self.case
        seen = case.frames(self.station, data_frame(), since=since, during=during)
        case.check(not seen, f"no data sent while {words}", f"{len(seen)} frames", row="MX-16")

    def delivers_nothing(self, words: str, since: float, during: float = HOLD - PROMPT) -> None:
        """FAIL where data that arrives on the link meanwhile reaches the client; nor may any leave."""
        case = self.case
        case.run_for(since - case.now())
        with case.offering(self.station.wire) as inward:
            self.sends_nothing(words, since, during)
        case.run_for(PROMPT / 4)
        reached = sum(map(inward.data, self.lag.aggregate.client.received(since)))
        case.check(not reached, f"no data delivered while {words}", f"{reached} frames", row="MX-14")

    def alone_or_nothing(self, since: float) -> None:
        """Data on a link without a partner: one that is declared to carry it then, and says so, may."""
        case = self.case
        if case.pics.partner_without_lacp != "suspend":
            used = case.frames(self.station, USED, since=since - PROMPT, during=HOLD)
            if used:
                case.report(f"DEFAULTED, and in use as a link by itself: {used[0].text()}")
                return
        self.delivers_nothing("DEFAULTED", max(since, case.now()))


def passes(case: Case, lag: Lag) -> Sequence[Conversation]:
    """The control run: on all links data passes both ways; gives conversations, some on each of them.

    Where the implementation puts none on one of them, what leaves there is not judged; NotJudged is raised
    where it says of itself that it spreads them.
    """
    try:
        flows = spread(case, lag.aggregate, lag.stations).some(FLOWS)
    except NotJudged as found:
        if case.pics.spreads:
            raise
        case.nothing_to_judge(str(found), row="MX-16")
        flows = case.conversations(FLOWS, lag.aggregate.mac)
    for station in lag.stations:
        with case.offering(station.wire) as inward:
            case.expect(lag.aggregate.client, inward.data, within=PROMPT, premise="MX-15")
    return flows


def passes_again(case: Case, lag: Lag) -> None:
    """The same when the second link has come back, and conversations have moved to it."""
    case.distributing(lag.stations[1:])
    case.run_for(MOVING)
    passes(case, lag)


@claims("MX-14", "MX-16", wires=2, seconds=38, timeouts=1)
def test_no_data(case: Case) -> None:
    """A port that is not distributing sends no data, and one that is not collecting delivers none"""
    own, timeout = case.own_timeout()
    lag = case.bundle(2, **own, **case.control("independent"))
    with case.offering(lag.aggregate, passes(case, lag)) as outward:
        link = Watched(case, lag, outward)
        partner = link.station

        partner.say(Synchronization=0)
        link.delivers_nothing("ATTACHED, the partner not in sync", link.said(ATTACHED, "MX-11"))

        partner.fixed_echo = partner.echo.change(key=0x2021)
        partner.say(Synchronization=1)
        link.delivers_nothing("ATTACHED, the partner's echo wrong", link.said(ATTACHED, "RX-17"))
        partner.fixed_echo = None

        if case.pics.independent_control:
            partner.say(Collecting=0, Distributing=0)
            link.sends_nothing("COLLECTING", link.said(COLLECTING, "MX-07"))

        partner.last(Collecting=1, Distributing=1)
        silence = 2 * SHORT_TIMEOUT_TIME
        expiry = timeout + SHORT_TIMEOUT_TIME
        link.delivers_nothing("EXPIRED", link.said(EXPIRED, "RX-08", within=expiry), during=PROMPT)
        link.alone_or_nothing(link.said(DEFAULTED, "RX-12", within=silence))

        partner.change(key=0x0B0A)
        partner.start()
        link.delivers_nothing("in no LAG, the partner another", link.said(WAITING, "RX-24"))

        partner.change(key=lag.station.info.key)
        said = partner.say().time
        link.delivers_nothing("WAITING", said + PROMPT, during=PROMPT / 2)
        passes_again(case, lag)


@claims("MX-16", wires=2, needs=["control"], seconds=18)
def test_not_for_a_moment(case: Case) -> None:
    """While a port waits and attaches, its partner not in sync, not a single frame of many leaves on it"""
    lag = case.bundle(2)
    joining = lag.stations[1]
    flows = passes(case, lag)
    lag.aggregate.remove(joining.wire.port)  # which may take carrier away
    joining.change(Synchronization=0, Collecting=0, Distributing=0)
    lag.aggregate.add(joining.wire.port)
    case.run_for(PROMPT)
    since = case.now()
    with case.offering(lag.aggregate, flows, pace=DENSE) as outward:
        case.expect(joining, lacpdu(Synchronization=1), within=BRING_UP_TIME, premise=step_missed)
        case.run_for(PROMPT)
        early = case.frames(joining, data_frame(), since=since, during=case.now() - since)
        case.check(not early, f"no data on {joining.wire.name} before its partner is in sync",
                   f"{len(early)} frames of {len(outward.sent)}")  # fmt: skip
        joining.say(Synchronization=1, Collecting=1, Distributing=1)
        passes_again(case, lag)
