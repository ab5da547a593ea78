"""The links of an implementation that has been set up by hand: they are down until a testcase asks for them.

Such an implementation cannot be reset. What it knows of partners it forgets by itself: a port whose link was
down and came back, and which hears nobody, is DEFAULTED 3 s later (43.4.12). Then its link is taken again,
and comes when the testcase makes the aggregate: so the ports begin as those of an aggregate that is new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME, TIMER_TOLERANCE
from harness.wire.loop import Loop
from harness.wire.wire import Wire


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

    def _wait(self, seconds: float) -> None:
        self._loop.run(lambda: None, self._loop.now() + seconds)
