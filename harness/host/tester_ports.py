"""The tester's own ports: set up and down, and left as they were found (docs/design.md, rule 6)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from harness.host.location import Location, named
from harness.net.ethtool import forced
from harness.net.nic_stamps import stamping_all
from harness.verdict import BenchError

Port = tuple[str, str]
"""The name of a place (`Location.where`), and an interface there."""


class PortState(NamedTuple):
    """State of a port before the run.

    `settings` of speed and duplex, and the `stamping` of its NIC, are in hexadecimal, None while the run has
    not changed them.
    """

    up: bool
    settings: str | None = None
    stamping: str | None = None


class OwnPorts:
    """Ports of the tester; the state of each is on disk before it is changed for the first time.

    What a killed run changed is put back by `restore` of the next one with the same journal. ``find`` gives
    the place of a name that stands there; it raises BenchError where there is none such.
    """

    def __init__(self, journal: Path, find: Callable[[str], Location] = named) -> None:
        self._journal = journal
        self._find = find

    def set(self, at: Location, interface: str, *, up: bool) -> None:
        """Set a port up or down; nothing happens where it is so already. BenchError where it cannot be."""
        if self._is_up(at, interface) is up:
            return
        found = self._found()
        if (at.where, interface) not in found:
            self._write({**found, (at.where, interface): PortState(not up)})
        self._change(at, interface, up)

    def negotiate(self, at: Location, interface: str, speed_mbps: int, full_duplex: bool) -> None:
        """Force a port's speed (Mbit/s) and duplex. BenchError where it has none that could be forced."""
        settings = at.read_settings(interface)
        with self._noted(at, interface, "settings", settings):
            at.write_settings(interface, forced(settings, speed_mbps, full_duplex))

    def release(self, at: Location, interface: str) -> None:
        """Put a port's speed and duplex back to what they were before the run."""
        found = self._found()
        was = found.get((at.where, interface), PortState(up=True))
        if was.settings is not None:
            at.write_settings(interface, bytes.fromhex(was.settings))
            self._write({**found, (at.where, interface): was._replace(settings=None)})

    def stamp(self, at: Location, interface: str) -> bool:
        """Have a port's NIC stamp all that it receives; whether it does. One that cannot or will not, or does
        not tell how it is set, is left as it is: that could not be put back."""
        config = at.read_stamping(interface) if at.stamps_all(interface) else None
        if config is None:
            return False
        wanted = stamping_all(config)
        if config != wanted:
            try:
                with self._noted(at, interface, "stamping", config):
                    at.write_stamping(interface, wanted)
            except BenchError:
                return False
        return True

    @contextmanager
    def _noted(self, at: Location, interface: str, what: str, value: bytes) -> Iterator[None]:
        """While the block changes ``what`` of a port it is noted as it was, where it is for the first time;
        where that is refused, nothing was changed."""
        found = self._found()
        was = found.get((at.where, interface)) or PortState(self._is_up(at, interface))
        if getattr(was, what) is None:
            state = PortState(**{**was._asdict(), what: value.hex()})
            self._write({**found, (at.where, interface): state})
        try:
            yield
        except BenchError:
            self._write(found)
            raise

    def restore(self) -> None:
        """Put every port back to what it was before the run. BenchError where one cannot be set."""
        for (where, interface), found in self._found().items():
            at = self._find(where)
            if found.settings is not None:
                at.write_settings(interface, bytes.fromhex(found.settings))
            if found.stamping is not None:
                at.write_stamping(interface, bytes.fromhex(found.stamping))
            self._change(at, interface, found.up)
        self._journal.unlink(missing_ok=True)

    def passes(self, at: Location, interface: str) -> bool:
        """Whether frames pass: the kernel drops them without a word between carrier and operational state."""
        said = self._look(at, interface)
        return "LOWER_UP" in said["flags"] and said["operstate"] in ("UP", "UNKNOWN")

    def _is_up(self, at: Location, interface: str) -> bool:
        return "UP" in self._look(at, interface)["flags"]

    def _look(self, at: Location, interface: str) -> dict[str, Any]:
        (said,) = json.loads(at.tool("ip", "-j", "link", "show", "dev", interface))
        found: dict[str, Any] = said
        return found

    def _change(self, at: Location, interface: str, up: bool) -> None:
        at.tool("ip", "link", "set", "dev", interface, "up" if up else "down")
        if self._is_up(at, interface) is not up:
            what = ("down", "up")
            raise BenchError(f"{interface}: set {what[up]}, and it is {what[not up]}")

    def _found(self) -> dict[Port, PortState]:
        try:
            said = json.loads(self._journal.read_text())
            return {
                (entry["where"], entry["interface"]): PortState(
                    entry["up"], entry.get("settings"), entry.get("stamping")
                )
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
            {"where": where, "interface": interface, **was._asdict()}
            for (where, interface), was in found.items()
        ]
        part = self._journal.with_suffix(".part")
        with part.open("w") as file:
            file.write(json.dumps(entries) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._journal)
