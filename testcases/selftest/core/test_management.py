"""State and counters of 30.7."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from testcases.selftest.core.lab import ACTIVE, FOREIGN, START, UP, Lab, keep_on, mac, up_lab
from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME

OTHER = bytes.fromhex("02bbbbbbbb01")


def debug(lab: Lab, port: str = "re0") -> dict[str, Any]:
    found: dict[str, Any] = lab.status(port)["debug"]
    return found


def test_everything_is_json() -> None:
    lab = up_lab(2)
    said = json.loads(json.dumps(lab.system.status(lab.now)))
    assert said["aggregates"]["agr0"] == lab.aggregate()


def test_counters_begin_at_0() -> None:
    lab = Lab(up=False)
    assert {*lab.status()["counters"].values(), *lab.aggregate()["notifications"].values()} == {0}
    assert {name: value for name, value in debug(lab).items() if value and name.endswith("Count")} == {}


# 30.7.4.1


def test_last_rx_time_is_that_of_the_last_lacpdu() -> None:
    lab = Lab()
    assert debug(lab)["LastRxTime"] is None
    lab.run(2.0)
    lab.receive("re0", MARKER_FRAME)
    lab.receive("re0", LACPDU_FRAME[:60])
    assert debug(lab)["LastRxTime"] is None
    lab.partners["re0"].say()
    lab.run(5.0)
    assert debug(lab)["LastRxTime"] == START + 2.0


def test_sync_transitions_count_the_ways_in() -> None:
    lab = up_lab()
    assert (debug(lab)["ActorSyncTransitionCount"], debug(lab)["PartnerSyncTransitionCount"]) == (1, 1)
    partner = lab.partners["re0"]
    for _ in range(3):
        partner.become(Synchronization=False)
        partner.become(Synchronization=True)
        partner.say()
    assert (debug(lab)["ActorSyncTransitionCount"], debug(lab)["PartnerSyncTransitionCount"]) == (1, 4)
    lab.set("key", "9")
    keep_on(lab, 4.0)
    assert debug(lab)["ActorSyncTransitionCount"] == 2


def test_what_is_not_granted_is_no_transition() -> None:
    lab = up_lab()
    partner = lab.partners["re0"]
    before = debug(lab)["PartnerSyncTransitionCount"]
    partner.say(partner=replace(partner.echo(), key=99))
    partner.say(partner=replace(partner.echo(), key=99))
    partner.say()
    assert debug(lab)["PartnerSyncTransitionCount"] == before + 1


def _own_key(lab: Lab) -> None:
    lab.set("key", "77")


def _other_partner(lab: Lab) -> None:
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, system=OTHER)
    lab.partners["re0"].say()


def _other_partner_port(lab: Lab) -> None:
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, port=99)
    lab.partners["re0"].say()


def _out_of_sync(lab: Lab) -> None:
    lab.partners["re0"].become(Synchronization=False)


def _individual(lab: Lab) -> None:
    lab.partners["re0"].become(Aggregation=False)


def _wrong_echo(lab: Lab) -> None:
    partner = lab.partners["re0"]
    partner.say(partner=replace(partner.echo(), key=99))


# What happens, and how often the LAG ID changes: as we see it, as the partner's next PDUs say
CHANGES: list[tuple[Callable[[Lab], None], int, int]] = [
    (_own_key, 1, 1),
    (_other_partner, 1, 1),
    (_individual, 1, 1),
    (_other_partner_port, 0, 0),
    (_out_of_sync, 0, 0),
    (_wrong_echo, 0, 2),  # there and back
]


@pytest.mark.parametrize(("change", "ours", "theirs"), CHANGES)
def test_changes_of_the_lag_id(change: Callable[[Lab], None], ours: int, theirs: int) -> None:
    lab = up_lab()
    before = debug(lab)
    assert (before["ActorChangeCount"], before["PartnerChangeCount"]) == (1, 0)
    change(lab)
    lab.partners["re0"].say()
    lab.partners["re0"].say()
    after = debug(lab)
    assert after["ActorChangeCount"] - before["ActorChangeCount"] == ours
    assert after["PartnerChangeCount"] - before["PartnerChangeCount"] == theirs


def _looped(lab: Lab) -> None:
    lab.partners["re0"].actor = replace(lab.partners["re0"].echo(), state=UP)
    lab.partners["re0"].say()


def _other_lag(lab: Lab) -> None:
    lab.partners["re1"].keep_on(3.0)
    _other_partner(lab)


def _standby(lab: Lab) -> None:
    lab.set("system-priority", "0")
    lab.set("max-links", "1")
    lab.set("port-priority", "1", "re1")
    keep_on(lab, 3.0)


def _too_few(lab: Lab) -> None:
    lab.set("min-links", "3")
    keep_on(lab, 3.0)


def _attached(lab: Lab) -> None:
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, state=ACTIVE)
    keep_on(lab, 3.0)


def _collecting(lab: Lab) -> None:
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, state=replace(UP, Collecting=False))
    keep_on(lab, 3.0)


def _half_duplex(lab: Lab) -> None:
    lab.link("re0", True, full_duplex=False)


def _static(lab: Lab) -> None:
    lab.set("link1", "on")
    lab.run(3.0)


# How re0 gets where it is, its mux state, words of the reason
REASONS: list[tuple[Callable[[Lab], None], str, str]] = [
    (lambda lab: None, "DETACHED", "no LACP partner is heard"),
    (lambda lab: lab.link("re0", False), "DETACHED", "no carrier"),
    (lambda lab: lab.set("lacp", "off", "re0"), "DETACHED", "LACP is off"),
    (_half_duplex, "DETACHED", "half duplex"),
    (_looped, "DETACHED", "loop"),
    (_other_lag, "DETACHED", "agr0 serves another"),
    (lambda lab: lab.partners["re0"].say(), "WAITING", "Aggregate_Wait_Time"),
    (_standby, "WAITING", "max-links is 1"),
    (_too_few, "WAITING", "min-links 3"),
    (_attached, "ATTACHED", "not in sync"),
    (_collecting, "COLLECTING", "does not collect"),
    (lambda lab: keep_on(lab, 3.0), "DISTRIBUTING", "both ends agree"),
    (_static, "DISTRIBUTING", "no LACP"),
]


@pytest.mark.parametrize(("reach", "state", "words"), REASONS)
def test_mux_reason(reach: Callable[[Lab], None], state: str, words: str) -> None:
    lab = Lab(2)
    reach(lab)
    assert lab.status()["mux_state"] == state
    assert words in debug(lab)["MuxReason"]


def test_a_link_that_lost_its_carrier_says_so() -> None:
    lab = up_lab(2)
    lab.link("re0", False)
    assert (lab.status()["mux_state"], debug(lab)["MuxReason"]) == ("ATTACHED", "no carrier")


# 30.7.1.1


def test_an_aggregate_without_a_lag() -> None:
    said = Lab(1, key="5").aggregate()
    assert (said["oper_key"], said["partner_system"], said["partner_key"]) == (5, "00:00:00:00:00:00", 0)
    assert (said["partner_system_priority"], said["individual"], said["last_change"]) == (0, False, None)


def test_an_aggregate_tells_of_the_lag_that_it_serves() -> None:
    lab = Lab(2)
    lab.partners["re0"].actor = replace(lab.partners["re0"].actor, system=OTHER)
    lab.partners["re1"].say()
    keep_on(lab, 4.0)
    said = lab.aggregate()
    assert (said["oper_key"], said["partner_system"], said["partner_key"]) == (1, FOREIGN.hex(":"), 0x0203)
    assert (said["partner_system_priority"], said["individual"]) == (0x7000, False)
    lab.partners["re1"].become(Aggregation=False)
    lab.link("re0", False)
    keep_on(lab, 3.0, partners=[lab.partners["re1"]])
    assert lab.aggregate()["individual"] is True


def test_the_operational_key_is_that_of_the_links_it_serves() -> None:
    lab = Lab(2)
    lab.link("re0", True, speed_mbps=1000)
    lab.link("re1", True, speed_mbps=100)
    lab.partners["re1"].keep_on(4.0)
    assert lab.aggregate()["oper_key"] == lab.status("re1")["actor"]["key"] != lab.aggregate()["key"]


def test_last_change_is_when_it_came_up_or_went_down() -> None:
    lab = up_lab(2)
    assert lab.aggregate()["last_change"] == START + 2.0
    lab.link("re0", False)
    assert lab.aggregate()["last_change"] == START + 2.0
    lab.run(1.5)
    lab.link("re1", False)
    assert lab.aggregate()["last_change"] == lab.now
    lab.run(10.0)
    assert lab.aggregate()["last_change"] == lab.now - 10.0


def test_the_data_rate_is_that_of_links_whose_speed_is_known() -> None:
    lab = up_lab(2)
    assert lab.aggregate()["data_rate"] is None
    for port in ("re0", "re1"):
        lab.link(port, True, speed_mbps=100)
    keep_on(lab, 3.0)
    assert lab.aggregate()["data_rate"] == 200_000_000


def test_ports_tell_their_speed_and_duplex() -> None:
    lab = Lab(1)
    assert (lab.status()["speed_mbps"], lab.status()["full_duplex"]) == (None, True)
    without_carrier = Lab(1, up=False).status()
    assert (without_carrier["speed_mbps"], without_carrier["full_duplex"]) == (None, True)
    assert Lab(1, up=False).status()["selected_aggregator"] == ""
    lab.link("re0", True, speed_mbps=100, full_duplex=False)
    assert (lab.status()["speed_mbps"], lab.status()["full_duplex"]) == (100, False)
    assert lab.status()["actor"]["key"] != lab.aggregate()["key"]
    assert lab.status()["actor"]["system"] == mac(0).hex(":")


def test_ports_tell_their_address_carrier_number_and_administrative_partner() -> None:
    lab = Lab(2)
    lab.link("re1", False)
    said = [lab.status(port) for port in ("re0", "re1")]
    assert [one["mac"] for one in said] == [mac(0).hex(":"), mac(1).hex(":")]
    assert [one["link"] for one in said] == [True, False]
    assert [one["number"] for one in said] == [one["actor"]["port"] for one in said] == [1, 2]
    lab.set("partner-key", "7", port="re1")
    assert [lab.status(port)["partner_admin"]["key"] for port in ("re0", "re1")] == [0, 7]
