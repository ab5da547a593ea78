"""Entry points of installed packages, and what is said of those that cannot be used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from harness.lab import load
from harness.registry import GENERATORS, IMPLEMENTATIONS, RESULTS, SWITCHES, Registry, load_object
from harness.report.summary import summary_exit_code
from harness.report.write import write_reports
from harness.verdict import UsageError
from testcases.selftest.report import sample

ROOT = Path(__file__).parents[3]

LAB = """\
kind: simulated
name: bench
implementation: {adapter: ADAPTER}
wires:
  - {name: a, port: re4, to: tester}
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(packages: Path, name: str, group: str, point: str, code: str = "") -> None:
    """A package of one module, as pip leaves it there."""
    info = packages / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{point}\n")
    (packages / f"{name}.py").write_text(code)
    sys.modules.pop(name, None)  # another test's
    importlib.invalidate_caches()


def lab_with(adapter: str, folder: Path) -> Path:
    path = folder / "lab.yaml"
    path.write_text(LAB.replace("ADAPTER", adapter))
    return path


def test_ours_are_found_as_anybody_s() -> None:
    assert {"agr", "openvswitch", "simulated"} <= set(IMPLEMENTATIONS.names())
    assert "cisco_ios" in SWITCHES.names()
    assert {"own", "tcpreplay", "trex", "otg"} <= set(GENERATORS.names())
    assert {"junit.xml", "index.html", "coverage.json"} <= set(RESULTS.names())


@pytest.mark.parametrize("registry", [IMPLEMENTATIONS, SWITCHES, GENERATORS, RESULTS], ids=lambda r: r.group)
def test_every_one_of_ours_can_be_imported(registry: Registry) -> None:
    assert all(callable(registry.find(name)) for name in registry.names())


def test_a_package_that_is_installed_brings_a_name(packages: Path) -> None:
    install(packages, "new_switch", "agr_lab.switches", "new = new_switch:New", "class New: ...\n")
    assert "new" in SWITCHES.names()
    assert SWITCHES.find("new").__name__ == "New"


@pytest.mark.parametrize(
    ("point", "code", "said"),
    [
        ("new = new_dut:New", "import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("new = new_dut:New", "class (", "SyntaxError: "),
        ("new = new_dut:New", "raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("new = new_dut:New", "", "AttributeError: module 'new_dut' has no attribute 'New'"),
    ],
)
def test_one_that_cannot_be_imported_is_one_sentence(
    packages: Path, point: str, code: str, said: str
) -> None:
    install(packages, "new_dut", "agr_lab.implementations", point, code)
    with pytest.raises(UsageError) as caught:
        load(lab_with("new", packages))
    (line,) = str(caught.value).splitlines()
    of = "the implementation new (new_dut:New of new_dut 1.0) cannot be imported"
    assert f"lab.yaml:3: implementation.adapter: {of}: {said}" in line


def test_one_that_is_no_implementation(packages: Path) -> None:
    install(packages, "new_dut", "agr_lab.implementations", "new = new_dut:New", "class New: ...\n")
    with pytest.raises(
        UsageError, match=r"implementation new has no `section` that is a subclass of harness"
    ):
        load(lab_with("new", packages))


def test_one_name_of_two_packages(packages: Path) -> None:
    for name in ("one", "two"):
        install(packages, name, "agr_lab.implementations", f"new = {name}:New")
    with pytest.raises(
        UsageError, match=r"new is the implementation of several packages: one 1\.0 and two 1"
    ):
        load(lab_with("new", packages))


def test_a_broken_package_spoils_nobody_else_s_message(packages: Path) -> None:
    """Who else has a key is looked for among all; those that cannot be had are passed over."""
    install(packages, "new_dut", "agr_lab.implementations", "new = new_dut:New", "import nowhere")
    path = lab_with("simulated, load: 'a:B', service: true", packages)
    with pytest.raises(UsageError, match="only agr has this key, not simulated"):
        load(path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "def write(run, path, rows): raise RuntimeError('no room')",
            "new.txt: not written: RuntimeError: no room",
        ),
        ("import nowhere", "cannot be imported: ModuleNotFoundError"),
    ],
)
def test_a_result_that_breaks_keeps_no_other_from_being_written(packages: Path, code: str, said: str) -> None:
    install(packages, "new_result", "agr_lab.results", "new.txt = new_result:write", code)
    run = sample.run(sample.passed())
    (sentence,) = write_reports(run, packages / "reports", sample.CATALOGUE)
    assert said in sentence
    assert {path.name for path in (packages / "reports").iterdir()} >= {
        "junit.xml",
        "index.html",
        "coverage.json",
    }
    assert summary_exit_code(run) == 2


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere:Class", "nowhere:Class: ModuleNotFoundError: No module named 'nowhere'"),
        ("harness.lab:Nothing", "harness.lab:Nothing: AttributeError: module 'harness.lab' has no"),
    ],
)
def test_a_class_that_is_named_and_not_there(where: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_object(where)
    assert str(caught.value).startswith(said)


NOT_LOADED = """
import sys
from harness.cli import main
from harness.lab import load
driver, backends = "harness.switch.cisco_ios", "harness.traffic.backends"
loaded = [name for name in sys.modules if name.startswith((driver, backends, "harness.dut.openvswitch"))]
assert not loaded, loaded
load("fixtures/labs/simulated.yaml")
loaded = [name for name in sys.modules if name.startswith((driver, backends, "harness.dut.openvswitch"))]
assert not loaded, loaded
load("fixtures/labs/four-port.yaml")
assert driver in sys.modules and backends not in sys.modules
"""


def test_nothing_is_imported_but_what_a_lab_file_names() -> None:
    command = [sys.executable, "-c", NOT_LOADED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
