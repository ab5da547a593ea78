"""iproute2."""

from __future__ import annotations

import subprocess

from harness.verdict import BenchError


def ip(namespace: str | None, *words: str) -> str:
    """Run iproute2's `ip`, in a namespace where one is given. Raises BenchError with what it said."""
    command = ["ip", *(["-n", namespace] if namespace else []), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
