"""Transmit machine, 43.4.16: the limit, and what is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agr.core.constants import MARKER_PROTOCOL_LIMIT, MARKER_SUBTYPE
from agr.core.outputs import Transmit
from agr.core.system import System
from agr.core.timer import RateLimit
from agr.core.variables import Limits
from testcases.selftest.core.lab import FOREIGN, NOBODY, START, Lab, Partner, keep_on, mac, up_lab
from testcases.selftest.core.samples import MARKER_FRAME

WINDOW = 1.01  # the second, and what keeps a late PDU clear of the next


def test_at_most_three_in_a_second_then_the_latest_state() -> None:
    lab = up_lab()
    lab.run(5.0)
    begin = lab.now
    partner = lab.partners["re0"]
    for turn in range(10):
        partner.become(Synchronization=turn % 2 == 1)
        lab.run(0.05)
    assert len(lab.sent_since(begin)) == 3
    partner.become(Synchronization=False)
    lab.run(1.0)
    times = [s.at - begin for s in lab.sent_since(begin)]
    assert times[3] == pytest.approx(WINDOW + times[0])
    last = lab.sent[-1].pdu
    assert not last.actor.state.Collecting
    assert not last.partner.state.Synchronization


@pytest.mark.parametrize("interval", [0.01, 0.1, 0.3, 0.34, 0.5])
def test_limit_holds_in_every_second_of_a_long_provocation(interval: float) -> None:
    lab = up_lab()
    partner = lab.partners["re0"]
    begin = lab.now
    while lab.now < begin + 10.0:
        partner.say(partner=replace(partner.echo(), key=99))
        lab.run(interval)
    times = [s.at for s in lab.sent_since(begin)]
    assert all(fourth - first > 1.0 for first, fourth in zip(times, times[3:], strict=False))
    assert len(times) >= 19


def test_limit_is_per_port() -> None:
    lab = up_lab(2)
    lab.run(5.0)
    for _ in range(10):
        partner = lab.partners["re0"]
        partner.say(partner=replace(partner.echo(), key=99))
    assert len(lab.sent_since(lab.now, "re0")) == 3
    partner = lab.partners["re1"]
    partner.say(partner=replace(partner.echo(), key=99))
    assert len(lab.sent_since(lab.now, "re1")) == 1


def test_limit_outlives_removal() -> None:
    lab = up_lab()
    lab.run(5.0)
    begin = lab.now
    for _ in range(5):
        lab.remove("re0")
        lab.add(0)
        lab.partners["re0"].say(partner=NOBODY)
    assert len(lab.sent_since(begin)) == 3
    lab.run(1.5)
    assert lab.sent[-1].pdu.partner.system == FOREIGN


def test_limit_outlives_another_name() -> None:
    """Of an interface that was renamed in between: to the partner it is the same wire."""
    system = System()
    system.add_aggregator(0.0, "agr0")

    def lacpdus(number: int, name: str) -> int:
        """Of a port that is added, changed and removed at once."""
        system.add_port(0.0, name, mac(number), "agr0", wire=number)
        system.set_link(0.0, name, True)
        for key in range(2, 7):
            system.configure(0.0, "agr0", "key", str(key))
        system.remove_port(0.0, name)
        sent = [output for output in system.take() if isinstance(output, Transmit)]
        for output in sent:
            system.sent(0.0, output)
        return len(sent)

    assert [lacpdus(0, "re0"), lacpdus(1, "re1")] == [3, 3]
    assert [lacpdus(0, "re1"), lacpdus(1, "re0"), lacpdus(0, "re7")] == [0, 0, 0]
    assert lacpdus(2, "re0") == 3, "another wire under that name"


def test_source_is_the_ports_own_address() -> None:
    lab = up_lab(3)
    assert {(s.port, s.frame[6:12]) for s in lab.sent} == {(f"re{n}", mac(n)) for n in range(3)}


def test_ports_share_the_system_and_differ_in_number() -> None:
    lab = up_lab(3)
    assert {(s.pdu.actor.system, s.pdu.actor.system_priority, s.pdu.actor.key) for s in lab.sent} == {
        (mac(0), 0x8000, 1)
    }
    assert {(s.port, s.pdu.actor.port) for s in lab.sent} == {("re0", 1), ("re1", 2), ("re2", 3)}


def test_link_up_is_no_burst() -> None:
    lab = Lab()
    partner = lab.partners["re0"]
    partner.actor = replace(partner.actor, state=replace(partner.actor.state, LACP_Timeout=True))
    keep_on(lab, 1.0, every=0.1)
    assert len([s for s in lab.sent if s.at < START + 1.0]) <= 3


def test_a_late_host_sends_the_latest_state_once() -> None:
    """Timers fire at their own times, but what was missed is not sent in a burst."""
    lab = up_lab(timeout="short")
    lab.partners["re0"].say()
    heard = lab.now
    lab.system.advance(heard + 100.0)
    lab.now = heard + 100.0
    (output,) = [o for o in lab.system.take() if isinstance(o, Transmit)]
    assert output.frame[32] & 0x40  # Defaulted
    assert lab.status()["receive_state"] == "DEFAULTED"
    deadline = lab.system.deadline()
    assert deadline == heard + 6.0 + 4 * 30.0  # DEFAULTED at 6 s made the period slow


def test_a_pdu_that_was_not_sent_is_sent_later() -> None:
    """The host's send fails for two seconds: it is tried within the limit, and counted when it went out."""
    lab = up_lab()
    lab.run(3.0)
    counted, begin, tries = lab.status()["counters"]["LACPDUsTx"], lab.now, 0
    lab.system.configure(lab.now, "agr0", "timeout", "short")
    while lab.now < begin + 2.0:
        if due := [output for output in lab.system.take() if isinstance(output, Transmit)]:
            tries += 1
            lab.system.sent(lab.now, due[0])
            lab.system.not_sent(lab.now, "re0")
        else:
            deadline = lab.system.deadline()
            assert deadline is not None
            lab.now = deadline
            lab.system.advance(deadline)
    lab.drain()
    assert tries == 6
    (sent,) = lab.sent_since(begin)
    assert sent.pdu.actor.state.LACP_Timeout
    assert lab.status()["counters"]["LACPDUsTx"] == counted + 1
    lab.run(20.0)
    assert lab.sent_since(begin) == [sent]


