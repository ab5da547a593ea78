"""TCP, one stream, over agr0 of two ports, against a plain veth path; both directions."""

from __future__ import annotations

from contextlib import ExitStack

from testcases.benchmarks.ends import End
from testcases.benchmarks.figures import Figure, at_least, ratio
from testcases.benchmarks.hosts import Host, cores
from testcases.benchmarks.paths import FAR_IP, NEAR_IP, Path, aggregated, plain
from testcases.benchmarks.progress import Progress

ROUNDS = 31
_SECONDS = 0.3
_TARGET = at_least(0.90)


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Two figures: sent and received by agr's host."""
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("tcp"))
        other = stack.enter_context(plain("tcp-plain"))
        note = ours.agr.data_path()
        figures = []
        for direction, sends in (("sent", True), ("received", False)):
            with ExitStack() as ends:
                streams = [_Stream(ends, path, sends) for path in (ours.path, other)]
                results: tuple[list[float], list[float]] = ([], [])
                for _ in progress.rounds(f"TCP {direction}", rounds):
                    for stream, result in zip(streams, results, strict=True):
                        result.append(stream.rate())
            speeds = " / ".join(f"{sorted(result)[len(result) // 2] * 8e-9:.1f}" for result in results)
            figures.append(
                ratio(f"TCP one stream, {direction}", *results, _TARGET, note=f"{speeds} Gbit/s, {note}")
            )
        return figures


class _Stream:
    def __init__(self, stack: ExitStack, path: Path, sends: bool) -> None:
        sender, receiver = (path.near, path.far) if sends else (path.far, path.near)
        address = FAR_IP if sends else NEAR_IP
        self._source = stack.enter_context(_end("source", sender, address, cores()[0]))
        self._sink = stack.enter_context(_end("sink", receiver, address, cores()[1]))

    def rate(self) -> float:
        """Octets a second of a new stream."""
        self._sink.tell({"seconds": _SECONDS})
        self._source.tell({})
        said = self._sink.answer(30)
        self._source.answer(30)
        return float(said["octets"] / said["seconds"])


def _end(role: str, host: Host, address: str, core: int) -> End:
    return End(role, host, address, core)
