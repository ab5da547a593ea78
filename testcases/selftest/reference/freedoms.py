"""Implementations that conform and do not as the reference model does: each takes one freedom otherwise."""

from __future__ import annotations

from harness.pdu import Frame
from harness.profile.constants import FAST_PERIODIC_TIME, TIMER_TOLERANCE
from harness.reference import Reference
from harness.reference.datapath import collecting
from harness.reference.intake import UNKNOWN
from harness.reference.mux import CONTROL
from harness.reference.variables import Selected
from testcases.selftest.devices import machines

EARLY = 0.2
"""Seconds."""

SHORTEST_SECOND = FAST_PERIODIC_TIME - TIMER_TOLERANCE


class AttachesAlone(Reference):
    """43.4.14: a port without a partner is attached, as an Individual link, before and in DEFAULTED."""

    name = "attaches alone"

    def __init__(self) -> None:
        super().__init__(machines.AttachesAlone())


class AttachedWithoutLacp(Reference):
    """43.4.12, LACP_DISABLED: a port without LACP is attached, as an Individual link, if it is alone."""

    name = "attached without LACP"

    def _settle(self, now: float) -> None:
        super()._settle(now)
        for port in self.model.ports:
            if port.port_enabled and not port.LACP_Enabled and port.aggregator.ports == [port]:
                port.Selected = Selected.SELECTED
                CONTROL[port.aggregator.control].enter(port, "ATTACHED")


class EndsEarly(Reference):
    """43.4.12 to 43.4.17: each timer ends before its time, within its tolerance."""

    name = "ends early"

    def __init__(self) -> None:
        super().__init__()
        self._ends: dict[tuple[str, str], float] = {}

    def _settle(self, now: float) -> None:
        super()._settle(now)
        for port in self.model.ports:
            for timer, end in port.timers.items():
                if end != self._ends.get((port.name, timer)):  # it was started
                    port.timers[timer] = self._ends[port.name, timer] = end - EARLY


class LetsGo(Reference):
    """43.4.14: the Selection Logic makes a port UNSELECTED that loses its carrier; it waits anew."""

    name = "lets go"

    def link(self, now: float, port: str, up: bool) -> None:
        member = self._port(port)
        if member is not None and not up:
            member.Selected = Selected.UNSELECTED
        super().link(now, port, up)


class SpeaksAtOnce(Reference):
    """43.4.13, 43.4.16: a port that comes up has something to say at once, and not when a period is over."""

    name = "speaks at once"

    def link(self, now: float, port: str, up: bool) -> None:
        member = self._port(port)
        if member is not None and up:
            member.NTT = True
        super().link(now, port, up)


class AnswersWhileCollecting(Reference):
    """43.2.7: the Marker Responder is behind the Aggregator Parser, and hears nothing without Collecting."""

    name = "answers while it collects"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        member = self._port(port)
        if member is not None and not collecting(member) and Frame(now, frame, True, port).is_marker:
            return
        super().receive(now, port, frame)


class Discards(Reference):
    """43B.5, as some read it: what is of a slow protocol that it does not support is nobody's."""

    name = "discards"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        member = self._port(port)
        if member is None or Frame(now, frame, True, port).subtype not in UNKNOWN:
            super().receive(now, port, frame)
        elif member.port_enabled:
            member.counters["UnknownRx"] += 1


class AnswersEach(Reference):
    """43.5.4: every Marker has its Response, however many come."""

    name = "answers each"

    def receive(self, now: float, port: str, frame: bytes) -> None:
        member = self._port(port)
        if member is not None:
            member.responses.clear()
        super().receive(now, port, frame)


class LimitsLoosely(Reference):
    """43.4.16, 43.4.13: the second of its transmit limit is as short as a timer of a second may be."""

    name = "limits loosely"

    def _settle(self, now: float) -> None:
        for port in self.model.ports:
            port.sent[:] = [time for time in port.sent if time > now - SHORTEST_SECOND]
        super()._settle(now)
