"""agrd under a service manager: readiness, the unit file, and that its capabilities are enough."""

from __future__ import annotations

import configparser
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from agr.control.rundir import run_directory
from agr.daemon import notify as notifying
from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import PATIENCE, wait_until

UNIT = Path(str(files("agr").joinpath("systemd/agrd.service")))


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A service manager's notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE)
        yield sock


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT.read_text())
    return parser


def test_notify(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
    notifying.notify("READY=1")
    assert manager.recv(100) == b"READY=1"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind("")
        abstract.settimeout(PATIENCE)
        name = abstract.getsockname().decode()
        monkeypatch.setenv("NOTIFY_SOCKET", name.replace("\0", "@", 1))
        notifying.notify("STOPPING=1")
        assert abstract.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("path", [None, "", "relative", "/nowhere/at/all"])
def test_nobody_listens(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if path is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", path)
    notifying.notify("READY=1")


def test_the_unit_is_valid(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    # Programs and manual pages are not where systemd looks on the machine of the test.
    text = UNIT.read_text().replace("ExecStart=agrd", "ExecStart=/bin/true")
    checked = tmp_path / UNIT.name
    checked.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
    done = subprocess.run(["systemd-analyze", "verify", checked], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_units_run_directory_is_agrds(monkeypatch: pytest.MonkeyPatch) -> None:
    service = unit()["Service"]
    assert (service["Type"], service["RuntimeDirectory"], service["Restart"]) == (
        "notify",
        "agr",
        "on-failure",
    )
    monkeypatch.delenv("AGR_RUNDIR", raising=False)
    assert Path(run_directory().path).parent == Path("/run/agr")


def test_agrd_is_ready_and_its_capabilities_are_enough(
    lab: Lab, host: Namespace, manager: socket.socket, tmp_path: Path
) -> None:
    """What the unit does: agrd with the unit's capabilities, then the configuration file."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not here (Debian: util-linux)")
    allowed = unit()["Service"]["CapabilityBoundingSet"].lower().replace("cap_", "+").replace(" ", ",")
    words = ["setpriv", "--bounding-set", f"-all,{allowed}", "--inh-caps", "-all", "--no-new-privs"]
    environment = {**host.environment(), "NOTIFY_SOCKET": manager.getsockname()}
    command = host.command(*words, sys.executable, "-m", "agr.daemon", "--foreground")
    agrd = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        assert manager.recv(100) == b"READY=1"
        file = tmp_path / "agr.conf"
        file.write_text("agr0 create agrport re0 agrport re1 timeout short\n")
        assert host.agrconfig("-f", str(file)) == ""
        shown = host.agr0()
        assert list(shown["ports"]) == ["re0", "re1"]
        before = host.status()["agrd"]["pid"]
        assert host.agrconfig("agr0", "-agrport", "re0", "-agrport", "re1", "destroy") == ""
        assert host.status()["agrd"]["pid"] == before, "agrd ends when it is told, not when it is idle"
    finally:
        agrd.send_signal(signal.SIGTERM)
        assert agrd.wait(PATIENCE) == 0
    wait_until(lambda: not host.pids(), "agrd is gone")
    assert "could not" not in host.log() and "ERROR" not in host.log()
