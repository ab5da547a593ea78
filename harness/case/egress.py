"""A port of the implementation that cannot send for a while: its queue takes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.bench.iproute import ip
from harness.bench.wire import Wire
from harness.case.case import Case


@contextmanager
def blocked(case: Case, wire: Wire) -> Iterator[None]:
    """While the block runs each frame that is given to the port is refused, as by a queue that is full.

    Only on a bench whose ports are of its own making: a testcase with needs=["blocked"]. Raises BenchError.
    """
    namespace = case.bench.lab.implementation.namespace
    inside = ("netns", "exec", namespace or "")
    queue = ("dev", wire.port, "root")
    ip(None, *inside, "tc", "qdisc", "replace", *queue, "bfifo", "limit", "1")
    try:
        yield
    finally:
        ip(None, *inside, "tc", "qdisc", "delete", *queue)
