"""The journal: settings of interfaces before agrd changes them, on disk, to undo what a killed agrd did."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger("agrd")

T = TypeVar("T")


@dataclass(frozen=True)
class FoundPort:
    """A port as it was before it was attached to ``aggregate``.

    ``ipv6_disabled`` is None where the kernel has no IPv6; ``ingress_queue``: the clsact qdisc is agrd's;
    ``lro``: large receive offload was on. The defaults mean that agrd has not touched it.
    """

    name: str
    aggregate: str
    index: int
    mac: str
    mtu: int
    up: bool
    ipv6_disabled: bool | None
    address_generation: int | None
    ingress_queue: bool
    promiscuous: bool = True
    lro: bool = False


@dataclass(frozen=True)
class MadeAggregate:
    """A veth pair that agrd made; the indexes are 0 until it is there."""

    name: str
    index: int
    mate: str
    mate_index: int = 0


@dataclass
class Journal:
    """The entries. ``namespace`` tells for which network namespace it was written; elsewhere it is void."""

    path: Path
    namespace: str
    ports: dict[str, FoundPort] = field(default_factory=dict)
    aggregates: dict[str, MadeAggregate] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, namespace: str) -> Journal:
        """The journal of an earlier agrd; empty where it is of another namespace, or cannot be read."""
        journal = cls(path, namespace)
        try:
            content: dict[str, Any] = json.loads(path.read_text())
            if content["namespace"] == namespace:
                journal.ports = {name: FoundPort(**found) for name, found in content["ports"].items()}
                journal.aggregates = {
                    name: MadeAggregate(**made) for name, made in content["aggregates"].items()
                }
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path, namespace)
        return journal

    @property
    def empty(self) -> bool:
        """Whether there is nothing to undo."""
        return not self.ports and not self.aggregates

    def note_port(self, found: FoundPort) -> None:
        """Note a port before it is changed. Raises OSError, and then it must not be changed."""
        self._note(self.ports, found.name, found)

    def note_aggregate(self, made: MadeAggregate) -> None:
        """Note an aggregate before it is made, and again with its index. Raises OSError as `note_port`."""
        self._note(self.aggregates, made.name, made)

    def _note(self, notes: dict[str, T], name: str, thing: T) -> None:
        before = dict(notes)
        notes[name] = thing
        try:
            self.save()
        except OSError as error:
            notes.clear()
            notes.update(before)
            raise OSError(error.errno, f"{self.path} cannot be written: {error.strerror}") from None

    def forget_port(self, name: str) -> None:
        """Remove a port, whose settings have been restored."""
        self._forget(self.ports, name)

    def forget_aggregate(self, name: str) -> None:
        """Remove an aggregate, which has been deleted."""
        self._forget(self.aggregates, name)

    def _forget(self, notes: dict[str, T], name: str) -> None:
        """Remove an entry; a file that cannot be written is logged."""
        del notes[name]
        try:
            self.save()
        except OSError as error:
            log.error("%s cannot be written, and still names %s: %s", self.path, name, error.strerror)

    def save(self) -> None:
        """Replace the file as a whole; remove it when there is nothing to undo. Raises OSError."""
        if self.empty:
            self.path.unlink(missing_ok=True)
            return
        content = {
            "namespace": self.namespace,
            "ports": {name: vars(found) for name, found in self.ports.items()},
            "aggregates": {name: vars(made) for name, made in self.aggregates.items()},
        }
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(content) + "\n")
        written.replace(self.path)
