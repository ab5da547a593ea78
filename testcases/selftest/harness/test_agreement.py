"""Status and wire agree whatever time a reading takes; what is wrong, or lags by seconds, does not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case import agreement, ask, status_as_told
from harness.case.case import Case
from harness.case.switched import ASK_AGAIN
from harness.dut.implementation import AggregateStatus, PortStatus
from harness.pdu import PortInfo, State
from harness.pdu.build import lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.verdict import ConformanceFailure
from testcases.selftest.harness.stub import StatedClock, case_on, wire_and_tap

SYSTEM = "02:00:5e:00:53:01"
PARTNER = PortInfo(1, "02:00:5e:00:53:02", 1, 1, 1, State.Activity)
ACTOR = PortInfo(1, SYSTEM, 1, 1, 1, State.Activity | State.Timeout)
EXPIRED, DEFAULTED = ACTOR.change(Expired=1), ACTOR.change(Defaulted=1)
USED = ACTOR.change(Synchronization=1, Collecting=1, Distributing=1)


class Talker:
    """An implementation: an LACPDU a second; `becomes` says its new state at once, as an NTT has it."""

    def __init__(
        self, reading: float = 0.0, lag: float = 0.0, wrong: bool = False, ahead: float = 0.0
    ) -> None:
        self.wire, self.tap = wire_and_tap()
        if ahead:
            self.tap.clock, self.tap.ahead = StatedClock("there", abs(ahead)), ahead
        self.case: Case = case_on([self.wire], "MG-05", tap=self.tap)
        self._reading, self._lag, self._wrong = reading, lag, wrong
        self._history = [(self.case.now(), ACTOR)]
        self._talk()

    def becomes(self, actor: PortInfo, *, told: bool = True) -> None:
        self._history.append((self.case.now(), actor))
        if told:
            self._say()

    def status(self) -> AggregateStatus:
        """Answered after half of the time that a reading takes; the other half is the answer's."""
        self.case.run_for(self._reading / 2)
        then = self.case.now() - self._lag
        actor = [info for at, info in self._history if at <= then or (at, info) == self._history[0]][-1]
        if self._wrong:
            actor = actor.change(key=7)
        self.case.run_for(self._reading / 2)
        flags = State.Collecting in actor.state, State.Distributing in actor.state
        return AggregateStatus(SYSTEM, {"re4": PortStatus(*flags, actor, PARTNER)})

    def judged(self) -> None:
        status_as_told(self.case, SimpleNamespace(status=self.status), [self.wire], "MG-05")  # type: ignore[arg-type]

    def _talk(self) -> None:
        self._say()
        self.case.loop.call_at(self.case.now() + FAST_PERIODIC_TIME, self._talk)

    def _say(self) -> None:
        self.tap.hear(lacpdu_frame(SYSTEM, self._history[-1][1], PARTNER))


@pytest.mark.parametrize("reading", [0.0, 0.3, 2.5, 20.0])
def test_a_right_status_agrees_at_any_speed(reading: float) -> None:
    talker = Talker(reading)
    talker.becomes(USED)
    talker.judged()


@pytest.mark.parametrize("reading", [0.0, 0.3, 2.5])
def test_a_state_that_is_told_later_than_it_is_entered(reading: float) -> None:
    """As in AG-17: the status was read in DEFAULTED, the last LACPDU was sent in EXPIRED."""
    talker = Talker(reading)
    talker.becomes(EXPIRED)
    talker.becomes(DEFAULTED, told=False)
    talker.judged()


@given(
    reading=st.floats(0.0, 5.0),
    changes=st.lists(st.tuples(st.floats(0.0, 3.0), st.booleans()), max_size=8),
)
def test_a_right_status_agrees_whatever_changes_meanwhile(
    reading: float, changes: list[tuple[float, bool]]
) -> None:
    talker = Talker(reading)
    when = talker.case.now()
    for number, (after, used) in enumerate(changes):
        when += after
        info = (USED if used else ACTOR).change(key=number + 2)
        talker.case.loop.call_at(when, lambda info=info: talker.becomes(info))  # type: ignore[misc]
    talker.judged()


