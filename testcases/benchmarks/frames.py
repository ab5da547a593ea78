"""60-octet UDP frames a second over agr0 of two ports, against a plain veth path; AG-18 holds meanwhile."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack

from harness.host.location import Here
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from testcases.benchmarks.figures import Figure, at_least, at_most, figure, ratio
from testcases.benchmarks.hosts import cores
from testcases.benchmarks.paths import Aggregated, Path, aggregated, plain
from testcases.benchmarks.progress import Progress

ROUNDS = 31
_FLOWS = 64
_WARM_UP_SECONDS, _SECONDS = 0.1, 0.4
_CAPTURED = 1000
_AG_18 = f"AG-18: of {_CAPTURED}, by its counters or by a capture on it"


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Frames that arrive, from agr's host."""
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("frames"))
        other = stack.enter_context(plain("frames-plain"))
        sources = [Source(stack, path) for path in (ours.path, other)]
        results: tuple[list[float], list[float]] = ([], [])
        for _ in progress.rounds("60-octet frames", rounds):
            for source, result in zip(sources, results, strict=True):
                result.append(source.rate())
                progress.live(f"{result[-1] / 1e6:.2f} million frames/s")
        rates = " / ".join(f"{sorted(result)[len(result) // 2] / 1e6:.2f}" for result in results)
        note = f"{rates} million a second, {ours.agr.data_path()}"
        return [
            ratio("60-octet UDP frames a second", *results, at_least(0.75), note=note),
            figure("frames that agr0 does not show", _unseen(ours), "frames", at_most(0), note=_AG_18),
        ]


class Source:
    """Frames as fast as a path takes them, and who counts them at its end."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        run = secrets.randbits(32)
        sends, receives = cores()
        self._receiver = stack.enter_context(
            Receiver(path.far_interfaces, Here(path.far.name), run=run, core=receives)
        )
        frames = path.frames(_FLOWS)
        self._sender = stack.enter_context(
            Sender(path.interface, Here(path.near.name), frames, run=run, core=sends)
        )

    def rate(self) -> float:
        """Frames a second, from when it has warmed up."""
        self._sender.start()
        time.sleep(_WARM_UP_SECONDS)
        before, begun = self._receiver.seen(0).frames, time.monotonic()
        time.sleep(_SECONDS)
        after, ended = self._receiver.seen(0).frames, time.monotonic()
        self._sender.stop()
        self._receiver.seen()
        return (after - before) / (ended - begun)


def _unseen(ours: Aggregated) -> int:
    """Frames that agr0 sent and that its counters, or a capture on it, do not show (AG-18)."""
    path, run = ours.path, secrets.randbits(32)
    before = path.near.link(path.interface)["stats64"]["tx"]["packets"]
    capture = Receiver([path.interface], Here(path.near.name), run=run, outgoing=True)
    with capture, Sender(path.interface, Here(path.near.name), path.frames(_FLOWS), run=run) as sender:
        sender.start(rate=10_000, count=_CAPTURED)
        sender.wait(30)
        captured = capture.seen().frames
    counted = path.near.link(path.interface)["stats64"]["tx"]["packets"] - before
    return _CAPTURED - int(min(captured, counted))
