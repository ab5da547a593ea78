"""How far one clock is ahead of another: nobody can read both at one moment.

It runs at the far end of an SSH connection too (`harness.host.far_end`): Python 3.9.
"""

from __future__ import annotations

from collections.abc import Callable

LOOKS = 5


def ahead(other: Callable[[], int], clock: Callable[[], int], quick: int = 0) -> tuple[int, int]:
    """By how many ns ``other`` is ahead of ``clock``, and in how many it was looked at.

    Whoever is between two readings makes them differ, so that of several looks the quickest counts; one that
    took less than ``quick`` ns is enough.
    """
    looks = []
    for _ in range(LOOKS):
        before = clock()
        its = other()
        took = clock() - before
        looks.append((took, its - before - took // 2))
        if took < quick:
            break
    took, found = min(looks)
    return found, took
