"""agr's core and the reference model side by side: the same events at the same times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from fixtures.simulated.agr_core import Agr
from harness.pdu import Frame
from harness.reference import Reference
from harness.reference.variables import Port
from testcases.selftest.oracle.compare import different_frames, different_states, is_lacpdu
from testcases.selftest.oracle.freedoms import AsAgr, without_farewell

AGGREGATE = "agr0"
PORTS = {f"re{number}": bytes((2, 0, 0x5E, 0, 0x52, number)) for number in (1, 2, 3)}

START = 1_000.0

MOMENT = 1e-6
"""Seconds that an event takes: what it causes is told apart from what was before."""

LAST = 26
"""Events, and frames of agr, that a divergence shows."""


class Diverged(AssertionError):
    """The two do not do the same: one is wrong, or the comparison is stricter than the standard."""


class Pair:
    """Both implementations with one aggregate each. Every method is an event, whose outcome is compared.

    Raises Diverged. Times are in seconds; timers are not given the clause's tolerance: both sides keep them
    exactly in virtual time, and what would hide in a tolerance is worth seeing.
    """

    def __init__(self) -> None:
        self.now = START
        self.agr = Agr()
        self._choices = AsAgr(self._aggregate)
        self.reference = Reference(self._choices)
        self.ports: dict[str, Any] = {}  # in agr's status, as they are now
        self._sent: Counter[str] = Counter()  # LACPDUs of agr, by port
        self._story: list[tuple[float, str | bytes, str]] = []
        for side in (self.agr, self.reference):
            side.open(PORTS)
        self.configure(do="create", aggregate=AGGREGATE)

    # -- events

    def configure(self, **request: object) -> None:
        """A request of the operator. What agr declines the reference is not asked for."""
        self._event(" ".join(map(str, request.values())))
        port = str(request.get("port"))
        try:
            self.agr.configure(self.now, request)
        except ValueError as error:
            self._story.append((self.now, f"declined: {error}", ""))
            return
        if request["do"] == "agrport":  # 43.3.4: which number a port has is the implementation's choice
            request["number"] = self._aggregate()["ports"][port]["number"]
            self._sent[port] = 0
        off = (request.get("variable"), request.get("value")) == ("lacp", "off")
        self._follow(lambda: self.reference.configure(self.now, request), port if off else None)

    def link(self, port: str, up: bool) -> None:
        """Carrier of a port comes or goes."""
        self._event(f"{port} {'up' if up else 'down'}")
        self._both(lambda side: side.link(self.now, port, up))

    def receive(self, port: str, frame: bytes) -> None:
        """A frame arrives."""
        self._event(frame, port)
        self._both(lambda side: side.receive(self.now, port, frame))

    def wait(self, until: float) -> None:
        """Time passes; both are driven through the deadlines of both."""
        while (due := self._deadline()) < until:
            self._pass(due)
        self._pass(until)

    # -- behind it

    def _event(self, what: str | bytes, port: str = "") -> None:
        self.wait(self.now + MOMENT)
        self._story.append((self.now, what, port))

    def _deadline(self) -> float:
        due = [side.deadline() for side in (self.agr, self.reference)]
        return min(time for time in (*due, float("inf")) if time is not None)

    def _pass(self, now: float) -> None:
        due = self._deadline() <= now
        self.now = max(self.now, now)
        if due:
            self._both(lambda side: side.advance(self.now))

    def _both(self, act: Callable[[Agr | Reference], None]) -> None:
        act(self.agr)
        self._follow(lambda: act(self.reference))

    def _follow(self, act: Callable[[], None], farewell: str | None = None) -> None:
        """agr has done its part. The reference does its own, and the two are compared."""
        sent = self.agr.take()
        speaks = [place for kind, place, data in sent if kind == "port" and is_lacpdu(data)]
        self._story += [(self.now, data, place) for kind, place, data in sent if kind == "port"]
        self._sent.update(speaks)
        self._choices.speaks = set(speaks)
        act()
        legal = without_farewell(sent, self._port(farewell)) if farewell else sent
        found = different_frames(legal, self.reference.take())
        self.ports = self._aggregate()["ports"]
        found += different_states(
            self.ports, self.reference.status(self.now)["aggregates"][AGGREGATE]["ports"]
        )
        found += [
            f"{name}: {port['counters']['LACPDUsTx']} LACPDUsTx, {self._sent[name]} sent"
            for name, port in self.ports.items()
            if port["counters"]["LACPDUsTx"] != self._sent[name]
        ]
        if found:
            raise Diverged("\n".join([f"at {self.now:.6f}:", *found, "after", *self._told()]))

    def _aggregate(self) -> dict[str, Any]:
        said: dict[str, Any] = self.agr.status(self.now)["aggregates"][AGGREGATE]
        return said

    def _port(self, name: str) -> Port:
        return next(port for port in self.reference.model.ports if port.name == name)

    def _told(self) -> list[str]:
        """The last events, and what agr sent."""
        return [
            f"{time:.6f} {what if isinstance(what, str) else Frame(time, what, True, port).text()}"
            for time, what, port in self._story[-LAST:]
        ]
