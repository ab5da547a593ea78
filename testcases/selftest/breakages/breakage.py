"""What a breakage is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breakage:
    """One way to be wrong.

    ``old`` occurs exactly once in ``file`` (relative to the package agr) and becomes ``new``. At least one of
    ``rows`` must fail for it, with a message that names ``clause``. What is ``kernel`` shows on a bench with
    kernel interfaces alone, and where it is of one ``data_path`` (bpf or python) where agr has that; what is
    ``simulated`` is of the data path that agr has on the simulated bench, and ``file`` relative to
    fixtures/simulated.
    """

    name: str
    file: str
    old: str
    new: str
    rows: tuple[str, ...]
    clause: str
    kernel: bool = False
    simulated: bool = False
    data_path: str = ""


def octets(name: str, row: str, first: int, behind: int) -> Breakage:
    """Octets ``first`` to ``behind`` of each LACPDU's frame, that should be zero, are FF."""
    return Breakage(
        name=name,
        file="core/lacpdu.py",
        old='    return frame.ljust(SLOW_FRAME_LENGTH, b"\\0")',
        new='    frame = frame.ljust(SLOW_FRAME_LENGTH, b"\\0")\n'
        f"    return frame[:{first}] + bytes([255] * {behind - first}) + frame[{behind}:]",
        rows=(row,),
        clause="43.4.2.2",
    )
