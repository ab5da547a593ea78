"""Commands on the host under test, wherever that is."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

from harness.host.location import Location
from harness.verdict import BenchError, ImplementationRefused

COMMAND_TIME = 30.0
"""Seconds after which a command of the implementation counts as hung, where nobody says another time."""

HELD_UP = 0.5
"""The part of its time that a hung command must have been held up, so that it may have been that."""


class Host:
    """Where the implementation runs. ``command_time``: seconds after which a command of it has hung.

    ``making`` is told the name of an interface before it is made: by an adapter of those that its
    implementation makes, here of those that iproute2 does.
    """

    def __init__(
        self,
        at: Location,
        environment: Mapping[str, str] | None = None,
        command_time: float = COMMAND_TIME,
    ) -> None:
        self.at = at
        self._environment = environment or {}
        self._command_time = command_time
        self.making: Callable[[str], None] = lambda interface: None

    def processes(self) -> list[int]:
        """Those in its namespace, commands among them; none where it has no namespace of its own."""
        return self.at.processes()

    def find_command(self, name: str) -> str:
        """Path of a command there: as given, or by its name. BenchError when it is nowhere."""
        found = self.at.find_command(name)
        if found is None:
            raise BenchError(f"implementation.command: there is no command {name}, on PATH or beside Python")
        return found

    def find_companion(self, name: str, command: str) -> str:
        """Path of another program of the same installation: beside a command, or by its name."""
        return self.at.find_command(str(Path(command).with_name(name))) or self.find_command(name)

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
        for interface in _made(command):
            self.making(interface)
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
        end = self.at.run(command, self._environment, self._command_time)
        if end.code is None:
            answer = f"no answer within {end.seconds:g} s"
            raise ImplementationRefused(_spelled(command), answer, end.seconds, HELD_UP * end.seconds)
        said = (end.errors.strip() or end.output.strip() or "nothing said").replace("\n", "; ")
        return end.code, said, end.output, end.seconds


def _made(command: list[str]) -> list[str]:
    """The interfaces that ip-link(8) is told to make: ``ip link add [name] NAME ... [peer name NAME]``."""
    if command[:3] != ["ip", "link", "add"]:
        return []
    words = command[3:]
    named = [name for word, name in pairwise(words) if word in ("dev", "name")]
    return named if words[:1] in (["dev"], ["name"]) else [*words[:1], *named]


def _spelled(command: list[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])


def _ended(code: int) -> str:
    """How a program ended, by what subprocess says of it: its exit code, or the signal of a crash."""
    return f"exit {code}" if code >= 0 else f"it crashed, signal {-code} ({signal.strsignal(-code)})"
