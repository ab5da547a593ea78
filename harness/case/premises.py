"""Which requirement is broken where a link does not come up: the first step that was not reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.pdu import Frame, State
from harness.profile.constants import AGGREGATE_WAIT_TIME, FAST_PERIODIC_TIME

BRING_UP_TIME = float(AGGREGATE_WAIT_TIME + 8 * FAST_PERIODIC_TIME)
"""Seconds an implementation has to reach Distributing with a willing, fast partner: a testcase's premise.

No time of the clause's, and generous: a plain number, to which no timer's tolerance is added.
"""

STEP_LATE = 3 * BRING_UP_TIME
"""Seconds for which who was not in time is watched: whether it does not come, or is late by a step."""

Premise = str | Callable[[Sequence[Frame]], str]
"""A row, or what gives it from the frames that the implementation has sent in the time that was judged."""


def step_missed(frames: Sequence[Frame]) -> str:
    """The row of the first step of a link's way to Distributing which its last LACPDU does not show.

    In the order of 43.4.12 and 43.4.15: LACPDUs at all, CURRENT, ATTACHED, COLLECTING, DISTRIBUTING.
    """
    return _missed(frames, silent="PT-01")


def step_missed_anew(frames: Sequence[Frame]) -> str:
    """The same where the partner, that had Timeout=0 or was silent, wants the fast period from now on."""
    return _missed(frames, silent="PT-04")


def step_late(frames: Sequence[Frame], start: float) -> str:
    """The same of a link whose way begins at a time, by all the frames on its wire: what its partner wanted
    before says which of the two it is."""
    told = [frame for frame in frames if frame.sent and frame.is_lacpdu and frame.time < start]
    slow = bool(told) and State.Timeout not in told[-1].actor.state
    sent = [frame for frame in frames if not frame.sent and frame.time >= start]
    return (step_missed_anew if slow else step_missed)(sent)


def _missed(frames: Sequence[Frame], silent: str) -> str:
    lacpdus = [frame for frame in frames if frame.is_lacpdu]
    if not lacpdus:
        return silent
    state = lacpdus[-1].actor.state
    for missed, row in (
        (State.Expired in state, "RX-15"),
        (State.Defaulted in state, "RX-16"),
        (State.Synchronization not in state, "MX-02"),
        (State.Collecting not in state, "MX-06"),
    ):
        if missed:
            return row
    return "MX-08"
