"""Which conversations leave on which port (43.2.4), and how they get from one to another (43.2.5)."""

from __future__ import annotations

from collections import defaultdict

from agr.core.aggregator import Aggregator
from agr.core.distribution import spread
from agr.core.outputs import Assign, RoundRobin


def redistribute(aggregator: Aggregator) -> None:
    """Bring the Distributor up to date with the Distributing ports and with link0."""
    distributor = aggregator.distributor
    turns = distributor.ports if aggregator.admin.link0 else None
    if distributor.round_robin != turns:
        distributor.round_robin = turns
        aggregator.emit(RoundRobin(aggregator.name, turns))
    if aggregator.spread_over == distributor.ports:
        return
    aggregator.spread_over = distributor.ports
    moved: dict[str | None, list[int]] = defaultdict(list)
    for bucket, port in enumerate(spread(distributor.table, distributor.ports)):
        if distributor.table[bucket] != port:
            distributor.table[bucket] = port
            moved[port].append(bucket)
    for port, buckets in moved.items():
        aggregator.emit(Assign(aggregator.name, tuple(buckets), port))
