"""Periodic Transmission machine, 43.4.13."""

from __future__ import annotations

from itertools import pairwise

import pytest

from testcases.selftest.core.lab import NOBODY, START, Lab, Sent, keep_on, up_lab


def gaps(sent: list[Sent]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(sent)]


@pytest.mark.parametrize("own", ["short", "long"])
@pytest.mark.parametrize(("partner_short", "period"), [(True, 1.0), (False, 30.0)])
def test_period_follows_the_partner(own: str, partner_short: bool, period: float) -> None:
    lab = up_lab(timeout=own)
    lab.partners["re0"].become(LACP_Timeout=partner_short)
    lab.run(0.5)
    settled = lab.now
    keep_on(lab, 95.0, every=0.75)
    measured = gaps(lab.sent_since(settled))
    assert measured == [period] * (94 if partner_short else 2)


def test_periods_do_not_drift_when_the_host_is_late() -> None:
    lab = up_lab(timeout="long")
    lab.partners["re0"].become(LACP_Timeout=True)
    lab.run(0.5)
    first = lab.system.deadline()
    assert first is not None
    expected = first
    for _ in range(50):
        assert lab.system.deadline() == expected
        lab.now = expected + 0.07
        lab.system.advance(lab.now)
        lab.drain()
        expected += 1.0


def test_fast_when_expired() -> None:
    lab = up_lab(timeout="short")
    lab.partners["re0"].say()
    assert lab.status()["periodic_state"] == "SLOW_PERIODIC"
    expiry = lab.now + 3.0
    lab.run(5.9)
    sent = [s for s in lab.sent_since(expiry) if s.pdu.actor.state.Expired]
    assert [s.at for s in sent] == [expiry, expiry + 1.0, expiry + 2.0]


def test_slow_to_fast_sends_at_once_then_each_second() -> None:
    lab = up_lab()
    lab.run(5.0)
    switched = lab.now
    lab.partners["re0"].become(LACP_Timeout=True)
    lab.run(3.0)
    assert [s.at - switched for s in lab.sent_since(switched)] == [0.0, 1.0, 2.0, 3.0]
    assert lab.status()["periodic_state"] == "FAST_PERIODIC"


def test_fast_to_slow_sends_nothing_for_30_s() -> None:
    lab = up_lab()
    lab.partners["re0"].become(LACP_Timeout=True)
    lab.run(2.5)
    switched = lab.now
    lab.partners["re0"].become(LACP_Timeout=False)
    lab.run(30.0)
    assert [s.at - switched for s in lab.sent_since(switched)] == [30.0]


def test_silent_partner_hears_an_active_port() -> None:
    lab = Lab()
    lab.run(95.0)
    assert [s.at - START for s in lab.sent] == [1.0, 2.0, 33.0, 63.0, 93.0]


def test_both_passive_are_silent() -> None:
    lab = Lab(activity="passive")
    partner = lab.partners["re0"]
    partner.become(LACP_Activity=False)
    lab.run(2.0)
    partner.say(partner=partner.actor)  # a wrong echo
    lab.run(95.0)
    assert lab.sent == []
    assert lab.status()["periodic_state"] == "NO_PERIODIC"


def test_passive_answers_an_active_partner_and_is_silent_after_it() -> None:
    lab = Lab(activity="passive")
    lab.run(5.0)
    assert lab.sent == []
    heard = lab.now
    partner = lab.partners["re0"]
    partner.say(partner=NOBODY)  # it does not know us yet
    assert [s.at for s in lab.sent] == [heard]
    lab.run(93.0)
    assert lab.status()["receive_state"] == "DEFAULTED"
    defaulted = lab.now
    lab.run(95.0)
    assert lab.sent_since(defaulted + 1.0) == []


def test_link_down_silences_and_up_begins_within_a_second() -> None:
    lab = up_lab()
    lab.link("re0", False)
    down = lab.now
    lab.run(40.0)
    assert [s for s in lab.sent_since(down) if s.at > down] == []
    lab.link("re0", True)
    raised = lab.now
    lab.run(1.0)
    assert [s.at - raised for s in lab.sent_since(raised)] == [1.0]
