"""Commands on the host under test: here, or in a network namespace of this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from harness.host.processes import NamespaceProcesses
from harness.verdict import BenchError, ImplementationRefused

COMMAND_TIME = 30.0
"""Seconds after which a command of the implementation counts as hung, where nobody says another time."""

HELD_UP = 0.5
"""The part of its time that a hung command must have been held up, so that it may have been that."""


class Host:
    """Where the implementation runs. ``command_time``: seconds after which a command of it has hung."""

    def __init__(
        self,
        namespace: str | None,
        environment: Mapping[str, str] | None = None,
        command_time: float = COMMAND_TIME,
    ) -> None:
        self.namespace = namespace
        self._environment = {**os.environ, **(environment or {})}
        self._command_time = command_time
        self._inside = NamespaceProcesses(namespace)

    def processes(self) -> list[int]:
        """Those in its namespace, commands among them; none where it has no namespace of its own."""
        return self._inside.pids()

    def run(self, command: list[str]) -> str:
        """Run a command of the implementation; gives its output. ImplementationRefused where it fails, or
        crashes."""
        code, answer, output, seconds = self._run(command)
        if code != 0:
            raise ImplementationRefused(_spelled(command), f"{_ended(code)}: {answer}", seconds)
        return output

    def tool(self, command: list[str]) -> str:
        """Run a program that is not the implementation's own, such as ip; gives its output.

        ImplementationRefused where it says that it could not do what it was asked: the operating system
        speaks for the implementation. BenchError where the program itself crashes: that says nothing of
        anybody else.
        """
        code, answer, output, seconds = self._run(command)
        if code < 0:
            raise BenchError(
                f"{_spelled(command)}: {_ended(code)}; {Path(command[0]).name} is a tool of the adapter and "
                "not the implementation, which was not judged: another version of it may do"
            )
        if code != 0:
            raise ImplementationRefused(_spelled(command), f"{_ended(code)}: {answer}", seconds)
        return output

    def _run(self, command: list[str]) -> tuple[int, str, str, float]:
        """Exit code, what was said of a failure, output, and the seconds that it took."""
        begun = time.monotonic()
        inside = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        try:
            done = subprocess.run(
                [*inside, *command],
                capture_output=True,
                text=True,
                check=False,
                timeout=self._command_time,
                stdin=subprocess.DEVNULL,
                env=self._environment,
            )
        except FileNotFoundError as error:
            raise BenchError(f"{error.filename}: no such command on this machine") from None
        except subprocess.TimeoutExpired:
            seconds = self._command_time
            answer = f"no answer within {seconds:g} s"
            raise ImplementationRefused(_spelled(command), answer, seconds, HELD_UP * seconds) from None
        said = (done.stderr.strip() or done.stdout.strip() or "nothing said").replace("\n", "; ")
        return done.returncode, said, done.stdout, time.monotonic() - begun


def _spelled(command: list[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])


def _ended(code: int) -> str:
    """How a program ended, by what subprocess says of it: its exit code, or the signal of a crash."""
    return f"exit {code}" if code >= 0 else f"it crashed, signal {-code} ({signal.strsignal(-code)})"


def find_companion(name: str, command: str) -> str:
    """Path of another program of the same installation: beside a command, or where `find_command` looks."""
    return shutil.which(Path(command).with_name(name)) or find_command(name)


def find_command(name: str) -> str:
    """Path of a command: as given, on PATH, or beside the running Python. BenchError when it is nowhere."""
    beside = Path(sys.executable).parent / name
    found = shutil.which(name) or (str(beside) if beside.exists() else None)
    if found is None:
        raise BenchError(f"implementation.command: there is no command {name} on PATH or beside {beside}")
    return found
