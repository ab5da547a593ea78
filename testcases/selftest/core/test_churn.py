"""Churn Detection machines, 43.4.17."""

from __future__ import annotations

from dataclasses import replace

from testcases.selftest.core.lab import ACTIVE, Lab, keep_on, up_lab


def states(lab: Lab, port: str = "re0") -> tuple[str, str]:
    status = lab.status(port)
    return status["actor_churn_state"], status["partner_churn_state"]


def test_churn_after_60_s_exactly() -> None:
    lab = Lab()
    lab.run(59.999)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")
    lab.run(0.001)
    assert states(lab) == ("ACTOR_CHURN", "PARTNER_CHURN")
    debug = lab.status()["debug"]
    assert (debug["ActorChurnCount"], debug["PartnerChurnCount"]) == (1, 1)


def test_time_counts_from_port_enabled() -> None:
    lab = Lab(up=False)
    lab.run(100.0)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")
    lab.link("re0", True)
    lab.run(59.0)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")
    lab.run(1.0)
    assert states(lab) == ("ACTOR_CHURN", "PARTNER_CHURN")


def test_sides_are_told_apart() -> None:
    lab = Lab()
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, state=ACTIVE)
    keep_on(lab, 65.0)
    assert states(lab) == ("NO_ACTOR_CHURN", "PARTNER_CHURN")


def test_sync_in_time_is_no_churn_and_late_sync_ends_it() -> None:
    lab = Lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=ACTIVE)
    keep_on(lab, 59.0)
    partner.become(Synchronization=True)
    lab.run(20.0)
    assert states(lab) == ("NO_ACTOR_CHURN", "NO_PARTNER_CHURN")
    partner.become(Synchronization=False)
    keep_on(lab, 59.0)
    assert states(lab)[1] == "PARTNER_CHURN_MONITOR"
    keep_on(lab, 1.0)
    assert states(lab)[1] == "PARTNER_CHURN"
    partner.become(Synchronization=True)
    assert states(lab)[1] == "NO_PARTNER_CHURN"
    debug = lab.status()["debug"]
    assert (debug["ActorChurnCount"], debug["PartnerChurnCount"]) == (0, 1)


def test_link_down_resets() -> None:
    lab = Lab()
    lab.run(70.0)
    lab.link("re0", False)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")
    lab.run(30.0)
    lab.link("re0", True)
    lab.run(59.0)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")


def test_link_down_in_the_monitor_stops_the_count() -> None:
    lab = Lab()
    lab.run(50.0)
    lab.link("re0", False)
    lab.run(30.0)
    assert states(lab) == ("ACTOR_CHURN_MONITOR", "PARTNER_CHURN_MONITOR")


def test_a_settled_port_churns_not() -> None:
    lab = up_lab()
    keep_on(lab, 200.0, every=10.0)
    assert states(lab) == ("NO_ACTOR_CHURN", "NO_PARTNER_CHURN")
