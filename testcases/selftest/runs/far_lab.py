"""A bench of metal whose host is at the end of an SSH connection, with agr there, and runs on it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.bench.locks import STATE
from harness.host.location import Here
from testcases.selftest.elsewhere import Pair, pair
from testcases.selftest.host import wait_until
from testcases.selftest.runs.command import ROOT, Done
from testcases.selftest.runs.traces import forget

NUMBERS = (4, 5, 6, 7)
TIME = 600.0
"""Seconds that a run of a few testcases may take."""

AGRCONFIG = str(ROOT / ".venv" / "bin" / "agrconfig")


class FarLab(NamedTuple):
    """Four straight wires between the host and the tester of a pair; ``name`` is the bench's."""

    name: str
    both: Pair

    @property
    def journal(self) -> Path:
        """Of what is changed on the host."""
        return STATE / f"lab-{self.name}" / "host.journal"

    def file(self, folder: Path, at: dict[str, str | int], command: str = AGRCONFIG, **keys: object) -> Path:
        """Write the lab file: the host is ``at`` that end, the tester's ports are where it runs."""
        wires = [
            {"name": f"t1-{n}", "port": f"re{n}", "to": "tester", "tester": {"interface": f"te{n}"}}
            for n in NUMBERS
        ]
        implementation = {
            "adapter": "agr",
            "at": at,
            "command": command,
            "environment": {"AGR_RUNDIR": str(folder / "agr")},
            "pics": str(ROOT / "fixtures" / "pics" / "agr.yaml"),
            "deviations": str(ROOT / "fixtures" / "pics" / "agr.deviations.yaml"),
        }
        lab = {"kind": "hardware", "name": self.name, "implementation": implementation, "wires": wires}
        lab |= keys
        path = folder / "lab.yaml"
        path.write_text(json.dumps(lab, indent=1))
        return path

    def words(self, lab: Path, *which: str) -> list[str]:
        """A run of testcases, from the tester's namespace; its reports are beside the lab file."""
        program = [str(ROOT / ".venv" / "bin" / "agr-lab"), "run", "--lab", str(lab)]
        inside = ["ip", "netns", "exec", self.both.tester]
        return [*inside, *program, "--reports", str(lab.parent), *which]

    def run(self, lab: Path, rows: str) -> str:
        """A run in which nothing fails, and which leaves nothing on the host; what it printed."""
        done = self.disturbed(lab, lambda: None, "--rows", rows)
        assert done.code == 0, done.out
        judged = [line for line in done.out.splitlines() if line.startswith("[")]
        assert judged and all("] PASS " in line or "] N/A " in line for line in judged), done.out
        assert any("] PASS " in line for line in judged), done.out
        self.is_as_found()
        return done.out

    def disturbed(self, lab: Path, disturb: Callable[[], None], *which: str) -> Done:
        """A run to its end, with what happens meanwhile."""
        with subprocess.Popen(
            self.words(lab, *which), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                disturb()
                said, _ = process.communicate(timeout=TIME)
            finally:
                process.kill()
        return Done(process.returncode, said)

    def is_as_found(self) -> None:
        """Nothing is left on the host: no process, no interface, no journal of it."""
        server = self.both.server.process.pid
        wait_until(lambda: Here(self.both.host).processes() == [server], "only the server on the host")
        assert self.both.links() == ["lo", *(f"re{number}" for number in NUMBERS), "m-host"]
        assert not self.journal.exists()


@contextmanager
def far_lab(name: str, folder: Path) -> Iterator[FarLab]:
    """Host, tester and server, up; gone afterwards, with the bench's directory."""
    with pair(name, folder, [(f"re{number}", f"te{number}") for number in NUMBERS]) as both:
        try:
            yield FarLab(name, both)
        finally:
            forget(name)
