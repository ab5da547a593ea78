"""The project's wheel: the suite is in it, and runs from any folder with a lab file."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

import agr
from harness.run.last_run import not_passed
from testcases.selftest.packaging.wheels import ROOT, Environment, build
from testcases.selftest.runs.command import agr_lab

# Of packages in the wheel, what is there besides Python: data that they read, programs for the kernel.
DATA = (".json", ".yaml", ".j2", ".css", ".bpf.c", ".bpf.o")
PACKAGES = ("agr", "harness", "fixtures", "testcases/conformance")
# What stays in the checkout: three extend lab.yaml; one is a project of its own.
CHECKOUT_ONLY = (
    "fixtures/labs/nothing-straight.yaml",
    "fixtures/labs/python-path.yaml",
    "fixtures/labs/reference-switch.yaml",
    "fixtures/example/",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("environment"), wheel)
    environment.borrow()
    return environment


@pytest.fixture
def folder(environment: Environment, tmp_path: Path) -> Path:
    """A user's folder: in it is nothing but a lab file, of a simulated bench."""
    labs = environment.site_packages / "fixtures" / "labs"
    (tmp_path / "lab.yaml").write_text(f"extends: {labs}/simulated.yaml\nname: mine\n")
    return tmp_path


def test_packages_and_their_data_are_in_the_wheel_and_no_tests_of_the_project(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        files = set(archive.namelist())
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    wanted = {str(path.relative_to(ROOT)) for path in paths if path.name.endswith((".py", *DATA))}
    assert {name for name in wanted if not name.startswith(CHECKOUT_ONLY)} <= files
    assert not [name for name in files if name.startswith(("testcases/selftest/", "testcases/benchmarks/"))]


def test_version(environment: Environment, tmp_path: Path) -> None:
    done = environment.run("agr-lab", "--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"agr-lab {agr.__version__}\n"), done.stderr


def test_the_catalogue_is_that_of_the_checkout(environment: Environment, tmp_path: Path) -> None:
    installed = environment.run("agr-lab", "catalogue", "--json", cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    assert installed.stdout == agr_lab("catalogue", "--json").out


def test_a_plan(environment: Environment, folder: Path) -> None:
    done = environment.run("agr-lab", "plan", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "testcases can run on bench mine" in done.stdout.splitlines()[0]


def test_a_run(environment: Environment, folder: Path) -> None:
    """Testcases of two benches side by side pass, and their reports are beside the lab file."""
    done = environment.run("agr-lab", "run", "--rows", "RX-01", "MK-01", "LF-01", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = folder / "reports"
    assert (reports / "index.html").exists() and not_passed(reports) == {}
    assert {path.name for path in folder.iterdir()} == {"lab.yaml", "reports"}


def test_a_run_with_reports_elsewhere(environment: Environment, folder: Path) -> None:
    done = environment.run("agr-lab", "run", "--rows", "RX-01", "--reports", "elsewhere", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "elsewhere" / "junit.xml").exists()


def test_the_lab_files_in_it_are_sound(environment: Environment, tmp_path: Path) -> None:
    """They name no file of the checkout."""
    labs = [str(path) for path in (environment.site_packages / "fixtures" / "labs").glob("*.yaml")]
    assert len(labs) > 3
    load = "import sys; from harness.lab import load; [load(path) for path in sys.argv[1:]]"
    done = environment.run("python", "-c", load, *labs, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
