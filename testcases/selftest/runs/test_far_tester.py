"""The tester's ports are on another machine, reached by OpenSSH's own server and by nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from testcases.selftest.elsewhere import Pair, pair
from testcases.selftest.host import ip, wait_until
from testcases.selftest.relay import relay
from testcases.selftest.runs.command import ROOT
from testcases.selftest.runs.far_lab import AGRCONFIG
from testcases.selftest.runs.traces import forget

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

NAME = f"fartester{os.getpid()}"
NUMBERS = (4, 5, 6, 7)
BOTH = (8, 9)
DELAY = 0.1
"""Seconds, each way."""

TIME = 900.0
"""Seconds that a run of a few testcases may take."""


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Four straight wires: the tester's ends are on the host that has the server, agr's where the run is."""
    wires = [(f"te{number}", f"re{number}") for number in NUMBERS]
    with pair(NAME, tmp_path_factory.mktemp("ssh"), wires) as made:
        try:
            yield made
        finally:
            forget(NAME)


def lab_file(
    folder: Path, tester: dict[str, str | int], numbers: Iterable[int] = NUMBERS, *, both: bool = False
) -> Path:
    """A bench of metal whose tester's ports are at that end; ``both``: and the implementation."""
    wires = [
        {"name": f"t1-{n}", "port": f"re{n}", "to": "tester", "tester": {"interface": f"te{n}", "at": tester}}
        for n in numbers
    ]
    implementation = {
        "adapter": "agr",
        **({"at": tester} if both else {}),
        "command": AGRCONFIG,
        "environment": {"AGR_RUNDIR": str(folder / "agr")},
        "pics": str(ROOT / "fixtures" / "pics" / "agr.yaml"),
        "deviations": str(ROOT / "fixtures" / "pics" / "agr.deviations.yaml"),
    }
    path = folder / "lab.yaml"
    lab = {"kind": "hardware", "name": NAME, "implementation": implementation, "wires": wires}
    path.write_text(json.dumps(lab, indent=1))
    return path


def command(far: Pair, lab: Path, reports: Path, *what: str) -> list[str]:
    """A run where the implementation is."""
    program = [str(ROOT / ".venv" / "bin" / "agr-lab"), "run", "--lab", str(lab)]
    return ["ip", "netns", "exec", far.tester, *program, "--reports", str(reports), *what]


def run(far: Pair, lab: Path, reports: Path, *what: str) -> str:
    """A run in which nothing fails, after which the tester's ports are as they were; what it printed."""
    before = ports(far)
    words = command(far, lab, reports, *what)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIME)
    assert done.returncode == 0, done.stdout + done.stderr
    judged = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert judged and all("] PASS " in line or "] N/A " in line for line in judged), done.stdout
    assert any("] PASS " in line for line in judged), done.stdout
    wait_until(lambda: not far.sessions(), "the end of the connection")
    assert ports(far) == before
    return done.stdout


def page(folder: Path) -> str:
    """What the report says."""
    return (folder / "index.html").read_text()


def ports(far: Pair) -> dict[str, bool]:
    """Whether each of the tester's ports is up."""
    shown = json.loads(ip("-n", far.host, "-json", "link", "show"))
    return {link["ifname"]: "UP" in link["flags"] for link in shown if link["ifname"].startswith("te")}


def test_the_smoke_set_passes_and_ports_are_as_they_were(far: Pair, tmp_path: Path) -> None:
    ip("-n", far.host, "link", "set", "te4", "down")
    said = run(far, lab_file(tmp_path, far.server.at), tmp_path, "--smoke")
    assert said.count("] PASS ") >= 5
    assert "its clock is known by measurement, to" in page(tmp_path)


def test_a_slow_way_of_management_changes_no_verdict_and_is_told(far: Pair, tmp_path: Path) -> None:
    with relay(far.tester, far.server.address, 22, DELAY) as slow:
        run(far, lab_file(tmp_path, far.server.behind(slow)), tmp_path, "--rows", "LF-01,MK-01")
    told = re.findall(r"frames sent up to (\d+) ms late: \d+ \(the way there and back\)", page(tmp_path))
    assert told and all(int(late) >= 2 * DELAY * 1e3 for late in told)


def test_the_implementation_may_be_there_too(far: Pair, tmp_path: Path) -> None:
    """Both ends of two wires are on that host."""
    for number in BOTH:
        ip("-n", far.host, "link", "add", f"re{number}", "up", "type", "veth", "peer", f"te{number}")
    run(far, lab_file(tmp_path, far.server.at, BOTH, both=True), tmp_path, "--rows", "LF-01,MK-01")


def test_a_connection_that_is_cut_is_one_error_and_the_next_run_puts_ports_back(
    far: Pair, tmp_path: Path
) -> None:
    lab = lab_file(tmp_path, far.server.at)
    ip("-n", far.host, "link", "set", "te7", "down")
    with subprocess.Popen(
        command(far, lab, tmp_path, "--rows", "RX-17"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as cut:
        wait_until(lambda: (tmp_path / "agr").exists(), "an aggregate")
        assert ports(far)["te7"], "it is up for the run"
        far.cut()
        said, _ = cut.communicate(timeout=TIME)
    assert cut.returncode == 2 and said.count("] ERROR ") == 1 and "] FAIL " not in said, said
    assert "the connection is lost" in said, said
    run(far, lab, tmp_path, "--rows", "LF-01")
    assert not ports(far)["te7"]
