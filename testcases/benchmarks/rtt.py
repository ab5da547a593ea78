"""Round-trip time of a datagram over agr0, against a plain veth path."""

from __future__ import annotations

from contextlib import ExitStack

from testcases.benchmarks.ends import End
from testcases.benchmarks.figures import Figure, at_most, ratio
from testcases.benchmarks.hosts import cores
from testcases.benchmarks.paths import FAR_IP, aggregated, plain
from testcases.benchmarks.progress import Progress

ROUNDS = 21
_PINGS = 2000


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """p50 of each round."""
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("rtt"))
        other = stack.enter_context(plain("rtt-plain"))
        clients = []
        for path in (ours.path, other):
            stack.enter_context(End("server", path.far, FAR_IP, cores()[1]))
            clients.append(stack.enter_context(End("client", path.near, FAR_IP, cores()[0])))
        results: tuple[list[float], list[float]] = ([], [])
        for _ in progress.rounds("round-trip time", rounds):
            for client, result in zip(clients, results, strict=True):
                result.append(client.do(count=_PINGS)["median"])
        times = " / ".join(f"{sorted(result)[len(result) // 2] / 1000:.1f}" for result in results)
        return [
            ratio("round-trip time p50", *results, at_most(1.20), note=f"{times} µs, {ours.agr.data_path()}")
        ]
