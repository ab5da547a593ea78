"""The reference model, broken: imported anew with one file changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.syntax import changed_python
from testcases.selftest.devices.breakage import BreakageOnTop

MODEL, DEVICES = "harness.reference", "testcases.selftest.devices"


class _Changed(SourceLoader):
    """Source that stands in no file."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path, source

    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    def get_data(self, path: str) -> bytes:
        return self._source.encode()


class _Finder(MetaPathFinder):
    """Finds one module as it was changed."""

    def __init__(self, name: str, loader: _Changed) -> None:
        self._name, self._loader = name, loader

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_loader(fullname, self._loader) if fullname == self._name else None


def changed(breakage: BreakageOnTop) -> tuple[Path, str]:
    """The file, and its text as it is changed. Raises `syntax.Stale` where the change does not fit."""
    path = ROOT / "harness" / "reference" / breakage.file
    return path, changed_python(path.read_text(encoding="utf-8"), [breakage.change])


@contextmanager
def broken(breakage: BreakageOnTop) -> Iterator[None]:
    """While the block runs this process has the model and the devices anew, with the breakage in them."""
    path, source = changed(breakage)
    finder = _Finder(f"{MODEL}.{path.stem}", _Changed(path, source))
    whole = _taken_out()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _taken_out()
        sys.modules.update(whole)


def _taken_out() -> dict[str, ModuleType]:
    """The modules of the model and the devices, which are imported anew when they are wanted again."""
    names = [name for name in sys.modules if name == MODEL or name.startswith((f"{MODEL}.", f"{DEVICES}."))]
    return {name: sys.modules.pop(name) for name in names}
