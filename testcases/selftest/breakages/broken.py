"""A copy of agr, as it is or broken."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.syntax import Stale, changed_c, changed_python

SIMULATED = "fixtures/simulated"
COMPILE, PROGRAM = "fixtures/compile_bpf.sh", ".bpf.c"


def copy(folder: Path, breakage: Breakage | None = None) -> Path:
    """Copy the package agr into ``folder``, which need not exist, break the copy, and give ``folder``.

    A program for the kernel is compiled anew. Raises Stale where the breakage does not fit the code.
    """
    spec = importlib.util.find_spec("agr")
    if spec is None or spec.origin is None:
        raise ImportError("there is no package agr to copy")
    changed = Path(breakage.file).stem if breakage else ""
    ignored = shutil.ignore_patterns(f"{changed}.*.pyc")  # the other files need not be compiled again
    shutil.copytree(Path(spec.origin).parent, folder / "agr", ignore=ignored)
    if breakage is not None:
        if breakage.simulated:
            shutil.copytree(ROOT / SIMULATED, folder / SIMULATED, ignore=ignored)
            (folder / SIMULATED).parent.joinpath("__init__.py").touch()
        path = source(folder, breakage)
        path.write_text(broken(path.read_text(encoding="utf-8"), breakage), encoding="utf-8")
        if breakage.file.endswith(PROGRAM):
            subprocess.run([ROOT / COMPILE, path], check=True, capture_output=True)
    return folder


def source(folder: Path, breakage: Breakage) -> Path:
    """The file to break, in a copy or in the repository."""
    return folder / (SIMULATED if breakage.simulated else "agr") / breakage.file


def broken(text: str, breakage: Breakage) -> str:
    """The text of the broken file. Raises Stale, with the breakage's name, where it does not fit the code."""
    change = changed_c if breakage.file.endswith(PROGRAM) else changed_python
    try:
        return change(text, breakage.changes)
    except Stale as error:
        raise Stale(f"{breakage.name}: {breakage.file}: {error}") from None
