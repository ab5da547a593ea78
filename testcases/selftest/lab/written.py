"""Lab files that differ from a good one in a few places."""

from __future__ import annotations

from pathlib import Path


def written(folder: Path, good: str, *changes: tuple[str, str]) -> str:
    """The path of a lab file with texts replaced that stand in the good one once."""
    text = good
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "lab.yaml"
    path.write_text(text)
    return str(path)
