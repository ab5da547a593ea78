"""Conversations move from a living link to another under load: no frame is lost, doubled or overtaken."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from harness.host.location import Here
from harness.traffic.checker import Checker
from harness.traffic.outcome import Outcome, ReceiverCount, compare
from harness.traffic.sender import Sender
from testcases.benchmarks.figures import Figure, at_least, at_most, figure
from testcases.benchmarks.frames import Source
from testcases.benchmarks.hosts import cores, wait_until
from testcases.benchmarks.paths import NOBODYS_MAC, Aggregated, aggregated, plain
from testcases.benchmarks.progress import Progress, Rate

ROUNDS = 200
"""Moves: each is of some conversations, when a port leaves as planned and when it comes back."""
_MOVES = at_least(ROUNDS)
_OFFERED = 0.6
"""Of the frames that a plain path carries at its best, beside agr and before the first move."""
_RATE_IN_PYTHON = 0.02e6
"""What the data path in Python carries: order and loss can be seen, the load is not what it should be."""
_LEAST_RATE = at_least(0.5)
"""Of the same; the sender shares its core with agr's path, and falls behind what it was to offer."""
_PLAIN_ROUNDS = 5
"""Before the moves, and as many after them."""
_FLOWS = 512
_NONE = at_most(0)
_SERVICE_SECONDS = 30.0


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Moves, the load, and the frames lost, duplicated and reordered meanwhile."""
    run = secrets.randbits(32)
    sends, _ = cores()
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("moves"))
        path, note = ours.path, ours.agr.data_path()
        other = Source(stack, stack.enter_context(plain("moves-plain")))
        carried = [other.rate() for _ in progress.rounds("plain path", _PLAIN_ROUNDS)]
        bpf = ours.agr.aggregate()["data_path"] == "bpf"
        rate = _OFFERED * statistics.median(carried) if bpf else _RATE_IN_PYTHON
        # What veth delivers it delivers on the sender's core: a socket there would have a fifth of it.
        checker = stack.enter_context(
            Checker(*path.far_interfaces, namespace=path.far.name, run=run, tc=True)
        )
        sender = stack.enter_context(
            Sender(
                path.interface, Here(path.near.name), path.frames(_FLOWS, NOBODYS_MAC), run=run, core=sends
            )
        )
        before = moves = ours.agr.aggregate()["moves"]["Moves"]
        sender.start(rate=rate)
        live = Rate()
        for number in progress.rounds("moves", rounds):
            while moves - before <= number:
                moves = _there_and_back(ours)
            progress.live(live.words(checker.seen().frames))
        sent = sender.stop()
        outcome = compare(sent, _seen(checker))
        carried += [other.rate() for _ in progress.rounds("plain path", _PLAIN_ROUNDS)]
    note = "; ".join(filter(None, (f"{outcome.sent / 1e6:.1f} million frames, {note}", sent.behind)))
    return figures(outcome, moves - before, sent.rate, carried, note)


def figures(outcome: Outcome, moves: int, rate: float, carried: Sequence[float], note: str) -> list[Figure]:
    """What became of the frames; ``rate`` of them were sent a second, a plain path ``carried`` so many."""
    plain_rate = statistics.median(carried)
    rates = f"{rate / 1e6:.2f} / {plain_rate / 1e6:.2f} million a second"
    return [
        figure("moves of conversations", moves, "moves", _MOVES, note=note),
        figure("load while they move", rate / plain_rate, "of plain veth", _LEAST_RATE, note=rates),
        figure("frames lost in moves", outcome.lost, "frames", _NONE),
        figure("frames duplicated in moves", outcome.duplicated, "frames", _NONE),
        figure("frames reordered in moves", outcome.reordered, "frames", _NONE),
    ]


def _there_and_back(ours: Aggregated) -> int:
    """p1 leaves as planned and comes back. How many moves there have been."""
    ours.agr.config("agr0", "-agrport", "p1")
    ours.partner.forget("p1")
    ours.agr.config("agr0", "agrport", "p1")
    ours.partner.wait_for_service(_SERVICE_SECONDS)
    wait_until(lambda: _waiting(ours) == 0, "no conversation waits")
    return int(ours.agr.aggregate()["moves"]["Moves"])


def _waiting(ours: Aggregated) -> int:
    return int(ours.agr.aggregate()["moves"]["held"])


def _seen(checker: Checker) -> ReceiverCount:
    """What came, when no more comes."""
    looks: list[ReceiverCount] = []

    def is_all() -> bool:
        looks.append(checker.seen())
        return len(looks) > 1 and looks[-1].frames == looks[-2].frames

    wait_until(is_all, "no frame is under way")
    return looks[-1]
