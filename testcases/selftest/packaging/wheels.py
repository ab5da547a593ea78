"""Wheels of this checkout, and environments of their own in which they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Of a checkout, what is no source: installed, built, or written by a run.
_OTHERS = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "reports")


def build(project: Path, folder: Path) -> Path:
    """The wheel of a project, built in ``folder`` of a copy of its sources, by the tests' own setuptools."""
    sources = folder / "sources"
    shutil.copytree(project, sources, ignore=_OTHERS)
    _pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(sources))
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment in ``folder`` with nothing in it but one wheel."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        venv.create(folder, symlinks=True)
        _pip("--python", str(folder / "bin" / "python"), "install", str(wheel))

    @property
    def site_packages(self) -> Path:
        """Where the wheel's packages are."""
        (found,) = self.folder.glob("lib/python*/site-packages")
        return found

    def borrow(self) -> None:
        """Add what is installed where the tests run, for the wheel's dependencies."""
        (self.site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(self, program: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in the folder ``cwd``, whatever comes of it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment = {**inherited, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        command = [self.folder / "bin" / program, *words]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def _pip(*words: str) -> None:
    """Run pip without network. Fails with what it says."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--no-deps", "--no-index"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
