"""The switch restarts: its links are away and come back, and nobody knows when a switch lets them go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harness.case.case import Case


@contextmanager
def outage(case: Case) -> Iterator[None]:
    """While the block runs the switch restarts; afterwards its links have carrier again.

    Its wires are down meanwhile, and what the tester's other ports at it do not take at once is not sent.
    Raises BenchError where a link does not come back.
    """
    bench = case.bench
    wires = {wire.name for wire in bench.wires}
    with ExitStack() as meanwhile:
        for name, tap in bench.taps().items():
            if name not in wires:
                meanwhile.enter_context(tap.unqueued())
        for wire in bench.wires:
            if bench.lab.switch_is_judged or bench.lab.wire(wire.name).switch_port is not None:
                meanwhile.enter_context(wire.outage())
        yield
