"""What testcases that only look have in common: one capture, made once a bench and judged by each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.pdu import Frame


@dataclass
class Look:
    """What the testcase that made it has `found`, all `frames` of that by capture, and the report's `facts`.

    It is there for others when that testcase passed on a bench without troubles, and once for each: what is
    run again makes its own.
    """

    name: str
    found: Any
    facts: dict[str, str] = field(default_factory=dict)
    frames: dict[str, list[Frame]] = field(default_factory=dict)
    judged_by: set[str] = field(default_factory=set)
