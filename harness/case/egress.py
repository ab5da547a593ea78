"""A port of the implementation that cannot send for a while: its queue takes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.case.case import Case
from harness.host.port_queue import full
from harness.wire.wire import Wire


@contextmanager
def blocked(case: Case, wire: Wire) -> Iterator[None]:
    """While the block runs each frame that is given to the port is refused, as by a queue that is full.

    Only on a bench whose ports are of its own making: a testcase with needs=["blocked"]. Raises BenchError.
    """
    with full(wire.port, case.bench.at):
        yield
