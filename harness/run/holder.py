"""A process that holds one bench for its slices, from before the first of them until after the last."""

from __future__ import annotations

import faulthandler
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from harness.bench.slices import held
from harness.lab.schema import Lab
from harness.run.bench_process import DOWN, IN_A_ROW, LEFT, UP, BenchProcess, forked, trouble_in
from harness.run.interrupt import deaf


def hold(lab: Lab, transcripts: Path) -> BenchProcess:
    """Fork it: it brings the bench up, and says UP with what slices need to know of it, or DOWN.

    It takes it down when it is told to END, or when nobody is left who could tell it: the run's process and
    its slices, which end when the run's process does, however that ends. No signal ends it before.
    """
    return forked(lab, 0, _main, lab, transcripts)


def _main(connection: Connection, not_ours: Connection, stacks: int, lab: Lab, transcripts: Path) -> None:
    not_ours.close()
    faulthandler.enable(file=stacks)
    deaf()
    with suppress(OSError):  # the run is gone
        for broken in reversed(range(IN_A_ROW if lab.kind == "emulated" else 1)):
            holding = ExitStack()

            def bring_up(holding: ExitStack = holding) -> None:
                connection.send((UP, holding.enter_context(held(lab, transcripts))))

            trouble = trouble_in(bring_up, lab, stacks)
            if trouble is None:
                with suppress(EOFError):
                    connection.recv()
                if left := trouble_in(holding.close, lab, stacks):
                    connection.send((LEFT, lab.name, left.cause))
                return
            if not broken:
                connection.send((DOWN, lab.name, trouble.cause, trouble.details))
