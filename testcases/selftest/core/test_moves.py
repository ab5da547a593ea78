"""Moving conversations: hold, Marker, Response, 43.2.5 and 43A.3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agr.core import marker
from agr.core.constants import (
    LARGEST_MOVE,
    MARKER_LIMIT,
    MARKER_PROTOCOL_LIMIT,
    SILENT_MARKER_WAIT,
    UNANSWERED_MARKERS,
    Marker_Wait_Time,
)
from agr.core.distribution import BUCKETS
from agr.core.marker import MARKER_INFORMATION, Marker
from agr.core.outputs import Hold, RoundRobin
from agr.core.states import DrainState
from agr.core.timer import MarkerRate
from agr.core.variables import Drain, Moves
from testcases.selftest.core.events import EVENTS, make_good
from testcases.selftest.core.lab import FOREIGN, Lab, keep_on, up_lab
from testcases.selftest.core.moving import DELAYS, MovingLab, steps


def batches(buckets: int) -> list[int]:
    """How many move at once, one batch after the other."""
    whole, rest = divmod(buckets, LARGEST_MOVE)
    return [LARGEST_MOVE] * whole + [rest] * bool(rest)


def moves(lab: MovingLab) -> dict[str, int]:
    found: dict[str, int] = lab.system.status(lab.now)["aggregates"]["agr0"]["moves"]
    return found


def one_of_two(**how: float | None) -> MovingLab:
    """re0 carries everything, re1 has no carrier; nothing was sent in the last second."""
    lab = MovingLab(2, **how)  # type: ignore[arg-type]
    lab.link("re1", False)
    keep_on(lab, 4.0)
    assert lab.shares() == {"re0": BUCKETS}
    return lab


def two(**how: float | None) -> MovingLab:
    """Both carry their share."""
    lab = MovingLab(2, **how)  # type: ignore[arg-type]
    keep_on(lab, 14.0)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    lab.run(2.0)
    return lab


def outputs(lab: MovingLab, kind: type, since: float) -> list[object]:
    return [output for at, output in lab.log if isinstance(output, kind) and at >= since]


def join(lab: MovingLab, port: str = "re1") -> float:
    """The port gets carrier, and distributes in the end. Returns when it does."""
    lab.link(port, True)
    while not lab.data[port][1]:
        for partner in lab.partners.values():
            partner.say()
        if not lab.data[port][1]:
            lab.run(0.5)
    return lab.now


def test_the_first_port_gets_everything_at_once() -> None:
    lab = one_of_two()
    assert [(a.port, len(a.buckets)) for _, a in lab.moved] == [("re0", BUCKETS)]
    assert lab.markers == []


def test_a_new_port_gets_its_share_in_batches_each_behind_a_marker() -> None:
    lab = one_of_two(answer_delay=0.01)
    begun = join(lab)
    keep_on(lab, 3.0)
    holds = outputs(lab, Hold, begun)
    assert [len(hold.buckets) for hold in holds] == batches(BUCKETS // 2)  # type: ignore[attr-defined]
    number = len(holds)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    assert {port for _, port, _ in lab.markers} == {"re0"}
    assert moves(lab) == {
        "Moves": number,
        "MovesTimedOut": 0,
        "MarkersTx": number,
        "MarkerResponsesRx": number,
        "held": 0,
        "pending": 0,
    }
    counters = lab.status("re0")["counters"]
    assert (counters["MarkerPDUsTx"], counters["MarkerResponsePDUsRx"]) == (number, number)
    first = [at for at, _, _ in lab.markers][:MARKER_LIMIT]
    assert first[-1] - begun == pytest.approx(0.01 * (MARKER_LIMIT - 1))
    assert lab.markers[MARKER_LIMIT][0] - first[0] >= 1.0


def test_nothing_is_released_before_the_response() -> None:
    lab = one_of_two(answer_delay=0.7)
    begun = join(lab)
    lab.run(0.69)
    assert [a for at, a in lab.moved if at >= begun] == []
    assert len(lab.held) == LARGEST_MOVE == moves(lab)["held"]
    lab.run(0.02)
    assert lab.moved[-1][1].port == "re1"


def test_the_marker_waits_for_the_hold_to_be_in_force() -> None:
    lab = one_of_two(hold_delay=0.2)
    begun = join(lab)
    lab.run(0.19)
    assert lab.markers == []
    lab.run(0.02)
    assert [at for at, _, _ in lab.markers] == [pytest.approx(begun + 0.2)]


@pytest.mark.parametrize("how", [{"answer_delay": None}, {"hold_delay": None}])
def test_the_wait_is_bounded(how: dict[str, float | None]) -> None:
    lab = one_of_two(**how)
    begun = join(lab)
    lab.run(Marker_Wait_Time + 0.01)
    assert lab.moved[-1][0] == pytest.approx(begun + Marker_Wait_Time)
    assert moves(lab)["MovesTimedOut"] == 1


def test_a_partner_that_never_answers_is_waited_for_less_long() -> None:
    lab = one_of_two(answer_delay=None)
    begun = join(lab)
    keep_on(lab, 5.0)
    times = [at - begun for at, a in lab.moved if a.port == "re1"]
    assert times[:UNANSWERED_MARKERS] == [pytest.approx(n) for n in (1.0, 2.0, 3.0)]
    assert times[UNANSWERED_MARKERS] == pytest.approx(3.0 + SILENT_MARKER_WAIT)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}


def test_what_a_silent_partner_says_of_its_collector_counts() -> None:
    lab = one_of_two(answer_delay=None)
    lab.partners["re0"].collector_max_delay = 50_000
    begun = join(lab)
    keep_on(lab, 5.0)
    times = [at - begun for at, a in lab.moved if a.port == "re1"]
    assert times[UNANSWERED_MARKERS] == pytest.approx(3.5)


def test_a_partner_that_answers_again_gets_its_time_again() -> None:
    lab = one_of_two(answer_delay=None)
    join(lab)
    keep_on(lab, 8.0)
    sent = lab.markers[-1][2]
    lab.receive("re0", marker.encode(marker.response(sent), FOREIGN))
    lab.partners["re0"].become(Synchronization=False)
    lab.run(Marker_Wait_Time - 0.01)
    assert lab.held


WRONG: dict[str, Callable[[Marker], Marker]] = {
    "id": lambda sent: replace(sent, requester_transaction_id=sent.requester_transaction_id + 1),
    "port": lambda sent: replace(sent, requester_port=9),
    "system": lambda sent: replace(sent, requester_system=FOREIGN),
    "request": lambda sent: sent,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_only_the_response_to_the_marker_counts(wrong: str) -> None:
    lab = one_of_two(answer_delay=None)
    join(lab)
    sent = lab.markers[-1][2]
    said = WRONG[wrong](sent)
    lab.receive("re0", marker.encode(said if wrong == "request" else marker.response(said), FOREIGN))
    assert len(lab.held) == LARGEST_MOVE
    lab.receive("re1", marker.encode(marker.response(sent), FOREIGN))
    assert len(lab.held) == LARGEST_MOVE
    lab.answer("re0", sent)
    assert lab.moved[-1][1].port == "re1"


@pytest.mark.parametrize("end", ["carrier", "silence"])
def test_a_lost_link_is_left_at_once(end: str) -> None:
    lab = two()
    lab.set("timeout", "short")
    keep_on(lab, 2.0)
    markers = len(lab.markers)
    if end == "carrier":
        lab.link("re0", False)
    else:
        lab.partners["re1"].keep_on(3.5)
    assert lab.shares() == {"re1": BUCKETS}
    assert outputs(lab, Hold, lab.now - 4.0) == []
    assert len(lab.markers) == markers


def test_conversations_of_a_link_that_stops_to_distribute_are_held_all_at_once() -> None:
    lab = two(answer_delay=0.05)
    lab.partners["re0"].become(Synchronization=False, Collecting=False, Distributing=False)
    assert len(lab.held) == BUCKETS // 2
    assert [port for at, port, _ in lab.markers if at == lab.now] == ["re0"]
    lab.run(0.1)
    assert lab.shares() == {"re1": BUCKETS}


def test_a_marker_that_must_go_now_waits_for_the_rate_too() -> None:
    """A link stops to distribute time and again: `MovingLab` counts what is sent in a second."""
    lab = two(answer_delay=0.01)
    for _ in range(2 * MARKER_LIMIT):
        lab.partners["re0"].become(Collecting=False)
        lab.run(0.004)
        lab.partners["re0"].become(Collecting=True)
        lab.run(0.004)
    lab.partners["re0"].become(Collecting=False)
    assert lab.held
    lab.run(Marker_Wait_Time)
    assert lab.shares() == {"re1": BUCKETS}


def test_a_link_that_distributes_again_meanwhile_gets_them_back() -> None:
    lab = two(answer_delay=0.5)
    lab.partners["re0"].become(Collecting=False)
    assert len(lab.held) == BUCKETS // 2
    lab.partners["re0"].become(Collecting=True)
    assert lab.held == {}
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    lab.run(1.0)


def test_what_was_given_back_needs_no_marker() -> None:
    lab = two(hold_delay=0.5)
    sent = len(lab.markers)
    lab.partners["re0"].become(Collecting=False)
    lab.partners["re0"].become(Collecting=True)
    lab.run(Marker_Wait_Time)
    assert len(lab.markers) == sent
    assert moves(lab)["MovesTimedOut"] == 0


def test_held_conversations_get_another_port_where_the_new_one_dies() -> None:
    lab = MovingLab(3, answer_delay=0.5)
    lab.link("re2", False)
    keep_on(lab, 14.0)
    join(lab, "re2")
    assert lab.held
    lab.link("re2", False)
    assert lab.held == {}
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}


def test_the_old_link_dies_while_it_is_waited_for() -> None:
    lab = one_of_two(answer_delay=None)
    join(lab)
    assert lab.held
    lab.link("re0", False)
    assert lab.shares() == {"re1": BUCKETS}
    assert not lab.held


def test_no_port_left() -> None:
    lab = one_of_two()
    lab.link("re0", False)
    assert lab.shares() == {None: BUCKETS}


def test_a_removed_port_is_left_at_once() -> None:
    lab = two()
    lab.remove("re0")
    assert lab.shares() == {"re1": BUCKETS}


def test_a_port_that_comes_back_gets_its_share_again() -> None:
    lab = two()
    before = list(lab.table)
    lab.link("re0", False)
    lab.run(1.0)
    join(lab, "re0")
    keep_on(lab, 4.0)
    assert lab.table == before


def test_conversations_go_home_though_another_port_was_lost_since() -> None:
    lab = MovingLab(3)
    keep_on(lab, 14.0)
    before = list(lab.table)
    lab.link("re0", False)
    moved = list(lab.table)
    lab.link("re2", False)
    join(lab, "re0")
    keep_on(lab, 8.0)
    stayed = [bucket for bucket in range(BUCKETS) if (before[bucket], moved[bucket]) == ("re0", "re1")]
    assert {lab.table[bucket] for bucket in stayed} == {"re0"}


def test_conversations_go_home_though_no_port_distributed_since() -> None:
    lab = two()
    before = list(lab.table)
    lab.set("min-links", "3")
    keep_on(lab, 4.0)
    assert lab.shares() == {None: BUCKETS}
    lab.link("re0", False)
    lab.set("min-links", "1")
    keep_on(lab, 4.0)
    assert lab.shares() == {"re1": BUCKETS}
    join(lab, "re0")
    keep_on(lab, 4.0)
    assert lab.table == before


def test_each_wait_ends_in_its_own_time() -> None:
    lab = MovingLab(3, answer_delay=None)
    keep_on(lab, 20.0)
    lab.run(2.0)
    begun = {}
    for port in ("re0", "re1"):
        begun[port] = lab.now
        lab.partners[port].become(Collecting=False)
        lab.run(Marker_Wait_Time / 3)
    lab.run(Marker_Wait_Time)
    assert lab.shares() == {"re2": BUCKETS}
    ends = sorted({at for at, _ in lab.moved if at > begun["re0"]})
    assert ends == [pytest.approx(at + lab.bound(port)) for port, at in begun.items()]


def test_moves_go_on_without_an_event() -> None:
    """As soon as the limit of 43B.2 allows the next Marker."""
    lab = one_of_two()
    begun = join(lab)
    lab.run(2.5)
    times = [at - begun for at, _, _ in lab.markers]
    assert len(times) == len(batches(BUCKETS // 2))
    assert times[MARKER_LIMIT::MARKER_LIMIT] == [pytest.approx(1.0, abs=0.1)]


def test_round_robin_holds_nothing_and_ends_in_buckets() -> None:
    lab = one_of_two(answer_delay=None)
    join(lab)
    lab.set("link0", "on")
    assert (lab.turns, lab.held) == (("re0", "re1"), {})
    lab.link("re0", False)
    assert lab.turns == ("re1",)
    lab.link("re0", True)
    keep_on(lab, 1.0)
    begun = lab.now
    lab.set("link0", "off")
    assert lab.turns is None
    assert outputs(lab, RoundRobin, begun) == [RoundRobin("agr0", None)]
    lab.run(5.0)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}


def test_neither_markers_nor_responses_starve() -> None:
    """A partner that asks without end does not keep conversations from moving, and is still answered."""
    lab = one_of_two()
    join(lab)
    request = marker.encode(Marker(MARKER_INFORMATION, 7, FOREIGN, 9), FOREIGN)
    answered = lab.status("re0")["counters"]["MarkerResponsePDUsTx"]
    for tick in range(300):
        if tick % 100 == 0:
            for partner in lab.partners.values():
                partner.say()
        lab.receive("re0", request)
        lab.run(0.01)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    assert lab.status("re0")["counters"]["MarkerResponsePDUsTx"] - answered >= 3 * (
        MARKER_PROTOCOL_LIMIT - MARKER_LIMIT
    )


def test_responses_leave_room_for_a_marker_that_waits() -> None:
    rate = MarkerRate(10, 4, 1.0)
    for _ in range(6):
        assert rate.response_allowed(0.0, marker_waits=True)
        rate.count_response(0.0)
        rate.response_left(0.0)
    assert not rate.response_allowed(0.0, marker_waits=True)
    assert rate.response_allowed(0.0, marker_waits=False)
    for _ in range(4):
        assert rate.marker_allowed_at(0.0) == 0.0
        rate.count_marker(0.0)
        rate.marker_left(0.0)
    assert rate.marker_allowed_at(0.0) == 1.0
    assert not rate.response_allowed(0.9, marker_waits=False)
    assert rate.response_allowed(1.0, marker_waits=True)


def test_a_marker_is_due_until_it_is_sent() -> None:
    """While it is, Responses leave it room."""
    lab = MovingLab(2)
    port, other = (lab.system._ports[name] for name in ("re0", "re1"))
    drain = Drain(port, [1])
    sent = Drain(port, [2], transaction_id=7)
    for moves, due in (
        (Moves(), False),
        (Moves(pending={"re0": [1]}), True),
        (Moves(pending={"re1": [1]}), False),
        (Moves(drains=[drain]), True),
        (Moves(drains=[sent]), False),
        (Moves(drains=[Drain(other, [1])]), False),
        (Moves(pending={"re0": [3]}, drains=[sent]), True),
    ):
        assert moves.marker_due(port) is due


def draining(hold_answered: bool) -> tuple[Lab, Drain]:
    """A link that is about to lose a conversation."""
    lab = up_lab(2)
    drain = Drain(lab.system._ports["re0"], [1], hold_answered=hold_answered)
    drain.marker_wait_timer.start(lab.now, Marker_Wait_Time)
    drain.port.aggregator.moves.drains.append(drain)
    return lab, drain


def answer_to(drain: Drain, transaction_id: int) -> Marker:
    port = drain.port
    return Marker(
        marker.MARKER_RESPONSE, port.Actor_Port_Number, port.aggregator.Actor_System, transaction_id
    )


def test_no_response_is_taken_for_that_to_a_marker_not_sent_yet() -> None:
    lab, drain = draining(hold_answered=False)
    lab.receive("re0", marker.encode(answer_to(drain, 0), FOREIGN))
    assert not drain.answered


def test_no_marker_is_sent_before_the_frames_are_held() -> None:
    lab, drain = draining(hold_answered=False)
    marker.run(drain, lab.now)
    assert drain.drain_state is DrainState.HOLDING
    drain.hold_answered = True
    marker.run(drain, lab.now)
    assert drain.drain_state is DrainState.WAITING


def test_a_wait_that_is_cut_short_is_no_timeout() -> None:
    """Its partner is not heard any more; whether it answers Markers is as unknown as before."""
    lab, drain = draining(hold_answered=True)
    marker.run(drain, lab.now)
    drain.port.port_enabled = False
    marker.run(drain, lab.now)
    assert drain.drain_state is DrainState.RELEASED
    assert drain.port.unanswered_markers == 0
    assert drain.port.aggregator.moves.counters.MovesTimedOut == 0


def test_the_same_history_gives_the_same_table() -> None:
    tables = []
    for delay in (0.0, 0.3, None):
        lab = MovingLab(4, answer_delay=delay)
        keep_on(lab, 20.0)
        lab.link("re2", False)
        keep_on(lab, 1.0)
        lab.link("re0", False)
        join(lab, "re2")
        keep_on(lab, 20.0)
        tables.append(lab.table)
    assert tables[0] == tables[1] == tables[2]


def test_static_aggregation_waits_for_no_one_for_long() -> None:
    lab = MovingLab(1, answer_delay=None, link1="on")
    lab.run(5.0)
    lab.add(1)
    lab.run(8.0)
    assert lab.shares() == {"re0": BUCKETS // 2, "re1": BUCKETS // 2}
    assert {len(a.buckets) for _, a in lab.moved if a.port == "re1"} == set(batches(BUCKETS // 2))


@settings(max_examples=60)
@given(st.lists(steps(), max_size=25), DELAYS, DELAYS)
def test_any_history(
    history: list[tuple[str, str, float]], hold_delay: float | None, answer_delay: float | None
) -> None:
    """`MovingLab` checks every output."""
    lab = MovingLab(3, hold_delay=hold_delay, answer_delay=answer_delay)
    keep_on(lab, 3.0)
    for event, port, pause in history:
        EVENTS[event](lab, port)
        lab.run(pause)
    make_good(lab)
    lab.set("link0", "off")
    keep_on(lab, 40.0)
    assert lab.at_rest()
    assert set(lab.shares()) == {"re0", "re1", "re2"}
