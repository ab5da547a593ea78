"""The fast receiver, a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from harness.host.location import Location
from harness.traffic.child import Child
from harness.traffic.outcome import ReceiverCount

_ANSWER_SECONDS = 60.0
RING_OCTETS = 128 << 20
"""Room for about 0.6 s of the shortest frames at 1.5 million a second."""


class Receiver(Child):
    """Takes stamped frames of ``run`` from some interfaces, in one order; from all, where none is named.

    ``outgoing``: the frames that the host sends there, not those it receives. ``core`` pins the process. A
    silence of an interface for ``silence`` seconds or more is told with both its ends. ``contents`` are the
    frames that the sender was given: then a frame is corrupted when any octet of it is another; else only
    stamps are looked at. ``nic_clock``: a NIC that stamps what it receives (`hwstamp_ctl -r 1`) says when
    that was, in its own time; else the kernel does. Raises BenchError.
    """

    def __init__(
        self,
        interfaces: Sequence[str],
        at: Location,
        *,
        run: int,
        core: int | None = None,
        outgoing: bool = False,
        silence: float = 1.0,
        octets: int = RING_OCTETS,
        contents: Sequence[bytes] = (),
        nic_clock: bool = False,
    ) -> None:
        settings = {
            "interfaces": list(interfaces),
            "run": run,
            "core": core,
            "outgoing": outgoing,
            "silence": silence,
            "octets": octets,
            "contents": [frame.hex() for frame in contents],
            "nic_clock": nic_clock,
        }
        super().__init__(at, "harness.traffic.processes.receiver", settings)

    def seen(self, quiet: float = 0.1) -> ReceiverCount:
        """What came since the receiver was made; takes stock after ``quiet`` seconds without a frame.

        While frames keep coming, 0 says what has come so far.
        """
        return ReceiverCount.from_json(self.ask({"quiet": quiet}, _ANSWER_SECONDS))
