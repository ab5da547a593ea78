"""Emulated benches with something wrong at the switch: what EmulatedParts starts, and then a trouble."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import tty
from pathlib import Path
from typing import Any

from fixtures.emulated.parts import EmulatedParts
from harness.lab.schema import Lab
from testcases.selftest.runs.traces import Traces

HOLDER = """
import fcntl, os, sys, termios
terminal = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.ioctl(terminal, termios.TIOCEXCL)
fcntl.flock(terminal, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


class _Troubled(EmulatedParts):
    """Changes what the switch says of itself."""

    def __init__(self, lab: Lab, name: str, state: Path) -> None:
        super().__init__(lab, name, state)
        self._handover = state / "switch" / "switch.json"

    def start(self) -> None:
        """Everything, and then the trouble."""
        super().start()
        Traces.of(self._name).write(Path(os.environ["RUNS_TRACES"]))
        self.trouble(json.loads(self._handover.read_text()))

    def trouble(self, said: dict[str, Any]) -> None:
        """Make it; here, none."""

    def change(self, said: dict[str, Any], **changes: Any) -> None:
        """Let the switch say something else."""
        self._handover.write_text(json.dumps(said | changes))


class NoTrouble(_Troubled):
    """Nothing is wrong here."""


class SilentConsole(_Troubled):
    """A terminal at whose other end nobody answers."""

    def trouble(self, said: dict[str, Any]) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.change(said, console=os.ttyname(slave))


class HeldConsole(_Troubled):
    """A terminal that another program has taken for itself."""

    _holder: subprocess.Popen[str] | None = None

    def trouble(self, said: dict[str, Any]) -> None:
        command = [sys.executable, "-c", HOLDER, said["console"]]
        self._holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None and self._holder.stdout.readline() == "held\n"

    def stop(self) -> None:
        """The other program ends too."""
        if self._holder is not None:
            self._holder.communicate()
        super().stop()


class ConsoleHangsUp(_Troubled):
    """The line to the console goes dead in the middle of a command."""

    COMMAND = b"show running-config"

    def trouble(self, said: dict[str, Any]) -> None:
        console = os.open(said["console"], os.O_RDWR | os.O_NOCTTY)
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.change(said, console=os.ttyname(slave))
        os.set_inheritable(slave, False)
        threading.Thread(target=self._pass, args=(master, slave, console), daemon=True).start()

    def _pass(self, master: int, slave: int, console: int) -> None:
        typed = b""
        while self.COMMAND not in typed:
            for ready in select.select([master, console], [], [])[0]:
                octets = os.read(ready, 4096)
                if ready == master:
                    typed += octets
                os.write(console if ready == master else master, octets)
        for descriptor in (master, slave, console):
            os.close(descriptor)


class DeadSsh(_Troubled):
    """Nothing listens any more where the SSH server was."""

    def trouble(self, said: dict[str, Any]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as once:
            port = once.getsockname()[1]
        self.change(said, ssh={"host": "127.0.0.1", "port": port})


class SwitchEnds(_Troubled):
    """The switch dies when it is told to change something for the first time."""

    def trouble(self, said: dict[str, Any]) -> None:
        threading.Thread(target=self._end, args=(said["pid"], self._state), daemon=True).start()

    def _end(self, pid: int, state: Path) -> None:
        while not (state / "switch.journal").exists():
            select.select([], [], [], 0.005)
        os.kill(pid, signal.SIGKILL)
