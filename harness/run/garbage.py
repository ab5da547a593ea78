"""The garbage collector, told what lasts.

A testcase keeps every frame that it sees, tens of thousands of them at times, and none is part of a cycle: at
its usual pace the collector would go through all that is loaded again and again, for nothing.
"""

from __future__ import annotations

import gc

OBJECTS = 50_000
"""So many new ones before the collector looks at them."""


def seldom_collected() -> None:
    """In a process that runs testcases: what is there now stays for good, what comes is gone through less."""
    gc.freeze()
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])
