"""The tester's own ports: set up and down, and left as they were found (rule 6 of the design)."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from harness.bench.iproute import ip
from harness.verdict import BenchError

LOOK_AGAIN = 0.02
"""Seconds between two looks at a port's carrier."""

Port = tuple[str | None, str]
"""Namespace (None: where we are) and interface."""


class Links:
    """Ports of the tester; how each was found is on disk before it is changed for the first time.

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
            self._write({**found, (namespace, interface): not up})
        self._change(namespace, interface, up)

    def restore(self) -> None:
        """Put every port back to what it was found as. BenchError where one cannot be set."""
        for (namespace, interface), up in self._found().items():
            self._change(namespace, interface, up)
        self._journal.unlink(missing_ok=True)

    def wait_for_carrier(self, namespace: str | None, interface: str, seconds: float) -> None:
        """Return when the port has carrier, or after so many seconds: its other end may be down."""
        deadline = time.monotonic() + seconds
        while "LOWER_UP" not in self._flags(namespace, interface) and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN)

    def _is_up(self, namespace: str | None, interface: str) -> bool:
        return "UP" in self._flags(namespace, interface)

    def _flags(self, namespace: str | None, interface: str) -> list[str]:
        (said,) = json.loads(ip(namespace, "-j", "link", "show", "dev", interface))
        flags: list[str] = said["flags"]
        return flags

    def _change(self, namespace: str | None, interface: str, up: bool) -> None:
        ip(namespace, "link", "set", "dev", interface, "up" if up else "down")

    def _found(self) -> dict[Port, bool]:
        try:
            said = json.loads(self._journal.read_text())
            return {(entry["namespace"], entry["interface"]): entry["up"] for entry in said}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError):
            raise BenchError(
                f"{self._journal}: not a journal of ports; set the tester's ports up by hand, "
                "then delete the file"
            ) from None

    def _write(self, found: dict[Port, bool]) -> None:
        """Whole or not at all, and on the disk when this returns."""
        entries = [{"namespace": ns, "interface": name, "up": up} for (ns, name), up in found.items()]
        part = self._journal.with_suffix(".part")
        with part.open("w") as file:
            file.write(json.dumps(entries) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._journal)
