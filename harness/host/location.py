"""Where an interface, a command or a process is: on this machine, in a network namespace of it, or elsewhere.

What a bench does at the implementation's end of a wire it does through a `Location`, of whichever kind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from harness.host.processes import NamespaceProcesses
from harness.host.processor_wait import Start
from harness.net import nic_stamps
from harness.net.ethtool import LinkState, link_state, medium, read_settings, write_settings
from harness.net.packet_socket import PacketSocket, in_namespace
from harness.verdict import BenchError
from harness.wire.moment import FarClock

T = TypeVar("T")

COMMAND_TIME = 30.0
"""Seconds after which a command of the system's counts as hung: the kernel's lock for changes of interfaces
(RTNL) is held long."""

_NAMESPACE = "namespace "


class End(NamedTuple):
    """How a command ended: its exit code (minus the signal of a crash; None: not in time), what it printed,
    and the seconds that it took."""

    code: int | None
    output: str
    errors: str
    seconds: float


class Packets(Protocol):
    """The frames of one interface, both ways, with time stamps; see `PacketSocket`."""

    interface: str
    where: str
    mac: str

    def reopen(self) -> None:
        """Take the interface of that name that there is now. BenchError where there is none."""

    def fileno(self) -> int:
        """A descriptor that is readable when there are frames."""

    def receive(self) -> tuple[int, bytes, bool] | None:
        """(nanoseconds since the epoch, frame, outgoing), or None. InterfaceGone and BenchBroken."""

    def read_until(self) -> float:
        """Nanoseconds since the epoch up to which all that was captured is there to be received."""

    def offer(self, frame: bytes) -> None:
        """Send one frame without waiting. OSError where the interface does not take it now."""

    def send(self, frame: bytes) -> None:
        """Send one frame, with room waited for. BenchError where the interface refuses it."""

    def lost(self) -> int:
        """Frames that were dropped for want of room, since the last call."""

    def discard(self) -> None:
        """Drop what waits to be sent."""

    def close(self) -> None:
        """Capture no more."""


class Location(ABC):
    """One such place. All that waits has a bound. BenchError where the place itself is at fault.

    ``where`` names it, for messages and journals: no two places have one name. One that is ``elsewhere`` is
    on another machine: what is asked of it takes the time of the way there and back, and its captures are
    stamped by its ``clock``.
    """

    where: str
    elsewhere = False
    clock: FarClock | None = None

    @abstractmethod
    def run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> End:
        """Run a command with this added to its environment, for so long at most. BenchError where there is no
        such program."""

    @abstractmethod
    def find_command(self, name: str) -> str | None:
        """The path of a program, by its path or its name; None where there is none."""

    @abstractmethod
    def processes(self) -> list[int]:
        """Processes of this machine that are there and nowhere else; none where nothing tells them apart."""

    @abstractmethod
    def link_state(self, interface: str) -> LinkState | None:
        """An interface's link now; None where there is none such, or its driver tells nothing."""

    @abstractmethod
    def read_settings(self, interface: str) -> bytes:
        """All link settings of an interface (`harness.net.ethtool`). BenchError where it has none."""

    @abstractmethod
    def write_settings(self, interface: str, settings: bytes) -> None:
        """Set all link settings of an interface. BenchError where it does not take them."""

    @abstractmethod
    def stamps_all(self, interface: str) -> bool:
        """Whether the NIC of an interface can stamp all that it receives. BenchError."""

    @abstractmethod
    def read_stamping(self, interface: str) -> bytes | None:
        """How it stamps now (`harness.net.nic_stamps`); None where that cannot be read. BenchError."""

    @abstractmethod
    def write_stamping(self, interface: str, config: bytes) -> None:
        """Have it stamp so. BenchError where it does not."""

    @abstractmethod
    def packets(self, interface: str, patience: float = 0.0) -> Packets:
        """Capture, and send, at an interface. BenchError where that cannot be.

        Elsewhere a frame that the interface does not take waits for so many seconds, and the bench is broken
        then. Here, and where that is 0, it is refused at once.
        """

    @abstractmethod
    def program(self, module: str) -> subprocess.Popen[bytes]:
        """Start a Python program of the harness, with pipes, whose sockets are there. Its argument is the
        namespace to open them in; none where it runs in that itself. BenchError where it cannot be."""

    @abstractmethod
    def inside(self, action: Callable[[], T]) -> T:
        """Do this there, in a thread of this process: sockets that it opens are there. BenchError where the
        place is on another machine."""

    @abstractmethod
    def end_started(self) -> list[int]:
        """End what the bench has started there and what that has started; gives those that do not end. On
        this machine nothing tells them from others, and none are ended."""

    @abstractmethod
    def watcher(self) -> Start | None:
        """Begins to watch its machine; None where that is this one."""

    @abstractmethod
    def close(self) -> None:
        """Leave it."""

    def tool(self, *command: str) -> str:
        """What a command of the system's (ip, tc) prints. BenchError, with what it said, where it fails."""
        said, end = " ".join(command), self.run(list(command), {}, COMMAND_TIME)
        if end.code is None:
            raise BenchError(f"{said} ({self.where}): no answer within {end.seconds:g} s")
        if end.code != 0:
            raise BenchError(f"{said} ({self.where}): {end.errors.strip()}")
        return end.output

    def medium(self, interface: str) -> tuple[int, bool]:
        """An interface's speed in Mbit/s, and whether it is full duplex. BenchError where it has none."""
        return medium(self.read_settings(interface))

    def frames(self, interface: str) -> tuple[int, int]:
        """Frames that an interface has ever received and sent (rx_packets, tx_packets). BenchError."""
        (said,) = json.loads(self.tool("ip", "-s", "-j", "link", "show", "dev", interface))
        return int(said["stats64"]["rx"]["packets"]), int(said["stats64"]["tx"]["packets"])


