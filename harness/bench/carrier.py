"""Carrier of a real wire: taken and given back, and read at both ends before anything is judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from harness.host.location import Here, Location
from harness.host.tester_ports import OwnPorts
from harness.net.ethtool import LinkState
from harness.switch import Switch
from harness.verdict import BenchError

LOOK_AGAIN = 0.02
"""Seconds between two looks at a port's carrier."""

UNKNOWN_SPEED = 0xFFFFFFFF
"""Of a port without carrier, as linux/ethtool.h has it."""


class ImplementationEnd:
    """The implementation's end of a wire, where it is an interface of a host.

    Where its driver does not tell, nothing is known of its link: `state` is None then.
    """

    def __init__(self, at: Location, interface: str, link_up: float) -> None:
        self.interface = interface
        self.link_up = link_up
        self._at = at

    def state(self) -> LinkState | None:
        """Its link now."""
        return self._at.link_state(self.interface)

    def loses_carrier(self, done: str) -> None:
        """Wait until it has none. BenchError that tells what was done where it keeps it for `link_up` s."""
        deadline = time.monotonic() + self.link_up
        while (seen := self.state()) is not None and seen.carrier:
            if time.monotonic() >= deadline:
                raise BenchError(
                    f"{done}, and {self.interface} still has carrier after {self.link_up:g} s "
                    "(limits.link_up): is its cable in that port, and does that port drop its link?"
                )
            time.sleep(LOOK_AGAIN)

    def gets_carrier(self, done: str, tester: Callable[[], bool] = lambda: True) -> None:
        """Wait until it has carrier, and `tester` says so of the other end.

        Nothing is waited for where the implementation has its port down. BenchError that tells what was done
        where both ends are up and there is no carrier for `link_up` s. Where nothing is known of the
        implementation's end the time is waited, and no more: it may be down.
        """
        deadline = time.monotonic() + self.link_up
        while True:
            seen = self.state()
            if (seen is not None and not seen.up) or (tester() and (seen is None or seen.carrier)):
                return
            if time.monotonic() >= deadline:
                break
            time.sleep(LOOK_AGAIN)
        if seen is not None:
            raise BenchError(
                f"{done}, {self.interface} is up, and there is no carrier between them after "
                f"{self.link_up:g} s (limits.link_up): is the cable in, and limits.link_up long enough?"
            )

    def medium(self) -> tuple[int, bool] | None:
        """Its speed in Mbit/s, and whether it is full duplex; None where that cannot be read."""
        seen = self.state()
        with suppress(BenchError):  # a port that has neither
            if seen is not None and seen.carrier:
                return self._at.medium(self.interface)
        return None


class FarEnd(ImplementationEnd):
    """The implementation's end of a wire at a port of a switch. Nothing is known of it."""

    def __init__(self, port: str, link_up: float) -> None:
        super().__init__(Here(None), port, link_up)

    def state(self) -> LinkState | None:
        """None: it is not asked for, as commands of a switch take longer than links do."""
        return None


class _Kernels:
    """A wire that is as the kernel has it: this bench sets no speed, and passes nothing without carrier."""

    def negotiate(self, speed_mbps: int, full_duplex: bool) -> None:
        """Raises BenchError."""
        raise BenchError("this bench cannot set the speed of a link")

    def release(self) -> None:
        """Nothing was set."""

    def deliver(self, frame: bytes) -> None:
        """Raises BenchError."""
        raise BenchError("this bench cannot pass a frame to a port without carrier")


class CarrierByTester(_Kernels):
    """Carrier of a straight wire: the tester's own port goes down and up.

    Speed and duplex are forced there too, where the lab file says that the wire has `speeds`.
    """

    def __init__(
        self,
        links: OwnPorts,
        at: Location,
        interface: str,
        end: ImplementationEnd,
        *,
        speeds: bool = False,
    ) -> None:
        self._links = links
        self._at = at
        self._name = interface
        self._end = end
        self._speeds = speeds

    def cut(self) -> None:
        """Take the port down; the implementation's end has lost carrier when this returns."""
        self._links.set(self._at, self._name, up=False)
        self._end.loses_carrier(f"{self._name} is down")

    def restore(self) -> None:
        """Take the port up, and wait for carrier as long as a link may take: PHYs negotiate first."""
        self._links.set(self._at, self._name, up=True)
        self._end.gets_carrier(f"{self._name} is up", self._has_carrier)

    def come_back(self) -> None:
        """Wait until both ends have carrier, as long as a link may take."""
        self._end.gets_carrier(f"{self._name} has been up", self._has_carrier)

    def negotiate(self, speed_mbps: int, full_duplex: bool) -> None:
        """Take the port down, and up with this speed and duplex."""
        if not self._speeds:
            super().negotiate(speed_mbps, full_duplex)
        self.cut()
        self._links.negotiate(self._at, self._name, speed_mbps, full_duplex)
        self.restore()
        seen = {self._name: self._at.medium(self._name), self._end.interface: self._end.medium()}
        for port, found in seen.items():
            if found is not None and found[0] != UNKNOWN_SPEED and found != (speed_mbps, full_duplex):
                wanted = _medium_text((speed_mbps, full_duplex))
                raise BenchError(f"{port}: asked for {wanted}, and it has {_medium_text(found)}")

    def _has_carrier(self) -> bool:
        return self._links.passes(self._at, self._name)

    def release(self) -> None:
        """Take the port down, and up as it was found."""
        self.cut()
        self._links.release(self._at, self._name)
        self.restore()


class NoCarrier(_Kernels):
    """A wire whose carrier this bench cannot take."""

    def __init__(self, wire: str) -> None:
        self._wire = wire

    def cut(self) -> None:
        """Raises BenchError."""
        raise BenchError(f"wire {self._wire}: the lab file says that its carrier cannot be cut")

    def restore(self) -> None:
        """Nothing was taken."""

    def come_back(self) -> None:
        """Nothing is known of it."""


class CarrierBySwitch(_Kernels):
    """Carrier of a wire to the switch: the switch shuts its port; `switch` gives its command line."""

    def __init__(self, switch: Callable[[], Switch], port: str, end: ImplementationEnd) -> None:
        self._switch, self._port, self._end = switch, port, end

    def cut(self) -> None:
        """`shutdown` on the port; the implementation's end has lost carrier when this returns."""
        self._switch().shut(self._port)
        self._end.loses_carrier(f"{self._port} is shut down")

    def restore(self) -> None:
        """`no shutdown` on the port, and wait for carrier."""
        self._switch().no_shut(self._port)
        self.come_back()

    def come_back(self) -> None:
        """Wait for carrier as long as a link may take."""
        self._end.gets_carrier(f"{self._port} is not shut down")


def _medium_text(found: tuple[int, bool]) -> str:
    return f"{found[0]} Mbit/s {'full' if found[1] else 'half'} duplex"
