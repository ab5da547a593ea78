"""Several aggregates with one system identifier: one System of several Aggregators, 43.3.6 and 43.4.14."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agr.core.outputs import StateChanged
from testcases.selftest.core.lab import Lab, keep_on, mac

SYSTEM = "02:00:00:00:0f:0f"


def shared_lab(ports: int = 2, **variables: str) -> Lab:
    """agr0 with re0, re1, ... and agr1 with re4, re5, ...: one System, keys 1 and 2."""
    lab = Lab(0, system_id=SYSTEM, **variables)
    lab.system.add_aggregator(lab.now, "agr1")
    for variable, value in {"key": "2", "system_id": SYSTEM, **variables}.items():
        lab.set(variable.replace("_", "-"), value, aggregate="agr1")
    for number in range(ports):
        lab.add(number)
        lab.add(4 + number, aggregate="agr1")
    return lab


def distributing(lab: Lab) -> dict[str, tuple[str, ...]]:
    return {name: lab.system.distributor(name).ports for name in ("agr0", "agr1")}


def lag_ids(lab: Lab) -> set[tuple[object, ...]]:
    said = [lab.aggregate(name) for name in ("agr0", "agr1")]
    return {(one["system"], one["oper_key"], one["partner_system"], one["partner_key"]) for one in said}


def test_one_partner_two_lags() -> None:
    """SL-07: the partner's half is equal, ours is not."""
    lab = shared_lab()
    keep_on(lab, 4.0)
    assert distributing(lab) == {"agr0": ("re0", "re1"), "agr1": ("re4", "re5")}
    assert len(lag_ids(lab)) == 2
    said = {sent.port: sent.pdu.actor for sent in lab.sent}
    assert {actor.system.hex(":") for actor in said.values()} == {SYSTEM}
    assert [said[port].key for port in ("re0", "re1", "re4", "re5")] == [1, 1, 2, 2]
    assert len({actor.port for actor in said.values()}) == 4


def test_keys_are_one_each() -> None:
    """SL-13, 43.3.3; also those of ports at another speed."""
    lab = shared_lab()
    with pytest.raises(ValueError, match="agr0"):
        lab.set("key", "1", aggregate="agr1")
    for port, speed in (("re0", 1000), ("re1", 100), ("re4", 1000), ("re5", 100)):
        lab.link(port, True, speed_mbps=speed)
    keys = [lab.status(port)["actor"]["key"] for port in ("re0", "re1", "re4", "re5")]
    assert len(set(keys)) == 4
    lab.set("key", str(keys[3]))
    assert len({lab.status(port)["actor"]["key"] for port in ("re0", "re1", "re4", "re5")}) == 4


def test_another_priority_is_another_system() -> None:
    lab = shared_lab()
    lab.set("system-priority", "1", aggregate="agr1")
    lab.set("key", "1", aggregate="agr1")
    keep_on(lab, 4.0)
    assert distributing(lab) == {"agr0": ("re0", "re1"), "agr1": ("re4", "re5")}
    with pytest.raises(ValueError, match="agr0"):
        lab.set("system-priority", str(0x8000), aggregate="agr1")


def test_auto_is_a_system_of_ones_own_again() -> None:
    lab = shared_lab()
    keep_on(lab, 4.0)
    lab.set("system-id", "auto", aggregate="agr1")
    assert lab.aggregate("agr1")["system"] == mac(4).hex(":")
    assert lab.aggregate("agr0")["system"] == SYSTEM
    assert {sent.pdu.actor.system for sent in lab.sent_since(lab.now, "re4")} == {mac(4)}
    assert distributing(lab)["agr0"] == ("re0", "re1")
    keep_on(lab, 4.0)
    assert distributing(lab) == {"agr0": ("re0", "re1"), "agr1": ("re4", "re5")}


def test_an_event_in_one_disturbs_no_other() -> None:
    lab = shared_lab()
    keep_on(lab, 4.0)
    began = lab.now
    lab.log.clear()
    lab.link("re0", False)
    lab.set("max-links", "1")
    lab.set("key", "7")
    walked = {output.port for _, output in lab.log if isinstance(output, StateChanged)}
    assert walked == {"re0", "re1"}
    assert lab.sent_since(began, "re4") == lab.sent_since(began, "re5") == []


def loop(lab: Lab, one: str, other: str, seconds: float) -> None:
    """A cable from ``one`` to ``other``."""
    end, seen = lab.now + seconds, len(lab.sent)
    while lab.now < end:
        while seen < len(lab.sent):
            sent = lab.sent[seen]
            seen += 1
            if sent.port in (one, other):
                lab.receive(other if sent.port == one else one, sent.frame)
        lab.run(0.05)


@pytest.mark.parametrize("speed", [None, 10])
def test_a_loop_within_an_aggregator_is_no_lag(speed: int | None) -> None:
    """43.4.14.1 g: neither where a key tells the two ends apart. One of them alone may be selected."""
    lab = shared_lab(3)
    lab.link("re2", True, speed_mbps=1000)
    lab.link("re1", True, speed_mbps=speed)
    loop(lab, "re0", "re1", 10.0)
    assert lab.status("re0")["receive_state"] == lab.status("re1")["receive_state"] == "CURRENT"
    assert [lab.status(port)["selected"] for port in ("re0", "re1")] == ["SELECTED", "UNSELECTED"]
    assert "loop" in lab.status("re1")["debug"]["MuxReason"]
    assert lab.data["re0"] == lab.data["re1"] == (False, False)


def test_a_loop_between_two_aggregators_is_a_link_between_them() -> None:
    """43.4.14.1 forbids to attach both ends of a link to one Aggregator, not to two."""
    lab = shared_lab(2, max_links="1")
    for pair in (("re0", "re5"), ("re1", "re4")):
        loop(lab, *pair, 0.5)
    end, seen = lab.now + 10.0, len(lab.sent)
    cables = {"re0": "re5", "re5": "re0", "re1": "re4", "re4": "re1"}
    while lab.now < end:
        while seen < len(lab.sent):
            lab.receive(cables[lab.sent[seen].port], lab.sent[seen].frame)
            seen += 1
        lab.run(0.05)
    assert distributing(lab) == {"agr0": ("re0",), "agr1": ("re5",)}


def moved(lab: Lab, source: str, to: str) -> str:
    """The partner of ``source``, which has no carrier any more, is heard on ``to``."""
    lab.link(source, False)
    lab.partners[to].actor = replace(lab.partners[source].actor)
    lab.partners[to].say()
    lab.link(source, True)
    return str(lab.status(source)["partner"]["system"])


def test_a_partner_that_moved_within_the_system_is_forgotten() -> None:
    """port_moved, 43.4.8."""
    lab = shared_lab()
    keep_on(lab, 4.0)
    assert moved(lab, "re0", "re4") == "00:00:00:00:00:00"
    assert lab.state("re0").Defaulted


def test_a_partner_that_another_system_hears_has_not_moved() -> None:
    lab = shared_lab()
    lab.set("system-id", "auto", aggregate="agr1")
    keep_on(lab, 4.0)
    assert moved(lab, "re0", "re4") != "00:00:00:00:00:00"
