"""What a testcase finds on every kind of bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from harness.bench.arrangement import sliced, with_lags
from harness.bench.fixed_links import FixedLinks
from harness.bench.look import Look
from harness.dut.fixed import FixedImplementation, FixedLag
from harness.dut.implementation import Dut, Variable
from harness.host.location import Location
from harness.lab.schema import Lab
from harness.switch import Switch
from harness.verdict import BenchBroken, BenchError
from harness.wire.loop import Loop
from harness.wire.moment import doubt
from harness.wire.station import PARTNER
from harness.wire.wire import Tap, Wire

Window = tuple[float, float]
"""From and to, in bench seconds."""


class Bench(ABC):
    """A bench that is up: its time, wires, implementation and switch.

    ``wires`` are in the lab file's order; ``traffic`` is the tester's port behind the switch, None where
    there is none. ``own`` is the lab as its file has it, ``lab`` as the bench is arranged now.

    ``slice``: this is one of several slices of a bench, which are numbered from 1; 0: it is the whole. Of a
    slice `own` has the wires alone that it was given last (`take`).
    """

    def __init__(self, lab: Lab, name: str, loop: Loop, dut: Dut, slice_: int = 0) -> None:
        self.lab = self.own = lab
        self.name = name
        self.slice = slice_
        self._whole = lab
        self.loop = loop
        self.dut = dut
        self.wires: list[Wire] = []
        self.traffic: Tap | None = None
        self.look: Look | None = None
        self._looks: dict[str, Look] = {}
        self._testcase = self._looks_at = ""
        self._good = True  # the testcase before
        self._fixed: FixedLinks | None = None
        if isinstance(dut, FixedImplementation):
            ports = [port for lag in dut.lags for port in lag.ports]
            late, link_time = lab.limits.late, lab.implementation.link_time
            self._fixed = FixedLinks(loop, lambda: self.wires, ports, late, link_time)
            dut.bring_up = self._fixed.give

    def arrange(self, lab: Lab) -> None:
        """Between testcases: be arranged as one of the `arrangements` of its own lab has it.

        Wires through the switch are made, proven and taken away; `lab` then says what they were found to
        pass. Raises BenchError where the switch does not do as it is told.
        """
        self.lab = lab

    @property
    def partner(self) -> str:
        """The System of the tester's stations on this bench: each slice has its own."""
        return PARTNER.format(self.slice)

    def take(self, wires: Sequence[str]) -> None:
        """Between testcases, of a slice: have these wires of the bench from now on, and no others."""
        self._looks.clear()
        self.own = self.lab = sliced(self._whole, wires)

    def leave(self) -> None:
        """Between testcases: leave the wires as they were found, in no aggregate, for others."""
        self.dut.reset()
        for wire in self.wires:
            wire.restore()
            wire.release()

    def rest(self) -> None:  # noqa: B027
        """Do no more with the bench than hold it for its slices: see nothing, ask nobody, until `close`."""

    def believe(self, lags: Sequence[FixedLag]) -> None:
        """Between testcases: LAGs that have been set up by hand are set so from now on."""
        if isinstance(self.dut, FixedImplementation):
            self.dut.lags = list(lags)
        self.lab = self.own = with_lags(self.own, lags)

    def told_otherwise(self, ports: Sequence[str], values: Mapping[str, Variable]) -> str:
        """Between testcases: what LACPDUs tell against these variables of a LAG set up by hand, in words.

        Whatever they do not tell is as it is believed to be: "" then.
        """
        if self._fixed is None:
            return ""
        self.begin()
        try:
            return self._fixed.told_otherwise(ports, values)
        finally:
            self._fixed.take()

    @property
    def unfit(self) -> str:
        """Why wires through the switch that this arrangement has are none; "" where they are."""
        return ""

    def begin(self, testcase: str = "", looks_at: str = "") -> None:
        """A testcase begins: wires are as they were found, no aggregate exists, captures are empty.

        What has been set up by hand is there, without links and without a partner (`FixedLinks`).

        Where it ``looks_at`` what another one has seen on this bench, `look` is that, and captures hold it.
        What broke in the testcase before is forgotten, and what it left to be sent is not; after one that was
        not good the implementation's processes are renewed. Raises BenchBroken where the bench is.
        """
        for tap in self.taps().values():
            tap.discard()
        self._forget_failure()
        for wire in self.wires:
            wire.restore()
            wire.release()
        if self._good:
            self.dut.reset()
        else:
            self.dut.renew()
        self._good = True
        self._testcase, self._looks_at = testcase, looks_at
        self.look = self._kept()
        if self.look is None and self._fixed is not None:
            self._fixed.forget_partners()
        begins = self._begins_at()
        if self.look is None and begins > self.loop.now():
            self.loop.run(lambda: None, begins)
        for wire in self.wires:
            wire.forget()
        for tap in self.taps().values():
            tap.forget()
        if self.look is None and self._fixed is not None:
            self._fixed.take()
        self._forget_failure()
        for name, tap in self.taps().items():
            if self.look is not None:
                tap.frames.extend(self.look.frames.get(name, ()))

    def _begins_at(self) -> float:
        """The earliest time, in bench seconds, at which the testcase may begin."""
        return 0.0

    def _forget_failure(self) -> None:
        failure = self.loop.take_failure()
        if isinstance(failure, BenchBroken):
            raise failure

    def _kept(self) -> Look | None:
        kept = self._looks.get(self._looks_at)
        if kept is None or self._testcase in kept.judged_by:
            self._looks.pop(self._looks_at, None)
            return None
        kept.judged_by.add(self._testcase)
        return kept

    def end(self, found: Any, *, good: bool) -> None:
        """A testcase has ended that has ``found`` something to look at (None: nothing).

        It is kept for others where that is ``good``: passed, and the bench had no troubles. What was not
        good to one is made anew for the next, and so are the implementation's processes (`Dut.renew`).
        """
        self._good = good
        if not self._looks_at:
            return
        if not good:
            self._looks.pop(self._looks_at, None)
        elif self.look is None and found is not None:
            with self.loop.lock:
                frames = {name: list(tap.frames) for name, tap in self.taps().items()}
            self._looks[self._looks_at] = Look(self._looks_at, found, self.facts(), frames, {self._testcase})

    def facts(self) -> dict[str, str]:
        """What the report says of the implementation, as it is now, or was when this look was made."""
        return self.dut.facts() if self.look is None else self.look.facts

    def taps(self) -> Mapping[str, Tap]:
        """Every place where frames are captured now, by name."""
        taps: dict[str, Tap] = {wire.name: wire.tap for wire in self.wires}
        if self.traffic is not None:
            taps[self.traffic.name] = self.traffic
        return taps

    @abstractmethod
    def troubles(self) -> list[str]:
        """What the bench measured of itself beyond its limits since the last call, and that concerns all of a
        testcase: each a cause in words."""

    def waited(self, start: float, end: float) -> float:
        """Seconds between two times of the bench in which the machine held it or the implementation up."""
        return 0.0

    def unseen(self, start: float, end: float) -> float:
        """Seconds from ``start`` on in which the implementation need not have seen what became of its links.

        That is carrier which came or went on a wire up to ``end``: ``implementation.link_time`` after it, and
        the time that a switch takes where the wire goes through it.
        """
        own, left = self.lab.implementation.link_time, 0.0
        start, end = float(start) - doubt(start), float(end) + doubt(end)
        for wire in self.wires:
            time = own + wire.reaction
            for moment in (moment for down in wire.downs for moment in down if moment is not None):
                if time and start - time <= moment <= end:
                    left = max(left, min(moment + time - start, time))
        return left

    def held_up(self, window: Window | None = None, granted: float = 0.0) -> str:
        """What held it up in a window beyond its limits, in words; "" where nothing did.

        ``window`` is from and to in bench seconds, None for the testcase so far; ``granted`` are seconds of
        it for which the implementation got as much more time.
        """
        return ""

    def strain(self) -> float:
        """The most that the machine strained it since this was last asked, in seconds; 0 in virtual time.

        The longest that anybody was late, or as much of `limits.late` as there was waiting. It may be asked
        from any thread, and never waits.
        """
        return 0.0

    @property
    def worst_strain(self) -> float:
        """The same of the testcase so far."""
        return 0.0

    def lost(self) -> list[str]:
        """Captures that lost frames since the testcase began, each in words."""
        limit = self.lab.limits.drops
        losses = {name: tap.lost() for name, tap in self.taps().items()}
        return [
            f"the capture on {name} lost {n} frames (limit {limit})"
            for name, n in losses.items()
            if n > limit
        ]

    def delays(self, beyond: float = 0.0) -> list[str]:
        """Ports that took frames more than so many seconds late since the testcase began, in words."""
        delays = [tap.delay for tap in self.taps().values()]
        return [delay.text() for delay in delays if delay.frames and delay.longest > beyond]

    @property
    def at(self) -> Location:
        """Where the implementation's interfaces are. BenchError where it has none, as in virtual time."""
        raise BenchError(f"{self.lab.file}: the implementation of this bench has no interfaces")

    def switch(self, path: str) -> Switch:
        """The switch's command line by "ssh" or "console"; BenchError where there is none."""
        raise BenchError(f"{self.lab.file}: this bench has no switch ({path})")

    @abstractmethod
    def properties(self) -> dict[str, str]:
        """Versions and facts for the report."""

    @abstractmethod
    def close(self) -> None:
        """Leave the bench as it was found."""
