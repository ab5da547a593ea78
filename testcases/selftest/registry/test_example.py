"""A package outside of this repository brings an implementation, a driver and a result: the example.

It is installed by `pip install -e` into an environment of its own, which sees the packages of this one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from harness.registry import IMPLEMENTATIONS
from testcases.selftest.registry.toy_switch import ToySwitch

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "fixtures" / "example"
LONGEST = 300.0
"""Seconds that a program here may take: it is done in a few."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment that has the example installed."""
    source = tmp_path_factory.mktemp("source") / "example"  # installing leaves files beside it
    shutil.copytree(EXAMPLE, source)
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    here = sysconfig.get_path("purelib")
    (packages / "of_this_environment.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    python = str(environment / "bin" / "python")
    words = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "--python", python, "install", *words, "-e", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return python


def agr_lab(python: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "harness.cli", *words]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # agrconfig is there
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def test_its_core_keeps_the_promises(python: str) -> None:
    done = agr_lab(python, "check", "--lab", str(EXAMPLE / "simulated.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("all promises are kept\n")


def test_the_suite_judges_its_core_and_its_result_is_written(python: str, tmp_path: Path) -> None:
    words = ["--lab", str(EXAMPLE / "simulated.yaml"), "--reports", str(tmp_path), "--rows", "MK-12", "LF-01"]
    done = agr_lab(python, "run", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (tmp_path / "verdicts.txt").read_text().splitlines()
    assert lines and all(line.startswith("pass testcases/conformance/") for line in lines)
    assert "example-core build 7" in (tmp_path / "junit.xml").read_text()


def test_a_mistake_in_its_section_is_said_as_in_ours(python: str, tmp_path: Path) -> None:
    text = (EXAMPLE / "simulated.yaml").read_text()
    path = tmp_path / "lab.yaml"
    line = text.splitlines().index("  build: 7") + 1
    for wrong, said in {
        "build: none": "build: must be a whole number, is 'none'",
        "build: 0": "build: must be at least 1, is 0",
        "biuld: 7": "biuld: unknown key; did you mean build?",
        "service: true": "service: only agr has this key, not example-core",
    }.items():
        path.write_text(text.replace("build: 7", wrong).replace("../pics", str(EXAMPLE.parent / "pics")))
        done = agr_lab(python, "plan", "--lab", str(path))
        assert (done.returncode, done.stderr) == (3, f"{path}:{line}: implementation.{said}\n")


@pytest.mark.skipif("example" in IMPLEMENTATIONS.names(), reason="the example is installed here")
def test_where_it_is_not_installed_its_name_is_unknown() -> None:
    done = agr_lab(sys.executable, "plan", "--lab", str(EXAMPLE / "lab.yaml"))
    assert done.returncode == 3
    names = "agr, configured, openvswitch, simulated"
    assert f"implementation.adapter: 'example' is not one of {names}" in done.stderr
    assert "pip install PACKAGE (entry points agr_lab.implementations)" in done.stderr


def test_its_sections_are_in_the_json_schema(python: str) -> None:
    schema = json.loads(agr_lab(python, "schema").stdout)
    assert "build" in schema["$defs"]["Implementation-example-core"]["properties"]
    assert "host" in schema["$defs"]["Switch-example"]["properties"]


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
def test_its_adapter_on_the_emulated_bench(python: str, tmp_path: Path) -> None:
    lab = str(EXAMPLE / "lab.yaml")
    done = agr_lab(python, "check", "--lab", lab)
    assert done.returncode == 0, done.stdout + done.stderr
    done = agr_lab(python, "run", "--lab", lab, "--reports", str(tmp_path), "--rows", "MK-12")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a bench of hardware is locked in /run")
def test_its_driver_by_a_lab_file(python: str, tmp_path: Path) -> None:
    with ToySwitch() as switch:
        path = tmp_path / "lab.yaml"
        path.write_text(
            "kind: hardware\n"
            f"name: toy-{os.getpid()}\n"
            "implementation: {adapter: example}\n"
            "wires:\n"
            "  - {name: a, port: re0, to: switch, switch_port: p1}\n"
            "  - {name: b, port: re1, to: switch, switch_port: p2}\n"
            f"switch: {{driver: example, host: 127.0.0.1, port: {switch.port}}}\n"
        )
        done = agr_lab(python, "check", "switch", "--lab", str(path))
        assert done.returncode == 0, done.stdout + done.stderr
        assert not any(switch.ports.values())


def test_contributing_shows_it_whole() -> None:
    """What CONTRIBUTING.md shows of the example is what runs here."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    shown = re.findall(r"`fixtures/example/(\S+\.py)`:\n\n```python\n(.*?)```", text, re.DOTALL)
    assert {name for name, _ in shown} >= {"agr_lab_example/adapter.py", "agr_lab_example/switch.py"}
    for name, code in shown:
        assert code == (EXAMPLE / name).read_text(), f"{name} is not as CONTRIBUTING.md shows it"
