"""Which requirement is broken where a link does not come up: the first step that was not reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.pdu import Frame, State

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
