"""A scripted LACP partner at the far end of one port."""

from __future__ import annotations

import time
from collections.abc import Callable

from agr.core import lacpdu
from agr.core.lacpdu import LACPDU, Information, PortState
from testcases.selftest.daemon.lab import Namespace, RawPort
from testcases.selftest.host import PATIENCE

SYSTEM = bytes.fromhex("02aaaaaaaa01")
_LACPDU = b"\x88\x09\x01"


class Partner:
    """Answers every LACPDU with one that echoes it. ``state`` may be changed at any time."""

    def __init__(self, host: Namespace, interface: str) -> None:
        self.wire = RawPort(host, interface)
        self.state = PortState(LACP_Activity=True, LACP_Timeout=True, Aggregation=True)
        self.heard: LACPDU | None = None
        self.times: list[float] = []  # of the LACPDUs that were answered, by the kernel's clock
        self.data: list[bytes] = []
        self._key = 7

    def __enter__(self) -> Partner:
        return self

    def __exit__(self, *_: object) -> None:
        self.wire.__exit__()

    def next_pdu(self, seconds: float = PATIENCE) -> LACPDU:
        """The next LACPDU, unanswered."""
        frame = self.wire.wait_for(lambda seen: seen[12:15] == _LACPDU, "a LACPDU", seconds)
        return lacpdu.decode(frame)

    def say(self) -> None:
        """Send a LACPDU that echoes the last one heard."""
        assert self.heard is not None
        own = Information(32768, SYSTEM, self._key, 32768, 1, self.state)
        self.wire.send(lacpdu.encode(LACPDU(own, self.heard.actor, 0), SYSTEM))

    def run_until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Answer LACPDUs and keep other frames in ``data`` until ``condition``; fail after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
            frame = self.wire.receive(0.05)
            if frame is None:
                continue
            if frame[12:15] == _LACPDU:
                self.heard = lacpdu.decode(frame)
                self.times.append(self.wire.time)
                self.say()
            else:
                self.data.append(frame)
