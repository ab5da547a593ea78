"""A copy of agr, as it is or broken."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

from testcases.selftest.breakages import ROOT
from testcases.selftest.breakages.breakage import Breakage

SIMULATED = "fixtures/simulated"
COMPILE, PROGRAM = "fixtures/compile_bpf.sh", ".bpf.c"


class Stale(Exception):
    """A breakage whose text does not stand exactly once in its file: it must follow the code."""


def copy(folder: Path, breakage: Breakage | None = None) -> Path:
    """Copy the package agr into ``folder``, which need not exist, break the copy, and give ``folder``.

    A program for the kernel is compiled anew. Raises Stale where the breakage does not fit the code.
    """
    spec = importlib.util.find_spec("agr")
    if spec is None or spec.origin is None:
        raise ImportError("there is no package agr to copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(spec.origin).parent, folder / "agr", ignore=ignored)
    if breakage is not None:
        if breakage.simulated:
            shutil.copytree(ROOT / SIMULATED, folder / SIMULATED, ignore=ignored)
            (folder / SIMULATED).parent.joinpath("__init__.py").touch()
        package = SIMULATED if breakage.simulated else "agr"
        broken = folder / package / breakage.file
        _break(broken, breakage)
        if breakage.file.endswith(PROGRAM):
            subprocess.run([ROOT / COMPILE, broken], check=True, capture_output=True)
    return folder


def _break(path: Path, breakage: Breakage) -> None:
    text = path.read_text(encoding="utf-8")
    found = text.count(breakage.old)
    if found != 1:
        raise Stale(f"{breakage.name}: {breakage.file} holds {breakage.old!r} {found} times, not once")
    path.write_text(text.replace(breakage.old, breakage.new), encoding="utf-8")
