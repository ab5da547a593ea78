"""A breakage on top of a device."""

from __future__ import annotations

from dataclasses import dataclass

from testcases.selftest.breakages.breakage import Change


@dataclass(frozen=True)
class BreakageOnTop:
    """A device that is wrong besides: in ``file`` of the reference model a `Change` is made.

    At least one of ``rows`` must fail for it.
    """

    name: str
    device: str
    file: str
    change: Change
    rows: tuple[str, ...]


def broken(device: str, name: str, file: str, place: str, old: str, new: str, rows: str) -> BreakageOnTop:
    """One place of one file of the model is another; ``rows`` with blanks between them."""
    return BreakageOnTop(name, device, f"{file}.py", Change(place, old, new), tuple(rows.split()))
