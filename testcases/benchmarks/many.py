"""One agrd with many ports, all partners fast: what it costs, and whether its LACPDUs are in time."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass

from harness.traffic.child import come_first
from testcases.benchmarks.figures import Figure, at_most, figure
from testcases.benchmarks.hosts import Agr, Usage, cable, cores, two_hosts
from testcases.benchmarks.partner import Heard, Partner
from testcases.benchmarks.progress import Progress

ROUNDS = 5
_SECONDS = 6.0
_SIZES = (8, 64, 512)
_PORTS_EACH = 8
_PERIOD = 1.0  # Fast_Periodic_Time
_SERVICE_SECONDS = 120.0


@dataclass(frozen=True)
class Load:
    """Of an agrd with so many ports: CPU in per cent of a core, LACPDUs later than their period, s."""

    ports: int
    shares: list[float]
    latest: float
    out_of_service: int
    note: str

    @property
    def share(self) -> float:
        """The median."""
        return statistics.median(self.shares)


def measure(progress: Progress, rounds: int) -> list[Figure]:
    """The curve, and what the largest size must keep."""
    loads = [_load(progress, size, rounds) for size in _SIZES]
    return figures(loads)


def figures(loads: list[Load]) -> list[Figure]:
    """From the smallest size to the largest."""
    largest, middle = loads[-1], loads[-2]
    growth = (largest.share / largest.ports) / (middle.share / middle.ports)
    curve = [
        figure(f"{load.ports} ports, CPU", load.share, "% of a core", samples=load.shares, note=load.note)
        for load in loads[:-1]
    ]
    return [
        *curve,
        figure(
            f"{largest.ports} ports, CPU",
            largest.share,
            "% of a core",
            at_most(50),
            samples=largest.shares,
            note=largest.note,
        ),
        figure(
            f"CPU a port, {largest.ports} ports against {middle.ports}",
            growth,
            "times",
            at_most(1.0),
            note="1.0 is linear growth",
        ),
        figure(f"{largest.ports} ports, latest LACPDU", largest.latest, "s late", at_most(0.2)),
        figure(
            f"{largest.ports} ports, LACPDUs not in service",
            largest.out_of_service,
            "LACPDUs",
            at_most(0),
            note="expired, defaulted or out of Synchronization",
        ),
    ]


def _load(progress: Progress, size: int, rounds: int) -> Load:
    ports = [f"p{number}" for number in range(size)]
    with ExitStack() as stack:
        near, far = two_hosts(stack, f"many{size}")
        cable(near, far, ports)
        agr = Agr(near)
        keys = {port: number // _PORTS_EACH + 1 for number, port in enumerate(ports)}
        partner = stack.enter_context(Partner(far, keys, cores()[1]))
        agr.configure(_configuration(ports))
        come_first(agr.pid)  # as its unit has it: what is late shall be agrd's doing, and no other program's
        partner.wait_for_service(_SERVICE_SECONDS)
        partner.forget()
        shares = []
        for _ in progress.rounds(f"{size} ports", rounds):
            usage = Usage(agr.pid)
            time.sleep(_SECONDS)
            shares.append(usage.share())
        heard = partner.heard()
        note = agr.data_path()
    lost = sum(port.out_of_service for port in heard)
    return Load(size, shares, _latest(heard), lost, note)


def _latest(heard: list[Heard]) -> float:
    return max(port.longest_gap for port in heard) - _PERIOD


def _configuration(ports: list[str]) -> list[str]:
    groups = [ports[start : start + _PORTS_EACH] for start in range(0, len(ports), _PORTS_EACH)]
    return [
        f"agr{number} create timeout short " + " ".join(f"agrport {port}" for port in group)
        for number, group in enumerate(groups)
    ]
