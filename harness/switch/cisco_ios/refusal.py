"""A command that the switch does not do; apart from the session, which loads netmiko."""

from __future__ import annotations

from harness.verdict import BenchError


class Refusal(BenchError):
    """The switch understood the session, but does not do the command; the session goes on."""
