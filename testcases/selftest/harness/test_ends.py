"""Both ends of links to a switch: the implementation's faults are its own, the switch's are the bench's."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.case.case import Case
from harness.case.ends import Ends, says, setting
from harness.dut.implementation import AggregateStatus, PortStatus
from harness.pdu import PortInfo, State
from harness.pdu.build import lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.switch import Internal, Neighbor, Refusal
from harness.verdict import BenchError, ConformanceFailure, Inconclusive, NotApplicable, NotJudged
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier, case_on, wire_and_tap

SPEAKS = State.Activity | State.Timeout | State.Aggregation
USED = SPEAKS | State.Synchronization | State.Collecting | State.Distributing
US = PortInfo(1, "02:00:5e:00:53:01", 1, 1, 1, USED)
SWITCH = PortInfo(2, "02:00:5e:00:53:02", 2, 2, 2, USED)

Said = tuple[PortInfo, PortInfo]
"""Actor and Partner of an LACPDU."""


class Bench:
    """Two links to a switch, on which both ends say the same each second; their own words can be changed."""

    def __init__(self, own: Sequence[Said | None], switch: Sequence[Said | None], *rows: str) -> None:
        _, tap = wire_and_tap()
        taps = [tap, EchoTap(tap.loop, "t2-2")]
        self.wires = [
            Wire(f"t2-{n}", f"re{n}", one, StillCarrier(), capture="host", straight=False)
            for n, one in enumerate(taps, start=1)
        ]
        self.case: Case = case_on(self.wires, "SL-01", "MG-05", *rows, tap=tap)
        self.own, self.switch = list(own), list(switch)
        self.told: dict[str, PortStatus] = {}
        self.heard: dict[str, dict[str, Any]] = {}
        self._talk()
        lag = SimpleNamespace(
            ports={wire.name: f"Gi{n}" for n, wire in enumerate(self.wires, start=1)},
            switch=SimpleNamespace(neighbors=self._neighbors, internals=self._internals),
        )
        self.ends = Ends(
            self.case, cast(Any, lag), cast(Any, SimpleNamespace(status=self._status)), self.wires
        )

    def _talk(self) -> None:
        for wire, own, switch in zip(self.wires, self.own, self.switch, strict=True):
            tap = cast(EchoTap, wire.tap)
            if own is not None:
                tap.hear(lacpdu_frame(US.system, *own))
            if switch is not None:
                tap.send(lacpdu_frame(SWITCH.system, *switch))
        self.case.loop.call_at(self.case.now() + FAST_PERIODIC_TIME, self._talk)

    def _status(self) -> AggregateStatus:
        ports = {}
        for wire, own, switch in zip(self.wires, self.own, self.switch, strict=True):
            if own is not None and switch is not None:
                actor, partner = own[0], switch[0]
                flags = State.Collecting in actor.state, State.Distributing in actor.state
                ports[wire.port] = PortStatus(*flags, actor, partner)
        return AggregateStatus(US.system, {**ports, **self.told})

    def _neighbors(self) -> list[Neighbor]:
        return [
            Neighbor(**{"group": 1, "port": f"Gi{n}", "system_priority": 1, "system": US.system,
                        "port_priority": one[0].port_priority, "key": one[0].key, "port_number": one[0].port,
                        "state": int(one[0].state), **self.heard.get(f"Gi{n}", {})})
            for n, one in enumerate(self.own, start=1) if one is not None
        ]  # fmt: skip

    def _internals(self) -> list[Internal]:
        return [
            Internal(1, f"Gi{n}", one[0].port_priority, one[0].key, one[0].port, int(one[0].state))
            for n, one in enumerate(self.switch, start=1)
            if one is not None
        ]


def both(own: PortInfo = US, switch: PortInfo = SWITCH) -> tuple[Said, Said]:
    """Each end has heard the other."""
    return (own, switch), (switch, own)


FINE = both()


def bench(own: Said | None, switch: Said | None, *rows: str) -> Bench:
    """The first link is in use, on the second one this is said."""
    return Bench([FINE[0], own], [FINE[1], switch], *rows)


def test_links_in_use_at_both_ends() -> None:
    made = bench(*FINE)
    made.ends.settle("SL-01")
    assert made.case.checked == {"SL-01", "MG-05"}


WAITING = SPEAKS | State.Synchronization


@pytest.mark.parametrize(
    ("own", "switch", "row"),
    [
        ((US.change(Synchronization=0, Collecting=0, Distributing=0), SWITCH), FINE[1], "premise of MX-02"),
        ((US, SWITCH.change(port=9)), FINE[1], "premise of LF-26"),
        ((US.change(state=WAITING), SWITCH), (SWITCH, US.change(state=WAITING)), "premise of MX-06"),
        (None, FINE[1], "premise of PT-14"),
        (*both(US.change(key=7)), "check of SL-01"),
    ],
    ids=["out of sync", "an old partner", "not Collecting", "silent", "another LAG"],
)
def test_an_implementation_that_does_not_do_its_part_fails(own: Said, switch: Said, row: str) -> None:
    with pytest.raises(ConformanceFailure, match=row):
        made = bench(own, switch)
        made.ends.settle("SL-01")
        raise ConformanceFailure(made.case.failures[0])


NOT_HEARD = PortInfo()


@pytest.mark.parametrize(
    ("own", "switch"),
    [
        ((US, NOT_HEARD), None),
        ((US.change(state=WAITING), SWITCH), (SWITCH.change(state=SPEAKS), US)),
        ((US.change(state=WAITING), SWITCH), (SWITCH, NOT_HEARD)),
        (
            (US.change(Distributing=0), SWITCH.change(Timeout=0)),
            (SWITCH.change(Timeout=0), US.change(Distributing=0)),
        ),
    ],
    ids=["silent", "out of sync", "has not heard", "at the slow rate"],
)
def test_a_switch_that_does_not_do_its_part_is_no_failure(own: Said, switch: Said | None) -> None:
    with pytest.raises(Inconclusive, match="the implementation does its part"):
        bench(own, switch).ends.settle("SL-01")


def test_a_link_that_is_not_to_be_in_use_and_is() -> None:
    made = bench(*FINE)
    with pytest.raises(ConformanceFailure, match="check of SL-01: expected in use at both ends: t2-1; seen"):
        made.ends.settle("SL-01", made.wires[:1])


def test_words_of_the_implementation_that_are_not_the_wire_s_fail() -> None:
    made = bench(*FINE)
    made.told["re2"] = PortStatus(True, True, US.change(key=9), SWITCH)
    made.ends.settle("SL-01")
    assert [one.row for one in made.case.failures] == ["MG-05"]


def test_a_partner_that_is_not_the_one_on_the_wire_fails() -> None:
    made = bench(*FINE)
    made.told["re2"] = PortStatus(True, True, US, SWITCH.change(port_priority=9))
    made.ends.settle("SL-01")
    assert [one.row for one in made.case.failures] == ["MG-05"]


def test_a_partner_that_fell_silent_is_known_as_the_implementation_says() -> None:
    """43.4.12: in DEFAULTED the partner is what was administered, not what it said before."""
    made = bench(*FINE)
    made.case.run_for(1.0)
    made.switch[1] = None
    defaulted = US.change(Synchronization=0, Collecting=0, Distributing=0, Defaulted=1)
    made.own[1] = (defaulted, NOT_HEARD)
    made.told["re2"] = PortStatus(False, False, defaulted, NOT_HEARD)
    made.case.run_for(6.0)
    made.ends.status_as_heard()
    assert not made.case.failures
    made.told["re2"] = PortStatus(False, False, defaulted, SWITCH)
    made.ends.status_as_heard()
    assert [one.row for one in made.case.failures] == ["MG-05"]


def test_words_of_the_switch_that_are_not_the_wire_s_are_the_bench_s() -> None:
    made = bench(*FINE)
    made.heard["Gi2"] = {"key": 99}
    with pytest.raises(
        BenchError, match="the neighbors that the switch shows are not as the LACPDUs that it got"
    ):
        made.ends.settle("SL-01")
    assert not made.case.failures


def test_a_link_that_is_used_while_the_switch_is_out_of_sync_fails() -> None:
    made = bench((US, SWITCH.change(state=SPEAKS)), (SWITCH.change(state=SPEAKS), US), "MX-11")
    made.case.run_for(3.0)
    made.switch[1] = None
    made.case.run_for(3.0)
    assert made.ends.follows("MX-11")
    assert [one.row for one in made.case.failures] == ["MX-11"]


def test_a_link_that_is_not_used_while_the_switch_is_ready_fails() -> None:
    made = bench(*both(US.change(Collecting=0, Distributing=0)), "MX-11")
    made.case.run_for(3.5)
    cast(EchoTap, made.wires[1].tap).hear(lacpdu_frame(US.system, US.change(state=WAITING), SWITCH))
    assert made.ends.follows("MX-11")
    assert [one.row for one in made.case.failures] == ["MX-11"]


def test_a_switch_that_has_fallen_silent_is_not_followed() -> None:
    made = bench(*both(US.change(Collecting=0, Distributing=0)), "MX-11")
    made.case.run_for(3.0)
    made.switch[1] = None
    made.case.run_for(3.0)
    made.ends.follows("MX-11")
    assert not made.case.failures


def test_a_switch_that_is_neither_in_sync_and_ready_nor_out_of_sync_leaves_nothing_to_judge() -> None:
    halfway = SWITCH.change(Collecting=0, Distributing=0)
    made = Bench([(US, halfway)] * 2, [(halfway, US)] * 2, "MX-11")
    made.case.run_for(3.0)
    assert not made.ends.follows("MX-11")
    assert not made.case.failures


def test_a_switch_that_does_not_say_what_was_set_is_the_bench_s() -> None:
    made = bench(*FINE)
    with pytest.raises(BenchError, match="the switch does not say another key on t2-1; its last LACPDU"):
        says(made.case, made.wires[0], lambda info: info.key == 9, "another key", 3.0, made.case.now())


@pytest.mark.parametrize(("unknown", "error"), [(False, NotJudged), (True, NotApplicable)])
def test_what_the_switch_does_not_take_is_no_failure(unknown: bool, error: type[Exception]) -> None:
    words = "^the switch does not take max-bundle: no such command$"  # alike on all benches side by side
    with pytest.raises(error, match=words), setting("max-bundle"):
        raise Refusal("no such command", unknown, where="SSH admin@127.0.0.1:35273")
