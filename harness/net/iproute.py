"""Runs iproute2's `ip` and `tc` in a network namespace."""

from __future__ import annotations

import subprocess

from harness.verdict import BenchError

COMMAND_TIME = 30.0
"""Seconds after which a command counts as hung: the kernel's lock for such changes (RTNL) is held long."""


def ip(namespace: str | None, *words: str) -> str:
    """Run iproute2's `ip`, in a namespace where one is given. Raises BenchError with what it said."""
    return _run(["ip", *(["-n", namespace] if namespace else []), *words])


def tc(namespace: str | None, *words: str) -> str:
    """Run iproute2's `tc`, in a namespace where one is given. Raises BenchError with what it said."""
    return _run(["tc", *(["-n", namespace] if namespace else []), *words])


def _run(command: list[str]) -> str:
    said = " ".join(command)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_TIME,
        )
    except FileNotFoundError:
        raise BenchError(f"{command[0]}: command not found; install the package iproute2") from None
    except subprocess.TimeoutExpired:
        raise BenchError(f"{said}: no answer within {COMMAND_TIME:g} s") from None
    if done.returncode != 0:
        raise BenchError(f"{said}: {done.stderr.strip()}")
    return done.stdout
