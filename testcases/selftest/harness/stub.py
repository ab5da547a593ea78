"""A bench of one wire to nobody, in virtual time: for tests of stations and of the case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import NamedTuple, cast

from harness import catalogue
from harness.bench.bench import Bench
from harness.case import Case
from harness.lab.pics import Pics
from harness.pdu import Frame
from harness.wire.station import PARTNER, Station, default_info
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Tap, Wire

LATE = 0.1


class EchoTap(Tap):
    """Keeps what is sent; `hear` puts a frame of the implementation on the wire.

    Where another machine's `clock` captures, it is `ahead` of what the bench takes it for, in seconds.
    """

    mac = "02:00:5e:00:53:01"
    ahead = 0.0

    def send(self, frame: bytes) -> None:
        self._pass(frame, True)

    def hear(self, data: bytes) -> None:
        self._pass(data, False)

    def _pass(self, data: bytes, sent: bool) -> None:
        self.saw(Frame(self.told(self.loop.now() + self.ahead), data, sent, self.name))

    def lost(self) -> int:
        return 0


class StatedClock(NamedTuple):
    """The clock of another machine, that is known to so many seconds."""

    name: str
    error: float


class StillCarrier:
    def cut(self) -> None: ...

    def restore(self) -> None: ...

    def come_back(self) -> None: ...

    def negotiate(self, speed_mbps: int, full_duplex: bool) -> None: ...

    def release(self) -> None: ...

    def deliver(self, frame: bytes) -> None: ...


def wire_and_tap() -> tuple[Wire, EchoTap]:
    tap = EchoTap(VirtualLoop(), "t1")
    return Wire("t1", "re4", tap, StillCarrier(), capture="tester", straight=True), tap


def station() -> tuple[Station, EchoTap]:
    wire, tap = wire_and_tap()
    return Station(tap.loop, wire, default_info(1)), tap


def case_on(
    wires: Sequence[Wire],
    *rows: str,
    tap: EchoTap,
    pics: Pics | None = None,
    waited: Callable[[float, float], float] = lambda *_: 0.0,
    unseen: Callable[[float, float], float] = lambda *_: 0.0,
) -> Case:
    """A testcase of these rows on a bench with these wires, in the time of ``tap``; it is LATE at most.

    ``waited`` gives the seconds in which the machine held it up, ``unseen`` those in which the implementation
    need not have seen its links.
    """
    lab = SimpleNamespace(
        limits=SimpleNamespace(late=LATE),
        implementation=SimpleNamespace(pics=pics or Pics()),
        wires=[],
        switch_is_judged=False,
    )
    bench = SimpleNamespace(
        lab=lab,
        loop=tap.loop,
        wires=list(wires),
        dut=None,
        waited=waited,
        unseen=unseen,
        partner=PARTNER.format(0),
    )
    known = catalogue.load()
    return Case(cast(Bench, bench), [known.row(row) for row in rows])