def test_collector_max_delay_is_said() -> None:
    lab = Lab(collector_max_delay="515")
    lab.run(1.0)
    assert lab.sent[0].frame[58:60] == b"\x02\x03"


class BusyLab(Lab):
    """A host that sends nothing while it is ``busy``, and then all that it was asked for."""

    busy = False

    def __init__(self, ports: int = 1, **variables: str) -> None:
        self._late: list[Transmit] = []
        super().__init__(ports, **variables)

    def _sent(self, output: Transmit) -> None:
        if self.busy:
            self._late.append(output)
        else:
            super()._sent(output)

    def send_late(self) -> int:
        """Send what was not sent; gives how many frames that are."""
        self.busy, late, self._late = False, self._late, []
        for output in late:
            super()._sent(output)
        self.drain()
        return len(late)


def misheard(partner: Partner) -> None:
    """The partner knows our LACP_Timeout wrong, which must be answered and changes no other machine."""
    known = partner.echo()
    wrong = replace(known.state, LACP_Timeout=not known.state.LACP_Timeout)
    partner.say(partner=replace(known, state=wrong))


@pytest.mark.parametrize("delay", [0.3, 0.9, 1.5])
def test_the_limit_counts_from_when_a_pdu_was_sent(delay: float) -> None:
    """A host sends late what it was asked for in a while: `Lab` sees that no second has more than three."""
    lab = BusyLab()
    keep_on(lab, 4.0)
    lab.run(5.0)
    partner = lab.partners["re0"]
    lab.busy = True
    for _ in range(12):
        misheard(partner)
        lab.run(delay / 12)
    late = lab.now
    assert lab.send_late() == 3, "no more is asked for than may leave at once"
    misheard(partner)
    lab.run(2.0)
    times = [sent.at - late for sent in lab.sent_since(late)]
    assert times[:4] == [0.0, 0.0, 0.0, pytest.approx(WINDOW)]


def test_one_pdu_that_was_sent_late_counts_from_then() -> None:
    lab = BusyLab()
    keep_on(lab, 4.0)
    lab.run(5.0)
    lab.busy = True
    misheard(lab.partners["re0"])
    lab.run(0.9)
    late = lab.now
    assert lab.send_late() == 1
    for _ in range(4):
        misheard(lab.partners["re0"])
    lab.run(0.9)
    assert len(lab.sent_since(late)) == 3


def test_what_was_not_asked_for_is_not_counted() -> None:
    """A frame that leaves when its wire has another name has been counted elsewhere."""
    limit = RateLimit(1, 1.0)
    limit.left(5.0)
    assert limit.allowed_at(5.0) == 5.0
    limit.decide(1.0)
    for now in (2.0, 5.0):
        limit.left(now)
    assert limit.allowed_at(5.0) == 5.0
    limit.decide(6.0)
    limit.left(6.5)
    assert limit.allowed_at(7.0) == 7.5


def test_each_of_several_frames_leaves_by_itself() -> None:
    limit = RateLimit(2, 1.0)
    limit.decide(1.0)
    limit.decide(1.0)
    limit.left(3.0)
    limit.left(5.0)
    assert limit.allowed_at(5.0) == 5.0  # one in the last second
    limit.decide(5.0)
    assert limit.allowed_at(5.5) == 6.0


def test_limits_matter_while_one_of_them_does() -> None:
    """What is idle is forgotten with its port: new ones allow the same."""
    assert Limits().are_idle(0.0)
    for event in (
        lambda limits: limits.lacpdu.count(1.0),
        lambda limits: limits.marker.count_marker(1.0),
        lambda limits: limits.marker.count_response(1.0),
        lambda limits: limits.received_lacpdu.count(1.0),
    ):
        limits = Limits()
        event(limits)
        assert not limits.are_idle(1.5)
        assert limits.are_idle(3.0)


def test_what_waits_for_a_late_host_is_sent_when_the_limit_allows_it() -> None:
    lab = BusyLab()
    keep_on(lab, 4.0)
    lab.run(5.0)
    lab.busy = True
    for _ in range(4):
        misheard(lab.partners["re0"])
    late = lab.now
    assert lab.send_late() == 3
    assert lab.system.deadline() == pytest.approx(late + WINDOW)


def test_markers_that_leave_late_keep_their_rate_too() -> None:
    lab = BusyLab()
    lab.busy = True
    for _ in range(3):
        for _ in range(MARKER_PROTOCOL_LIMIT):
            lab.receive("re0", MARKER_FRAME)
        lab.run(0.5)
    late = [output for output in lab._late if not output.is_LACPDU]
    assert len(late) == MARKER_PROTOCOL_LIMIT
    lab.send_late()

    def answers() -> int:
        lab.receive("re0", MARKER_FRAME)
        return sum(frame[14] == MARKER_SUBTYPE for _, _, frame in lab.frames)

    assert answers() == MARKER_PROTOCOL_LIMIT
    lab.run(WINDOW)
    assert answers() == MARKER_PROTOCOL_LIMIT + 1
