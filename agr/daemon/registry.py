"""All aggregates and ports of one agrd, found by name and by interface index in one step."""

from __future__ import annotations

import errno

from agr.control.protocol import Refusal
from agr.daemon.aggregate import Aggregate, Member


class Registry:
    """``aggregates`` by name, in the order in which they were made."""

    def __init__(self) -> None:
        self.aggregates: dict[str, Aggregate] = {}
        self._owners: dict[str, Aggregate] = {}
        self._indexes: dict[int, tuple[Aggregate, Member | None]] = {}

    def add(self, aggregate: Aggregate) -> None:
        """Add an aggregate without ports."""
        self.aggregates[aggregate.name] = aggregate
        self._indexes[aggregate.index] = aggregate, None

    def remove(self, aggregate: Aggregate) -> None:
        """Remove an aggregate, which has no ports any more."""
        del self.aggregates[aggregate.name]
        del self._indexes[aggregate.index]

    def add_member(self, aggregate: Aggregate, member: Member) -> None:
        """Add a port to its aggregate."""
        aggregate.members[member.name] = member
        self._owners[member.name] = aggregate
        self._indexes[member.index] = aggregate, member

    def remove_member(self, aggregate: Aggregate, member: Member) -> None:
        """Remove a port from its aggregate."""
        del aggregate.members[member.name]
        del self._owners[member.name]
        del self._indexes[member.index]

    def has(self, aggregate: Aggregate) -> bool:
        """Whether an aggregate has not been destroyed meanwhile."""
        return self.aggregates.get(aggregate.name) is aggregate

    def owner(self, port: str) -> Aggregate | None:
        """The aggregate that ``port`` is a port of."""
        return self._owners.get(port)

    def at(self, index: int) -> tuple[Aggregate, Member | None] | None:
        """The aggregate of the interface with that ifindex, agr0 (and None) or a port; None for any other."""
        return self._indexes.get(index)

    def aggregate(self, name: str) -> Aggregate:
        """The aggregate of that name. Raises Refusal (ENXIO)."""
        aggregate = self.aggregates.get(name)
        if aggregate is None:
            raise Refusal(
                errno.ENXIO, f"there is no agr interface {name} here; agrconfig {name} create makes it"
            )
        return aggregate

    def member(self, name: str, port: str) -> tuple[Aggregate, Member]:
        """A port of the aggregate ``name``. Raises Refusal (ENXIO, ENOENT)."""
        aggregate = self.aggregate(name)
        member = aggregate.members.get(port)
        if member is None:
            raise Refusal(errno.ENOENT, f"{port} is not a port of {name}")
        return aggregate, member