class Here(Location):
    """This machine; in a network namespace made by `ip netns add`, where one is given."""

    def __init__(self, namespace: str | None) -> None:
        self.namespace = namespace
        self.where = f"{_NAMESPACE}{namespace}" if namespace else "this machine"
        self._inside = NamespaceProcesses(namespace)

    def run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> End:
        begun = time.monotonic()
        inside = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        try:
            done = subprocess.run(
                [*inside, *command],
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
            )
        except FileNotFoundError as error:
            raise BenchError(f"{error.filename}: no such command on this machine") from None
        except subprocess.TimeoutExpired:
            return End(None, "", "", seconds)
        return End(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)

    def find_command(self, name: str) -> str | None:
        """As given, on PATH, or beside the running Python."""
        beside = Path(sys.executable).parent / name
        return shutil.which(name) or (str(beside) if beside.exists() else None)

    def processes(self) -> list[int]:
        return self._inside.pids()

    def link_state(self, interface: str) -> LinkState | None:
        return link_state(self.namespace, interface)

    def read_settings(self, interface: str) -> bytes:
        return read_settings(self.namespace, interface)

    def write_settings(self, interface: str, settings: bytes) -> None:
        write_settings(self.namespace, interface, settings)

    def stamps_all(self, interface: str) -> bool:
        return self.inside(lambda: nic_stamps.stamps_all(interface))

    def read_stamping(self, interface: str) -> bytes | None:
        return self.inside(lambda: nic_stamps.read_config(interface))

    def write_stamping(self, interface: str, config: bytes) -> None:
        self.inside(lambda: nic_stamps.write_config(interface, config))

    def packets(self, interface: str, patience: float = 0.0) -> Packets:
        return PacketSocket(interface, self.namespace)

    def program(self, module: str) -> subprocess.Popen[bytes]:
        """It runs outside of the namespace: it is none of the processes there (`processes`)."""
        pipe = subprocess.PIPE
        place = [self.namespace] if self.namespace else []
        return subprocess.Popen(
            [sys.executable, "-m", module, *place],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )

    def inside(self, action: Callable[[], T]) -> T:
        return in_namespace(self.namespace, action)

    def end_started(self) -> list[int]:
        return []

    def watcher(self) -> None:
        return None

    def close(self) -> None:
        """Nothing is held."""


def named(where: str) -> Here:
    """The place of this machine that has this name. BenchError where none has."""
    if where == Here(None).where:
        return Here(None)
    if where.startswith(_NAMESPACE):
        return Here(where.removeprefix(_NAMESPACE))
    raise BenchError(f"{where}: no place of this machine")
