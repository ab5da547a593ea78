"""One bench that several processes work on: one of them holds it, and each of the others has a slice of it.

Who holds it has the lock, has brought up what there is, and puts back what was changed when all slices have
ended. A slice opens the interfaces that are there: wires of its own, given to it for one testcase after
another, and aggregates of its own of the one implementation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.bench import locks
from harness.bench.bench import Bench
from harness.bench.hardware import HardwareBench
from harness.bench.opening import opened
from harness.bench.simulated import SimulatedBench
from harness.lab.schema import Lab


@dataclass(frozen=True)
class Held:
    """A bench that is held for its slices: its name, facts for the report, and the processes of its switch
    that are outside of the switch's namespace."""

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    processes: Sequence[int] = ()

    @property
    def state(self) -> Path:
        """Its directory."""
        return locks.STATE / self.name


@contextmanager
def held(lab: Lab, transcripts: Path | None = None) -> Iterator[Held]:
    """The bench of a lab file, up and locked, without aggregates, for `opened_slice`; as `opened` else."""
    with opened(lab, transcripts) as (bench, facts):
        bench.dut.reset()
        bench.dut.set_for_all()
        bench.rest()
        processes = list(bench.parts()) if isinstance(bench, HardwareBench) else []
        yield Held(bench.name, facts, processes)


@contextmanager
def opened_slice(
    lab: Lab, bench: Held, number: int, transcripts: Path
) -> Iterator[tuple[Bench, dict[str, str]]]:
    """A slice of a bench that another process holds, with facts for the report; 0: the whole of it, while
    there are no slices."""
    if lab.kind == "simulated":
        name = f"{bench.name}.{number}" if number else bench.name
        simulated = SimulatedBench(lab, name, number)
        yield simulated, simulated.properties()
        return
    resolved = lab.resolve(bench.name, str(bench.state))
    if number:
        name, state = f"{bench.name}.{number}", bench.state / f"slice-{number}"
        state.mkdir(exist_ok=True)
    else:
        name, state = bench.name, bench.state
    opened = HardwareBench(resolved, name, state, transcripts, lambda: bench.processes, number)
    try:
        yield opened, {**bench.facts, **opened.properties()}
    finally:
        opened.close()