@given(
    reading=st.floats(0.0, 2.0),
    changes=st.lists(st.floats(0.0, 2.0), max_size=8),
    ahead=st.sampled_from([-0.1, -0.01, 0.01, 0.1]),
)
def test_so_it_does_by_another_machine_s_clock(reading: float, changes: list[float], ahead: float) -> None:
    """An LACPDU that was sent just before a reading may bear a time behind it, and the other way round."""
    talker = Talker(reading, ahead=ahead)
    when = talker.case.now()
    for number, after in enumerate(changes):
        when += after
        talker.case.loop.call_at(when, lambda key=number + 2: talker.becomes(USED.change(key=key)))  # type: ignore[misc]
    talker.judged()


@pytest.mark.parametrize("ahead", [-0.1, 0.1])
def test_what_changes_just_before_each_reading_by_another_machine_s_clock(ahead: float) -> None:
    talker = Talker(ahead=ahead)
    begin = talker.case.now()
    for number in range(1, 20):
        when = begin + number * ASK_AGAIN - 0.05
        talker.case.loop.call_at(when, lambda key=number + 1: talker.becomes(USED.change(key=key)))  # type: ignore[misc]
    talker.case.run_for(ASK_AGAIN)
    talker.judged()


@pytest.mark.parametrize("ahead", [0.0, -0.1, 0.1])
@pytest.mark.parametrize("reading", [0.0, 0.3, 2.5])
def test_a_status_that_is_wrong_all_the_time(reading: float, ahead: float) -> None:
    with pytest.raises(ConformanceFailure, match=r"a status of re4 as in the last LACPDUs; seen re4: actor"):
        Talker(reading, wrong=True, ahead=ahead).judged()


@pytest.mark.parametrize("lag", [2.0, 10.0])
def test_a_status_that_lags_by_seconds(lag: float) -> None:
    talker = Talker(0.05, lag=lag)
    talker.case.run_for(5.0)
    talker.becomes(USED)
    with pytest.raises(ConformanceFailure, match="a status of re4"):
        talker.judged()


def test_a_port_that_is_not_in_the_status() -> None:
    talker = Talker()
    talker.status = lambda: AggregateStatus(SYSTEM, {})  # type: ignore[method-assign]
    with pytest.raises(ConformanceFailure, match="no status of re4"):
        talker.judged()


def counting(off: int = 0, reading: float = 0.0, lag: float = 0.0, phase: float = 0.5) -> bool:
    """A counter of LACPDUs that is off by so many, or behind: whether it is found to agree."""
    talker = Talker(reading)
    case, wire = talker.case, talker.wire
    case.run_for(5 + phase)

    def counter() -> int:
        case.run_for(reading / 2)
        then = case.now() - lag
        said = sum(frame.time <= then for frame in wire.received()) + off
        case.run_for(reading / 2)
        return said

    found = agreement(
        case,
        [wire],
        counter,
        lambda until: sum(frame.time <= until for frame in wire.received()),
        lambda said, seen: said == seen,
        2 * FAST_PERIODIC_TIME,
    )
    return found.right


@pytest.mark.parametrize("reading", [0.0, 0.4, 3.0])
def test_a_right_counter(reading: float) -> None:
    assert counting(reading=reading)


@given(st.sampled_from([-3, -1, 1, 3]), st.floats(0.0, 0.4), st.floats(0.0, 1.0))
def test_a_wrong_counter_has_no_luck(off: int, reading: float, phase: float) -> None:
    """Frames that pass while it is read do not make it right."""
    assert not counting(off, reading=reading, phase=phase)


def test_a_counter_that_lags_by_seconds() -> None:
    assert not counting(reading=0.1, lag=3.0)


@pytest.mark.parametrize("takes", [0.1, 5.0])
def test_the_last_question_is_put_when_the_time_is_over(takes: float) -> None:
    """A state that is entered in time is seen, however long a question takes."""
    wire, tap = wire_and_tap()
    case = case_on([wire], "MG-05", tap=tap)
    entered = case.now() + 0.9

    def question() -> bool:
        asked = case.now()
        case.run_for(takes)
        return asked >= entered

    assert ask(case, question, within=1.0)
