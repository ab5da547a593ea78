"""agr by itself: its wheel has all of it and needs no other package."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

import agr
from testcases.selftest.daemon.conftest import bpf, lab
from testcases.selftest.daemon.lab import Lab
from testcases.selftest.manual.test_completion import ASK
from testcases.selftest.packaging.wheels import ROOT, Environment, build

__all__ = ["bpf", "lab"]
AGR = ROOT / "agr"
IMPORT_ALL = """
import importlib, pkgutil, agr
for module in pkgutil.walk_packages(agr.__path__, "agr."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(AGR, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"), wheel)


def sources(suffix: str) -> set[str]:
    """Files of agr with that end, as they stand in a wheel."""
    paths = (path.relative_to(ROOT) for path in AGR.rglob(f"*{suffix}"))
    return {str(path) for path in paths if "build" not in path.parts}


def test_its_packages_are_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        files = {name for name in archive.namelist() if name.startswith("agr/")}
    assert files == sources(".py") | sources(".bpf.c") | sources(".bpf.o")


def test_it_needs_no_other_package(environment: Environment, tmp_path: Path) -> None:
    installed = {path.name for path in environment.site_packages.iterdir()}
    assert installed == {"agr", f"agr-{agr.__version__}.dist-info"}
    done = environment.run("python", "-c", IMPORT_ALL, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    asked = "import importlib.metadata as m; print(m.requires('agr'))"
    assert environment.run("python", "-c", asked, cwd=tmp_path).stdout == "None\n"


def test_its_programs_run(environment: Environment, tmp_path: Path) -> None:
    for program in ("agrd", "agrconfig"):
        done = environment.run(program, "--version", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"{program} {agr.__version__}\n"), done.stderr
        done = environment.run(program, "--help", cwd=tmp_path)
        assert done.returncode == 0 and done.stdout.startswith(f"usage: {program}"), done.stderr


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("man/agr.4", "share/man/man4"),
        ("man/agr.conf.5", "share/man/man5"),
        ("man/agrconfig.8", "share/man/man8"),
        ("man/agrd.8", "share/man/man8"),
        ("completion/agrconfig.bash", "share/bash-completion/completions"),
        ("completion/_agrconfig", "share/zsh/site-functions"),
        ("systemd/agrd.service", "lib/systemd/system"),
    ],
)
def test_what_is_no_python_is_where_others_look_for_it(
    environment: Environment, source: str, place: str
) -> None:
    installed = environment.folder / place / Path(source).name
    assert installed.read_bytes() == (AGR / source).read_bytes()


def test_no_file_for_others_is_forgotten() -> None:
    """Each is a case of the test above."""
    here = {path.name for folder in ("man", "completion", "systemd") for path in (AGR / folder).iterdir()}
    (cases,) = (
        mark.args[1]
        for mark in test_what_is_no_python_is_where_others_look_for_it.pytestmark  # type: ignore[attr-defined]
    )
    assert here == {Path(source).name for source, _ in cases}


@pytest.mark.parametrize(
    ("shell", "place"), [("bash", "bash-completion/completions"), ("zsh", "zsh/site-functions")]
)
def test_completion_works_where_it_is_installed(environment: Environment, shell: str, place: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    folder = str(environment.folder / "share" / place)
    command = [shell, *(["-f"] if shell == "zsh" else []), "-c", ASK[shell], shell, folder]
    done = subprocess.run([*command, "agrconfig", "agr0", "cre"], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (["create"], "")


def test_it_moves_frames_in_the_kernel(bpf: None, lab: Lab, environment: Environment) -> None:
    """The compiled programs are in the wheel: an agrd of its own is started, and uses them."""
    host = lab.host()
    words = (
        "env",
        f"AGR_RUNDIR={host.directory.path}",
        str(environment.folder / "bin" / "agrconfig"),
        "agr0",
    )
    host.run(*words, "create")
    assert "data path: bpf" in host.run(*words, "-v")
    host.run(*words, "destroy")
