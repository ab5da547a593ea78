"""No file imports one that imports it, nor does a folder: imports for type checkers count.

import-linter's contract sees circles of siblings; a folder and its parent are none.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[3]
TOPS = ["harness", "agr"]


def of_files(top: str) -> dict[str, set[str]]:
    """By module: the modules of the same package that it imports."""
    graph = grimp.build_graph(top, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def of_folders(files: Mapping[str, set[str]], root: Path) -> dict[str, set[str]]:
    """By folder: the other folders whose files its files import."""

    def folder(module: str) -> str:
        path = module.replace(".", "/")
        return path if (root / path).is_dir() else path.rpartition("/")[0]

    found: dict[str, set[str]] = {}
    for module, imported in files.items():
        found.setdefault(folder(module), set()).update(
            {folder(other) for other in imported} - {folder(module)}
        )
    return found


def circle(imports: Mapping[str, set[str]]) -> list[str]:
    """One circle, its first member again at the end; empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("top", TOPS)
def test_no_file_imports_one_that_imports_it(top: str) -> None:
    assert circle(of_files(top)) == []


@pytest.mark.parametrize("top", TOPS)
def test_no_folder_imports_one_that_imports_it(top: str) -> None:
    assert circle(of_folders(of_files(top), ROOT)) == []


@pytest.mark.parametrize(
    ("above", "below", "files", "folders"),
    [
        ("import circular.down.below", "", False, False),
        ("import circular.down.below", "import circular.above", True, True),
        ("import circular.down.below", "import circular.aside", False, True),
        (
            "import circular.down.below",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from circular import above",
            True,
            True,
        ),
    ],
)
def test_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: str, below: str, files: bool, folders: bool
) -> None:
    """A folder and the one above it are a circle too, also by two files that are none."""
    for name, text in {
        "__init__": "",
        "above": above,
        "aside": "",
        "down/__init__": "",
        "down/below": below,
    }.items():
        path = tmp_path / "circular" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "circular", raising=False)
    found = of_files("circular")
    assert bool(circle(found)) is files
    assert bool(circle(of_folders(found, tmp_path))) is folders
