"""The links of an implementation that has been set up by hand: they are down until a testcase asks for them.

Such an implementation cannot be reset. What it knows of partners it forgets by itself: a port whose link was
down and came back, and which hears nobody, is DEFAULTED 3 s later (43.4.12). Then its link is taken again,
and comes when the testcase makes the aggregate: so the ports begin as those of an aggregate that is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.dut.implementation import Variable
from harness.pdu import PortInfo, State
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE
from harness.wire.loop import Loop
from harness.wire.station import Station, default_info
from harness.wire.wire import Wire

_WORDS = {
    "activity": "the LACP activity",
    "key": "the key",
    "static": "static aggregation",
    "system-id": "the system identifier",
    "system-priority": "the system priority",
    "timeout": "the LACP timeout",
    "False": "off, for it sends LACPDUs",
    "True": "on, for it sends no LACPDU",
}
"""What an LACPDU, or that there is none, tells of a LAG."""


def _told(info: PortInfo) -> dict[str, Variable]:
    """The variables that Actor Information tells (43.4.2.2)."""
    return {
        "activity": "active" if State.Activity in info.state else "passive",
        "key": info.key,
        "static": False,
        "system-id": info.system,
        "system-priority": info.system_priority,
        "timeout": "short" if State.Timeout in info.state else "long",
    }


class FixedLinks:
    """The wires of LAGs that have been set up by hand; ``late`` is the bench's allowance in seconds.

    ``link_time`` are the seconds until the implementation sees that a link came.
    """

    def __init__(
        self,
        loop: Loop,
        wires: Callable[[], Sequence[Wire]],
        ports: Sequence[str],
        late: float,
        link_time: float,
    ) -> None:
        self._loop = loop
        self._wires = wires
        self._ports = frozenset(ports)
        self._late = late
        self._link_time = link_time

    def _own(self) -> list[Wire]:
        return [wire for wire in self._wires() if wire.port in self._ports]

    def forget_partners(self) -> None:
        """Let every port come to DEFAULTED: no station speaks."""
        for wire in self._own():
            wire.cut()
        self._wait(self._late + self._link_time)
        for wire in self._own():
            wire.restore()
        self._wait(SHORT_TIMEOUT_TIME + TIMER_TOLERANCE + PROMPT + self._late + self._link_time)

    def take(self) -> None:
        """Have the links down, as a testcase begins."""
        for wire in self._own():
            wire.hold()

    def give(self, ports: Sequence[str]) -> None:
        """Give these ports their links, but for those that the testcase has cut itself."""
        for wire in self._own():
            if wire.port in ports:
                wire.let_go()

    def told_otherwise(self, ports: Sequence[str], values: Mapping[str, Variable]) -> str:
        """What the LACPDUs of these ports tell against variables of their LAG, in words; "" for nothing.

        A willing partner speaks on each: who is passive would say nothing otherwise.
        """
        wires = [wire for wire in self._own() if wire.port in ports]
        stations = [Station(self._loop, wire, default_info(n)) for n, wire in enumerate(wires, start=1)]
        self.give(ports)
        for station in stations:
            station.start()
        self._wait(2 * PROMPT + self._late + self._link_time)
        heard = {station.wire.port: station.heard for station in stations}
        for station in stations:
            station.silence()
        found = []
        for port, info in heard.items():
            told = _told(info) if info is not None else {"static": True}
            found += [
                f"{port} has {_WORDS[name]} {_WORDS.get(f'{told[name]}', told[name])}"
                for name, value in values.items()
                if name in told and told[name] != value
            ]
        return ", ".join(found)

    def _wait(self, seconds: float) -> None:
        self._loop.run(lambda: None, self._loop.now() + seconds)
