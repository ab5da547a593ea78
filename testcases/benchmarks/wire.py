"""Frames a second that the tester makes and checks on a plain wire: what it can ask of an implementation."""

from __future__ import annotations

import secrets
import statistics
from contextlib import ExitStack

from harness.host.location import Here
from harness.traffic.checker import Checker
from harness.traffic.generator import Generator
from harness.traffic.outcome import compare
from testcases.benchmarks.figures import Figure, at_least, at_most, figure
from testcases.benchmarks.hosts import cores
from testcases.benchmarks.paths import plain
from testcases.benchmarks.progress import Progress

ROUNDS = 15
_FLOWS = 1000
_COUNT = 1_000_000
_NOTE = f"{_FLOWS} conversations, the shortest frames; generator and checker are XDP programs on one core"


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Both ends are the tester's; every frame is looked at."""
    run = secrets.randbits(32)
    rates, shares = [], []
    with ExitStack() as stack:
        path = stack.enter_context(plain("wire"))
        checker = stack.enter_context(Checker(*path.far_interfaces, namespace=path.far.name, run=run))
        checker.count_time()
        (frame,) = path.frames(1)
        generator = stack.enter_context(
            Generator(path.interface, Here(path.near.name), frame, flows=_FLOWS, run=run, core=cores()[0])
        )
        seconds = busy = 0.0
        for _ in progress.rounds("frames checked", rounds):
            sent = generator.send(_COUNT)
            rates.append(_COUNT / (sent.seconds - seconds) / 1e6)
            shares.append(100 * (checker.busy() - busy) / (sent.seconds - seconds))
            seconds, busy = sent.seconds, checker.busy()
            progress.live(f"{rates[-1]:.2f} million frames/s")
        outcome = compare(sent, checker.seen())
    amiss = outcome.lost + outcome.duplicated + outcome.reordered
    return [
        figure(
            "frames generated and checked a second",
            statistics.median(rates),
            "million",
            at_least(1.5),
            samples=rates,
            note=_NOTE,
        ),
        figure("checker's share of a core", statistics.median(shares), "%", at_most(50), samples=shares),
        figure("frames amiss on a plain wire", amiss, "frames", at_most(0), note=f"of {outcome.sent:,}"),
    ]
