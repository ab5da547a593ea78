"""From carrier down to the last frame that agr sends on the dead port, under full load."""

from __future__ import annotations

import random
import secrets
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass

from harness.host.location import Here
from harness.traffic.outcome import ReceiverCount, Silence
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.verdict import BenchError
from testcases.benchmarks.figures import Figure, Target, at_most, figure
from testcases.benchmarks.hosts import cores, wait_until
from testcases.benchmarks.paths import Aggregated, aggregated
from testcases.benchmarks.progress import Progress

ROUNDS = 50
_PORTS = tuple(f"p{number}" for number in range(6))
"""So many that some are in service while others come back: Aggregate_Wait_Time alone is 2 s."""
_FIRST_INDEX = 1000
_FLOWS = 256
_APART = (0.1, 2.0)
_DOWN_SECONDS = 0.3
_SILENCE = 0.05
_SEED = 43
_SERVICE_SECONDS = 30.0
_MEDIAN, _WORST = at_most(5.0), at_most(15.0)


@dataclass(frozen=True)
class Flap:
    """The other end of ``port`` was down at ``down_ns`` (a time stamp): an instant before it was set up."""

    port: str
    down_ns: int


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """Two figures: the median and the worst of all flaps, ms."""
    run = secrets.randbits(32)
    sends, receives = cores()
    with ExitStack() as stack:
        ours = stack.enter_context(aggregated("flaps", _PORTS, _FIRST_INDEX))
        near, far = ours.path.near, ours.path.far
        leaving, arriving = (
            stack.enter_context(
                Receiver(_PORTS, Here(host.name), run=run, core=receives, outgoing=outgoing, silence=_SILENCE)
            )
            for host, outgoing in ((near, True), (far, False))
        )
        frames = ours.path.frames(_FLOWS)
        sender = stack.enter_context(Sender("agr0", Here(near.name), frames, run=run, core=sends))
        sender.start()
        chance = random.Random(_SEED)
        flaps = [_flap(ours, chance) for _ in progress.rounds("carrier loss", rounds)]
        ours.partner.wait_for_service(_SERVICE_SECONDS)
        for end in (leaving, arriving):
            _wait_for_resumption(flaps, end)
        sent = sender.stop()
        left, arrived = leaving.seen(), arriving.seen()
        times = [late_ms(flap, left, arrived) for flap in flaps]
        note = f"at {sent.rate / 1e6:.2f} million frames a second, {ours.agr.data_path()}"
    return [
        _figure("carrier down to last frame, median", statistics.median(times), _MEDIAN, times, note),
        _figure("carrier down to last frame, worst", max(times), _WORST, times, note),
    ]


def _figure(name: str, value: float, target: Target, times: list[float], note: str) -> Figure:
    return figure(name, value, "ms", target, samples=times, note=note)


def _flap(ours: Aggregated, chance: random.Random) -> Flap:
    """One port that distributes, at a time and of a choice that agr cannot foresee."""
    time.sleep(chance.uniform(*_APART))
    in_service: list[str] = []

    def enough() -> bool:
        in_service[:] = ours.partner.in_service()
        return len(in_service) > 1

    wait_until(enough, "two ports distribute")
    port = chance.choice(in_service)
    far = ours.path.far
    far.set_up(port, False)
    ours.partner.forget(port)
    time.sleep(_DOWN_SECONDS)
    down_ns = time.time_ns()
    far.set_up(port, True)
    return Flap(port, down_ns)


def _wait_for_resumption(flaps: list[Flap], receiver: Receiver) -> None:
    def resumed() -> bool:
        seen = receiver.seen(0)
        return all(_around(flap, seen) for flap in flaps)

    wait_until(resumed, "all ports carry frames again")


def _around(flap: Flap, seen: ReceiverCount) -> Silence | None:
    """The silence of the port while its link was down."""
    for silence in seen.silences:
        if silence.interface == flap.port and silence.last_ns < flap.down_ns < silence.next_ns:
            return silence
    return None


def late_ms(flap: Flap, left: ReceiverCount, arrived: ReceiverCount) -> float:
    """From the last frame that came through a link to the last that was sent into it.

    The kernel lets no frame through a moment before the carrier goes: so rather too long than too short.
    Raises BenchError when frames were sent all the time, or a receiver missed some.
    """
    if left.dropped or arrived.dropped:
        raise BenchError(
            f"the receivers had no room for {left.dropped + arrived.dropped} frames: the machine is too busy"
        )
    last_sent, last_through = _around(flap, left), _around(flap, arrived)
    if last_sent is None or last_through is None:
        raise BenchError(f"{flap.port}: frames were sent all the time that its link was down")
    return max(0.0, (last_sent.last_ns - last_through.last_ns) / 1e6)
