"""What a run has on the machine: namespaces and processes, told from those of other runs."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

STATE = Path("/run/agr-lab")


def forget(lab: str) -> None:
    """Remove what a bench of hardware with this name keeps: its name was for one test only."""
    shutil.rmtree(STATE / f"lab-{lab}", ignore_errors=True)
    (STATE / f"lab-{lab}.lock").unlink(missing_ok=True)


def _processes(bench: str) -> dict[int, str]:
    """Processes with the bench's directory in their command line or environment; when each started."""
    found = {}
    mark = f"{STATE / bench}/".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "cmdline").read_bytes() or mark in (entry / "environ").read_bytes():
                found[int(entry.name)] = _start_time(int(entry.name))
    return found


def _start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat; OSError where there is no such process, "" where it has ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _owner(bench: str) -> str:
    with suppress(OSError):
        return (STATE / bench / "in-use").read_text()
    return ""


@dataclass(frozen=True)
class Traces:
    """One bench of a run as it was while the run was under way."""

    bench: str
    owner: str
    processes: dict[int, str]

    @classmethod
    def of(cls, bench: str) -> Traces:
        """Of a bench that is up."""
        traces = cls(bench, _owner(bench), _processes(bench))
        assert traces.owner, f"{bench} is not in use"
        assert len(traces.namespaces()) == 3, f"{bench}: host, switch, tester: {traces.namespaces()}"
        assert len(traces.processes) >= 3, f"{bench}: the switch and its two daemons: {traces.processes}"
        return traces

    @classmethod
    def read(cls, file: Path) -> Traces:
        """As another process wrote them."""
        said = json.loads(file.read_text())
        return cls(said["bench"], said["owner"], {int(pid): at for pid, at in said["processes"].items()})

    def write(self, file: Path) -> None:
        """For another process."""
        file.write_text(json.dumps(asdict(self)))

    def namespaces(self) -> list[str]:
        """Those that are still there, unless another run has taken the bench over."""
        if _owner(self.bench) not in (self.owner, ""):
            return []
        return sorted(entry.name for entry in Path("/run/netns").glob(f"{self.bench}-*"))

    def left(self) -> list[str]:
        """Everything of the run that is still there."""
        alive = []
        for pid, start in self.processes.items():
            with suppress(OSError):
                if start and _start_time(pid) == start:
                    alive.append(f"process {pid}")
        note = ["in-use"] if _owner(self.bench) == self.owner else []
        return [*self.namespaces(), *alive, *note]
