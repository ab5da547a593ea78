"""The garbage collector, told what lasts.

A testcase keeps every frame that it sees, tens of thousands of them at times, and none is part of a cycle: at
its usual pace the collector would go through all that is loaded again and again, for nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000
"""So many new ones before the collector looks at them."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """What is there at the start of the block stays for good; what comes in it is gone through seldom."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
