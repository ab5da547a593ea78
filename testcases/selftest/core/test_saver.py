"""The snapshot that is made an Aggregator at a time has all that the whole one has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core.system import System
from testcases.selftest.core.lab import Lab, keep_on, mac
from testcases.selftest.core.moving import DELAYS, MovingLab, happen, steps
from testcases.selftest.core.test_shared_system import shared_lab

_AS_OLD_AS_IT_MAY_BE = (
    "now",
    "checksum",
    "limits",
    "counters",  # of PDUs, and of Markers
    "debug",  # counts of changes, 30.7.4.1, and what was counted last
    "actor_lag_id",
    "partner_lag_id",
    "NTT",
    "periodic_state",
    "periodic_timer",
    "current_while_timer",
    "Partner_Collector_Max_Delay",
    "unanswered_markers",
    "_turn",
)


def lasting(said: Any) -> Any:
    """What must be as new as the last event: all but times and counts that a LACPDU or a Marker changes."""
    if isinstance(said, dict):
        return {key: lasting(item) for key, item in said.items() if key not in _AS_OLD_AS_IT_MAY_BE}
    return [lasting(item) for item in said] if isinstance(said, list) else said


def text_of(lab: Lab) -> Any:
    return json.loads(lab.system.saver.text(lab.now))


def check(lab: Lab) -> None:
    whole = json.loads(json.dumps(lab.system.snapshot(lab.now)))
    assert lasting(text_of(lab)) == lasting(whole)


@settings(max_examples=40)
@given(st.lists(steps("detach"), max_size=20), DELAYS, DELAYS)
def test_nothing_that_lasts_is_missed(
    history: list[tuple[str, str, float]], hold_delay: float | None, answer_delay: float | None
) -> None:
    lab = MovingLab(3, hold_delay=hold_delay, answer_delay=answer_delay)
    keep_on(lab, 3.0)
    for event, port, pause in history:
        happen(lab, event, port)
        check(lab)
        lab.run(pause)
        check(lab)


ACROSS: dict[str, Callable[[Lab], None]] = {
    "a key is taken from another aggregate's ports": lambda lab: lab.set(
        "key", str(lab.status("re5")["actor"]["key"]), aggregate="agr0"
    ),
    "a port goes to another aggregate": lambda lab: (lab.remove("re0"), lab.add(0, aggregate="agr1"))[0],
    "another address": lambda lab: lab.system.set_mac(lab.now, "re0", mac(99)),
    "a new aggregate": lambda lab: lab.system.add_aggregator(lab.now, "agr2"),
    "an aggregate less": lambda lab: (lab.remove("re0"), lab.system.remove_aggregator(lab.now, "agr0"))[0],
}


@pytest.mark.parametrize("what", ACROSS)
def test_what_one_aggregate_does_to_another(what: str) -> None:
    lab = shared_lab(1)
    lab.link("re4", True, speed_mbps=100)
    lab.add(5, aggregate="agr1")
    lab.link("re5", True, speed_mbps=10)
    keep_on(lab, 4.0)
    check(lab)
    ACROSS[what](lab)
    check(lab)


def test_only_what_has_changed_is_made_anew() -> None:
    lab = shared_lab()
    keep_on(lab, 4.0)
    before = text_of(lab)
    keep_on(lab, 10.0)
    assert text_of(lab)["aggregators"] == before["aggregators"]
    lab.link("re0", False)
    assert not lab.system.saver.renew(lab.now)
    agr0, agr1 = text_of(lab)["aggregators"]
    assert agr0["now"] == lab.now
    assert agr1 == before["aggregators"][1]


def test_it_is_restored() -> None:
    """Parts of different times, as a file has them."""
    lab = shared_lab()
    keep_on(lab, 4.0)
    text_of(lab)
    keep_on(lab, 2.0)
    lab.link("re0", False)
    copy = System()
    copy.restore(lab.now, text_of(lab))
    copy.take()
    for name in ("agr0", "agr1"):
        assert copy.distributor(name).ports == lab.system.distributor(name).ports
