"""What a name in a lab file stands for: classes of installed packages, found by their entry points.

An implementation, a switch driver, a generator or a result writer is registered in the pyproject.toml of the
package that brings it, agr-lab's own as anybody's:

    [project.entry-points."agr_lab.switches"]
    my_switch = "my_package.switch:MySwitch"

A registry looks up entry points when it is first asked, and imports only what it is asked for.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from harness.verdict import UsageError


@dataclass(frozen=True)
class Registry:
    """The entry points of one group; ``noun`` is what each of them is, for messages."""

    group: str
    noun: str

    def names(self) -> list[str]:
        """The names that are installed, in alphabetical order."""
        return sorted({point.name for point in entry_points(group=self.group)})

    def find(self, name: str) -> Any:
        """What the entry point of this name stands for.

        Raises UsageError where there is none, several, or one that cannot be imported.
        """
        return _found(self, name, tuple(sys.path))

    def unknown(self, name: str) -> str:
        """What is said of a name that is not installed: the names there are, and how another is installed."""
        names = self.names()
        near = difflib.get_close_matches(name, names, n=1)
        return (
            f"is not one of {', '.join(names) or 'none (is agr-lab itself installed?)'}"
            f"{f'; did you mean {near[0]}?' if near else '.'}"
            f" Another one comes with its package: {sys.executable} -m pip install PACKAGE"
            f" (entry points {self.group})"
        )


@cache
def _found(registry: Registry, name: str, _path: tuple[str, ...]) -> Any:
    """As `Registry.find`. To look packages up takes milliseconds: what was found on a path stays found."""
    found = list(entry_points(group=registry.group, name=name))
    if not found:
        raise UsageError(f"{name!r} {registry.unknown(name)}")
    if len(found) > 1:
        raise UsageError(f"{name} is the {registry.noun} of several packages: {_packages(found)}")
    try:
        return found[0].load()
    except Exception as error:  # whatever its modules raise when they are imported
        raise UsageError(
            f"the {registry.noun} {name} ({found[0].value} of {_packages(found)}) cannot be imported: "
            f"{_words(error)}"
        ) from None


IMPLEMENTATIONS = Registry("agr_lab.implementations", "implementation")
"""Subclasses of `harness.dut.implementation.Adapter`, and `harness.dut.virtual.VirtualImplementation`s."""

SWITCHES = Registry("agr_lab.switches", "switch driver")
"""Subclasses of `harness.switch.switch.Switch`."""

GENERATORS = Registry("agr_lab.generators", "generator")
"""Subclasses of `harness.traffic.source.Source`."""

RESULTS = Registry("agr_lab.results", "result writer")
"""Callables as `harness.report.write.ResultWriter`; the name is that of the file or folder they write."""


def load_object(where: str) -> Any:
    """What ``module:Class`` names; the current directory is searched first.

    Raises UsageError that says what is wrong with it.
    """
    module, _, attribute = where.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:  # whatever the module raises when it is imported
        raise UsageError(f"{where}: {_words(error)}") from None


def _packages(points: list[EntryPoint]) -> str:
    """The packages that register them, with versions."""
    return " and ".join(sorted(f"{point.dist.name} {point.dist.version}" for point in points if point.dist))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
