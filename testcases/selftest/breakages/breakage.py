"""What a breakage is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """In ``place``, a function, a class or what has a value at the top of its file, ``old`` becomes ``new``.

    ``old`` is an expression, or one or more statements; it stands once in ``place``, laid out in any way.
    ``new`` is the same kind of code, or nothing.
    """

    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Breakage:
    """One way to be wrong.

    In ``file`` (relative to the package agr) a `Change` is made: ``place``, ``old``, ``new``; ``also`` has
    further ones. At least one of ``rows`` must fail for it, with a message that names ``clause``. What is
    ``kernel`` shows on a bench with kernel interfaces alone, and where it is of one ``data_path`` (bpf or
    python) where agr has that; what is ``simulated`` is of the data path that agr has on the simulated bench,
    and ``file`` relative to fixtures/simulated.
    """

    name: str
    file: str
    place: str
    old: str
    new: str
    rows: tuple[str, ...]
    clause: str
    kernel: bool = False
    simulated: bool = False
    data_path: str = ""
    also: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, in the order in which they are made."""
        return Change(self.place, self.old, self.new), *self.also


def octets(name: str, row: str, first: int, behind: int) -> Breakage:
    """Octets ``first`` to ``behind`` of each LACPDU's frame, that should be zero, are FF."""
    return Breakage(
        name=name,
        file="core/lacpdu.py",
        place="encode",
        old='return frame.ljust(SLOW_FRAME_LENGTH, b"\\0")',
        new='frame = frame.ljust(SLOW_FRAME_LENGTH, b"\\0")\n'
        f"return frame[:{first}] + bytes([255] * {behind - first}) + frame[{behind}:]",
        rows=(row,),
        clause="43.4.2.2",
    )
