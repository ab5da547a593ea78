"""What is no Python is installed all the same: manual pages, completion, the unit, the kernel's program."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def installed() -> set[Path]:
    """Files of agr that setuptools takes besides Python's, by the patterns in pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        patterns = tomllib.load(file)["tool"]["setuptools"]["package-data"]
    packages = [path.parent for path in (ROOT / "agr").rglob("__init__.py")]
    of_agr = {path for pattern in patterns["agr"] for path in (ROOT / "agr").glob(pattern)}
    return of_agr | {
        path for package in packages for pattern in patterns["*"] for path in package.glob(pattern)
    }


@pytest.mark.parametrize("folder", ["man", "completion", "systemd"])
def test_a_folder_of_data(folder: str) -> None:
    there = {path for path in (ROOT / "agr" / folder).rglob("*") if path.is_file()}
    assert there and there <= installed()


def test_nothing_of_agr_stays_behind() -> None:
    """But for what is compiled from it where it is needed."""
    others = {
        path
        for path in (ROOT / "agr").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".o")
    }
    assert others <= installed()
