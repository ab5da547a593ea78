"""What a testcase arranges before it judges: data on offer, and a time in which an answer shows."""

from __future__ import annotations

import pytest

from harness.case import Case, conversations, record
from harness.case.offer import OFFER_PERIOD, Offer
from harness.lab.pics import Pics
from harness.pdu import PortInfo, State, lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME
from harness.verdict import BenchError, ConformanceFailure
from harness.wire.station import Station
from testcases.selftest.harness.stub import EchoTap, case_on, wire_and_tap

THEIRS = lacpdu_frame("02:aa:bb:cc:dd:02", PortInfo(1, "02:aa:bb:cc:dd:01", 7, 1, 1, State(0x3D)), PortInfo())
SOURCE = "02:00:5e:00:53:09"


class NoLink(EchoTap):
    """A client's interface without a link."""

    def send(self, frame: bytes) -> None:
        raise BenchError("agr0: cannot send: Network is down")


def case_and_station() -> tuple[Case, Station, EchoTap]:
    wire, tap = wire_and_tap()
    case = case_on([wire], "MX-01", tap=tap)
    return case, case.station(wire), tap


def test_an_offer_goes_on_until_it_is_stopped() -> None:
    wire, tap = wire_and_tap()
    flows = conversations(2, SOURCE)
    offer = Offer(tap.loop, wire, flows, "data")
    offer.start()
    tap.loop.run_for(3.5 * OFFER_PERIOD)
    offer.stop()
    tap.loop.run_for(10 * OFFER_PERIOD)
    sent = [record(frame) for frame in tap.frames]
    assert sent == [(number, sequence) for sequence in range(4) for number in (0, 1)] == offer.sent
    assert all(map(offer.data, tap.frames))
    assert offer.missing(tap.frames[1:]) == [(0, 0)]


def test_an_offer_knows_its_own_frames() -> None:
    wire, tap = wire_and_tap()
    offer = Offer(tap.loop, wire, conversations(3, SOURCE)[2:], "data")
    conversation = conversations(2, SOURCE)[1]
    tap.hear(conversation.frame(0))
    tap.hear(THEIRS)
    assert not any(map(offer.data, tap.frames))


def test_what_a_client_without_link_does_not_take_was_not_sent() -> None:
    _, tap = wire_and_tap()
    offer = Offer(tap.loop, NoLink(tap.loop, "agr0"), conversations(1, SOURCE), "data")
    offer.start()
    tap.loop.run_for(3 * OFFER_PERIOD)
    assert offer.sent == []


def test_nothing_is_offered_on_a_wire_without_carrier() -> None:
    wire, tap = wire_and_tap()
    wire.cut()
    offer = Offer(tap.loop, wire, conversations(1, SOURCE), "data")
    offer.start()
    tap.loop.run_for(3 * OFFER_PERIOD)
    wire.restore()
    tap.loop.run_for(1.5 * OFFER_PERIOD)
    assert offer.sent[0][1] > 0
    assert len(tap.frames) == len(offer.sent)


def test_the_last_pdu_is_the_last() -> None:
    _, station, tap = case_and_station()
    station.start()
    tap.loop.run_for(1.5)
    last = station.last(key=9)
    assert last.actor.key == 9
    tap.loop.run_for(5)
    assert [frame for frame in tap.frames if frame.time > last.time] == []


def test_quiet_waits_until_the_last_pdu_is_three_seconds_old() -> None:
    case, station, tap = case_and_station()
    begun = case.now()
    heard = begun + 2.0
    tap.loop.call_at(heard, lambda: tap.hear(THEIRS))
    case.quiet(station)
    control = [frame for frame in tap.frames if frame.sent][-1]
    assert control.time >= heard + 3 * FAST_PERIODIC_TIME
    assert not control.actor.state & State.Timeout
    assert case.checks == 0


def test_there_is_no_quiet_where_the_implementation_goes_on() -> None:
    case, station, tap = case_and_station()
    for second in range(int(SLOW_PERIODIC_TIME)):
        tap.loop.call_at(case.now() + second, lambda: tap.hear(THEIRS))
    with pytest.raises(ConformanceFailure, match=r"premise.*Timeout=0"):
        case.quiet(station)


def test_the_control_run_must_stay_without_answer() -> None:
    case, station, tap = case_and_station()
    tap.listen(lambda frame: tap.hear(THEIRS) if frame.sent else None)
    with pytest.raises(ConformanceFailure, match=r"premise.*without news"):
        case.quiet(station)


@pytest.mark.parametrize(
    ("independent", "coupled", "variables"),
    [(True, True, {"control": "coupled"}), (True, False, {}), (False, True, {})],
)
def test_control_is_set_only_where_there_is_a_choice(
    independent: bool, coupled: bool, variables: dict[str, str]
) -> None:
    _, tap = wire_and_tap()
    pics = Pics(independent_control=independent, coupled_control=coupled)
    assert case_on([], "MX-01", tap=tap, pics=pics).control("coupled") == variables
