"""The fastest sender, a process of its own: a program in the kernel makes each frame."""

from __future__ import annotations

from harness.host.location import Location
from harness.traffic.child import Child
from harness.traffic.flows import FLOWS_MOST, SHORTEST
from harness.traffic.outcome import SenderCount

_ANSWER_SECONDS = 60.0


class Generator(Child):
    """Sends copies of ``frame``, of ``flows`` conversations in turn, past the queues of ``interface``.

    The last two octets of the IPv4 destination become the flow's number; the last 16 of all the stamp of
    ``run``. ``frame`` is the shortest that `udp_frame` makes. The other end of a veth cable must take frames
    of XDP: a `Checker` there does. Raises BenchError.
    """

    def __init__(
        self,
        interface: str,
        at: Location,
        frame: bytes,
        *,
        flows: int,
        run: int,
        core: int | None = None,
    ) -> None:
        if not 0 < flows <= FLOWS_MOST or len(frame) != SHORTEST:
            raise ValueError(f"1 to {FLOWS_MOST} flows, of a frame of {SHORTEST} octets")
        settings = {
            "interface": interface,
            "frame": frame.hex(),
            "flows": flows,
            "run": run,
            "core": core,
        }
        super().__init__(at, "harness.traffic.processes.generator", settings)

    def send(self, count: int) -> SenderCount:
        """So many frames, as fast as it goes; gives all that was sent since the generator was made."""
        said = self.ask({"count": count}, _ANSWER_SECONDS)
        return SenderCount(said["frames"], 0, said["seconds"], tuple(said["flows"]))
