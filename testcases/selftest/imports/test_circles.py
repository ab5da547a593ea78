"""No file imports one that imports it, and no folder either: not even for types, not even through others."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

Imports = dict[str, set[str]]


def circle(imports: Imports) -> list[str]:
    """One circle of names, its first one twice; empty where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def of_files(package: str) -> Imports:
    graph = grimp.build_graph(package.partition(".")[0])
    return {
        name: graph.find_modules_directly_imported_by(name)
        for name in graph.modules
        if f"{name}.".startswith(f"{package}.")
    }


def of_folders(files: Imports) -> Imports:
    packages = {name.rpartition(".")[0] for name in files}

    def folder(name: str) -> str:
        return name if name in packages else name.rpartition(".")[0]

    folders: Imports = {}
    for name, imported in files.items():
        folders.setdefault(folder(name), set()).update(map(folder, imported))
    return {name: imported - {name} for name, imported in folders.items()}


@pytest.mark.parametrize("package", ["agr.cli", "agr.control", "agr.daemon"])
def test_files(package: str) -> None:
    assert circle(of_files(package)) == []


@pytest.mark.parametrize("package", ["agr"])
def test_folders(package: str) -> None:
    assert circle(of_folders(of_files(package))) == []


def test_a_circle_is_found() -> None:
    files = {"a.x": {"a.b.y"}, "a.b.y": {"a.b.z"}, "a.b.z": {"a.w"}, "a.w": set[str]()}
    assert circle(files) == []
    assert set(circle(of_folders(files))) == {"a", "a.b"}
    assert len(circle({**files, "a.w": {"a.x"}})) == 5
