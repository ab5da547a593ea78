"""Transmit machine: limit and NTT are each port's own, whichever aggregate it is in (43.4.8, 43.4.16)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from testcases.conformance.sl.aggregates import MOST, number_of, quiet_lags
from testcases.conformance.tx.provoking import another_port, first_port, provoke, wrong_echo

BURST = 1.5 * FAST_PERIODIC_TIME
"""Seconds: more than the limit looks at, whatever it counts from."""

CHANGING = 2.5 * FAST_PERIODIC_TIME
"""Seconds of news that end when three LACPDUs have left, and the next one has to wait."""


@claims(
    "TX-10",
    "RX-23",
    wires=2,
    most_wires=MOST,
    needs=["several_aggregates", "long_timeout"],
    floods=True,
    seconds=27,
)
def test_limit_of_each_aggregate(case: Case) -> None:
    """A port is silent, or answers at once, while ports of other aggregates have more to say than they may"""
    *provoked, other = (lag.station for lag in quiet_lags(case, number_of(case), timeout="long"))
    case.quiet(other)
    since = case.now()
    provoke(case, dict.fromkeys(provoked, since), BURST, wrong_echo)
    case.never(other, any_lacpdu(), since=since, during=case.now() - since, row="RX-23")
    said = other.say(partner=wrong_echo(other, 0))
    provoke(case, dict.fromkeys(provoked, case.now()), BURST, wrong_echo)
    answer = case.check_frame(other, any_lacpdu(), since=said.time, within=PROMPT, row="TX-10")
    if answer is not None:
        words = "wrong echo to answer, while other aggregates are busy"
        case.within(answer.time - said.time, None, None, words, id="wrong-echo-to-answer", row="TX-10")


@claims("TX-02", wires=2, needs=["several_aggregates", "long_timeout"], floods=True, seconds=16)
def test_news_of_each_aggregate(case: Case) -> None:
    """News that the limit delays is told within 1 s, though a port of another aggregate speaks meanwhile"""
    changing, speaking = (lag.station for lag in quiet_lags(case, 2, timeout="long"))
    case.settle()
    first = first_port(changing)
    sent = provoke(case, {changing: case.now()}, CHANGING, another_port)[changing]
    asked = speaking.say(partner=wrong_echo(speaking, 0))
    case.expect(speaking, any_lacpdu(), since=asked.time, within=PROMPT, premise="TX-05")
    last = lacpdu(partner={"port": first + len(sent) - 1})
    told = case.expect(changing, last, since=sent[-1].time, within=PROMPT)
    words = "last change until it is told, while another aggregate speaks"
    case.within(told.time - sent[-1].time, None, None, words, id="last-change-to-told")
