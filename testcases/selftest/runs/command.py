"""agr-lab as a user calls it: a process of its own, judged by its exit code and its words."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testcases.selftest.host import wait_until

ROOT = Path(__file__).parents[3]
AGR_LAB = str(Path(sys.executable).with_name("agr-lab"))
SIMULATED = str(ROOT / "fixtures" / "labs" / "simulated.yaml")
EMULATED = str(ROOT / "lab.yaml")
LONGEST = 120.0
"""Seconds after which a command counts as hung."""


def lab_text(path: str | Path) -> str:
    """A sample lab file's text, for a copy elsewhere: it names its PICS and deviations by absolute paths."""
    folder, text = Path(path).parent, Path(path).read_text()
    names = re.findall(r"(?m)^ +(?:pics|file|deviations): (\S+\.yaml)", text)
    for name in names:
        text = text.replace(name, os.path.normpath(folder / name))
    return text


@dataclass(frozen=True)
class Done:
    """A command that has ended; `out` is all it said."""

    code: int
    out: str

    def says(self, *words: str) -> None:
        """All these words were said, and no traceback."""
        for word in words:
            assert word in self.out, f"{word!r} is not in:\n{self.out}"
        assert "Traceback" not in self.out, self.out


def agr_lab(*words: str | Path, cwd: Path = ROOT, **environment: str) -> Done:
    """Run it to its end."""
    done = subprocess.run(
        [AGR_LAB, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | environment,
        timeout=LONGEST,
    )
    return Done(done.returncode, done.stdout)


class Started:
    """A run under way, in a session of its own; `told` is what its testcases left in `reached`."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self._reached = folder / "reached"
        self._reached.mkdir(parents=True)
        self._out = folder / "out"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [AGR_LAB, "run", *words, "--reports", str(folder / "reports")],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=os.environ | {"RUNS_REACHED": str(self._reached)},
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        """What it has said so far."""
        return self._out.read_text()

    def reach(self, benches: int) -> list[str]:
        """Wait until a testcase is in its middle on so many benches; their names."""

        def there() -> bool:
            assert self.process.poll() is None, self.out
            return len(list(self._reached.iterdir())) >= benches

        wait_until(there, f"testcases in their middle on {benches} benches")
        return sorted(entry.name for entry in self._reached.iterdir())

    def kill(self, number: signal.Signals, *, group: bool = False) -> Done:
        """Send a signal to the process that was started, or to its whole group, and wait for the process."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        return Done(self.process.wait(LONGEST), self.out)


@contextmanager
def started(*words: str | Path, folder: Path) -> Iterator[Started]:
    """A run under way; what is left of it at the end is killed."""
    run = Started(list(map(str, words)), folder)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
            run.process.wait()
