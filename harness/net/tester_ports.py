"""The tester's own ports: set up and down, and left as they were found (docs/design.md, rule 6)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from harness.net.ethtool import forced, read_settings, write_settings
from harness.net.iproute import ip
from harness.verdict import BenchError

Port = tuple[str | None, str]
"""Namespace (None: where we are) and interface."""


class PortState(NamedTuple):
    """State of a port before the run.

    `settings` of speed and duplex are in hexadecimal, None while the run has not changed them.
    """

    up: bool
    settings: str | None = None


class OwnPorts:
    """Ports of the tester; the state of each is on disk before it is changed for the first time.

    What a killed run changed is put back by `restore` of the next one with the same journal.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def set(self, namespace: str | None, interface: str, *, up: bool) -> None:
        """Set a port up or down; nothing happens where it is so already. BenchError where it cannot be."""
        if self._is_up(namespace, interface) is up:
            return
        found = self._found()
        if (namespace, interface) not in found:
            self._write({**found, (namespace, interface): PortState(not up)})
        self._change(namespace, interface, up)

    def negotiate(self, namespace: str | None, interface: str, speed_mbps: int, full_duplex: bool) -> None:
        """Force a port's speed (Mbit/s) and duplex. BenchError where it has none that could be forced."""
        settings = read_settings(namespace, interface)
        found = self._found()
        was = found.get((namespace, interface)) or PortState(self._is_up(namespace, interface))
        if was.settings is None:
            self._write({**found, (namespace, interface): was._replace(settings=settings.hex())})
        try:
            write_settings(namespace, interface, forced(settings, speed_mbps, full_duplex))
        except BenchError:
            self._write(found)  # nothing was changed
            raise

    def release(self, namespace: str | None, interface: str) -> None:
        """Put a port's speed and duplex back to what they were before the run."""
        found = self._found()
        was = found.get((namespace, interface), PortState(up=True))
        if was.settings is not None:
            write_settings(namespace, interface, bytes.fromhex(was.settings))
            self._write({**found, (namespace, interface): was._replace(settings=None)})

    def restore(self) -> None:
        """Put every port back to what it was before the run. BenchError where one cannot be set."""
        for (namespace, interface), found in self._found().items():
            if found.settings is not None:
                write_settings(namespace, interface, bytes.fromhex(found.settings))
            self._change(namespace, interface, found.up)
        self._journal.unlink(missing_ok=True)

    def passes(self, namespace: str | None, interface: str) -> bool:
        """Whether frames pass: the kernel drops them without a word between carrier and operational state."""
        said = self._look(namespace, interface)
        return "LOWER_UP" in said["flags"] and said["operstate"] in ("UP", "UNKNOWN")

    def _is_up(self, namespace: str | None, interface: str) -> bool:
        return "UP" in self._look(namespace, interface)["flags"]

    def _look(self, namespace: str | None, interface: str) -> dict[str, Any]:
        (said,) = json.loads(ip(namespace, "-j", "link", "show", "dev", interface))
        found: dict[str, Any] = said
        return found

    def _change(self, namespace: str | None, interface: str, up: bool) -> None:
        ip(namespace, "link", "set", "dev", interface, "up" if up else "down")
        if self._is_up(namespace, interface) is not up:
            what = ("down", "up")
            raise BenchError(f"{interface}: set {what[up]}, and it is {what[not up]}")

    def _found(self) -> dict[Port, PortState]:
        try:
            said = json.loads(self._journal.read_text())
            return {
                (entry["namespace"], entry["interface"]): PortState(entry["up"], entry.get("settings"))
                for entry in said
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError):
            raise BenchError(
                f"{self._journal}: not a journal of ports; set the tester's ports up by hand, "
                "then delete the file"
            ) from None

    def _write(self, found: dict[Port, PortState]) -> None:
        """Whole or not at all, and on the disk when this returns. Nothing found changed: no journal."""
        if not found:
            self._journal.unlink(missing_ok=True)
            return
        entries = [
            {"namespace": namespace, "interface": interface, **was._asdict()}
            for (namespace, interface), was in found.items()
        ]
        part = self._journal.with_suffix(".part")
        with part.open("w") as file:
            file.write(json.dumps(entries) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._journal)
