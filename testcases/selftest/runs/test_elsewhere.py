"""agr on a host that is reached by OpenSSH's own server, and by nothing else, is judged as one here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.host.location import Here
from testcases.selftest.host import ip, wait_until
from testcases.selftest.openssh import Server, server
from testcases.selftest.runs.command import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

NAME = f"elsewhere{os.getpid()}"
HOST, TESTER = f"{NAME}-h", f"{NAME}-t"
NUMBERS = (4, 5, 6, 7)
TIME = 600.0
"""Seconds that a run of a few testcases may take."""


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Four straight wires between a host and a tester, a way for management, and a server on the host."""
    for name in (HOST, TESTER):
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
    try:
        wires = [(f"re{number}", f"te{number}") for number in NUMBERS]
        for near, far in (*wires, ("m-host", "m-tester")):
            ip("-n", HOST, "link", "add", near, "up", "type", "veth", "peer", far, "netns", TESTER)
            ip("-n", TESTER, "link", "set", far, "up")
        for name, address in ((HOST, "198.51.100.1/24"), (TESTER, "198.51.100.2/24")):
            still = ["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"]
            subprocess.run(["ip", "netns", "exec", name, *still], check=True, timeout=30)
            ip("-n", name, "address", "add", address, "dev", "m-host" if name == HOST else "m-tester")
        with server(HOST, "198.51.100.1", tmp_path_factory.mktemp("ssh")) as made:
            yield made
    finally:
        for name in (HOST, TESTER):
            ip("netns", "delete", name)


def lab_file(at: dict[str, str | int], folder: Path) -> Path:
    """A bench of metal whose host is at the end of that connection; the tester's ports are where it runs."""
    wires = [
        {"name": f"t1-{n}", "port": f"re{n}", "to": "tester", "tester": {"interface": f"te{n}"}}
        for n in NUMBERS
    ]
    implementation = {
        "adapter": "agr",
        "at": at,
        "command": str(ROOT / ".venv" / "bin" / "agrconfig"),
        "environment": {"AGR_RUNDIR": str(folder / "agr")},
        "pics": str(ROOT / "fixtures" / "pics" / "agr.yaml"),
        "deviations": str(ROOT / "fixtures" / "pics" / "agr.deviations.yaml"),
    }
    path = folder / "lab.yaml"
    lab = {"kind": "hardware", "name": NAME, "implementation": implementation, "wires": wires}
    path.write_text(json.dumps(lab, indent=1))
    return path


def command(lab: Path, reports: Path, rows: str) -> list[str]:
    """A run from the tester's namespace."""
    program = [str(ROOT / ".venv" / "bin" / "agr-lab"), "run", "--lab", str(lab)]
    return ["ip", "netns", "exec", TESTER, *program, "--reports", str(reports), "--rows", rows]


def run(ssh: Server, lab: Path, reports: Path, rows: str) -> str:
    """A run in which nothing fails, and after which nothing is left on the host; what it printed."""
    words = command(lab, reports, rows)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIME)
    assert done.returncode == 0, done.stdout + done.stderr
    judged = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert judged and all("] PASS " in line or "] N/A " in line for line in judged), done.stdout
    assert any("] PASS " in line for line in judged), done.stdout
    wait_until(lambda: Here(HOST).processes() == [ssh.process.pid], "only the server on the host")
    assert not [name for name in links() if name.startswith("agr")]
    return done.stdout


def links() -> list[str]:
    """The host's interfaces."""
    return [link["ifname"] for link in json.loads(ip("-n", HOST, "-json", "link", "show"))]


def sessions(ssh: Server) -> list[int]:
    """The server's processes of connections."""
    children = Path(f"/proc/{ssh.process.pid}/task/{ssh.process.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def test_a_few_testcases_pass_and_nothing_is_left_there(ssh: Server, tmp_path: Path) -> None:
    said = run(ssh, lab_file(ssh.at, tmp_path), tmp_path, "LF-01,SL-01,AG-11")
    assert said.count("] PASS ") >= 3
    assert "its clock is known to" in (tmp_path / "index.html").read_text()


def test_a_connection_that_is_cut_is_one_error_and_the_next_run_undoes_what_is_left(
    ssh: Server, tmp_path: Path
) -> None:
    lab = lab_file(ssh.at, tmp_path)
    with subprocess.Popen(
        command(lab, tmp_path, "RX-17"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as cut:
        wait_until(lambda: "agr0" in links(), "an aggregate")
        for pid in sessions(ssh):
            os.kill(pid, signal.SIGKILL)
        said, _ = cut.communicate(timeout=TIME)
    assert cut.returncode == 2 and said.count("] ERROR ") == 1 and "] FAIL " not in said, said
    assert "the connection is lost" in said, said
    run(ssh, lab, tmp_path, "LF-01")
