"""`agr-lab run`: the whole suite on one lab or several, with progress, reports and a meaningful exit code."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from harness.bench.opening import check, clean
from harness.lab.schema import Lab
from harness.lab.sharing import shared
from harness.report.rates import told
from harness.report.summary import summary_exit_code
from harness.report.terminal import Terminal
from harness.run.collecting import IMPORTING
from harness.run.controller import CONTROLLER, LABS, OPERATOR, Controller
from harness.run.lab_results import Suite
from harness.run.operator import Operator, settle
from harness.run.slices import slices_in_words
from harness.verdict import BenchError, UsageError


class _LabsPlugin:
    """The labs, for the plugin: their files are read once a run. And the operator, where there is one."""

    def __init__(self, labs: Sequence[Lab], operator: Operator | None) -> None:
        self._labs = labs
        self._operator = operator

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[LABS] = list(self._labs)
        config.stash[OPERATOR] = self._operator


class _Watch:
    """Tells the terminal what the controller learns; what there is was collected before."""

    def __init__(self, terminal: Terminal, suite: Suite) -> None:
        self._terminal = terminal
        self._suite = suite
        self.controller: Controller | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        if CONTROLLER in config.stash:
            self.controller = config.stash[CONTROLLER]
            self.controller.expect(self._suite, self._terminal)


def _clean_up(labs: Sequence[Lab], terminal: Terminal) -> None:
    """Undo what killed runs left.

    Of several labs one that cannot be had does not keep the others from running: its testcases end as ERRORs.
    """
    for lab in labs:
        try:
            for name in clean(lab):
                terminal.say(f"cleaned up after a killed run: {name}")
        except BenchError as error:
            if len(labs) == 1:
                raise
            terminal.say(str(error))


def run(
    labs: Sequence[Lab],
    suite: Suite,
    total: int,
    arguments: list[str],
    reports: Path,
    plugins: Sequence[object] = (),
    operator: Operator | None = None,
) -> int:
    """Run a suite, ``total`` testcases on all labs together; gives its exit code, as `summary_exit_code`.

    ``arguments`` are pytest's: what to run, `--reports`, and the plugin's own (`harness.plugin`); no `--lab`.
    ``plugins`` are further ones of pytest's. ``operator`` is asked for what LAGs lack.
    """
    for lab in labs:
        if lab.kind != "simulated" and os.geteuid() != 0:
            raise BenchError(f"{lab.file}: kind {lab.kind} opens interfaces and needs root: run it with sudo")
        check(lab)
    try:
        reports.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--reports {reports}: {error.strerror}") from None
    rates = reports / "rates"
    terminal = Terminal(rates=partial(told, rates))
    watch = _Watch(terminal, suite)
    try:
        for lab in labs:
            settle(lab, operator, terminal)
        _clean_up(labs, terminal)
        terminal.start(total, _header(labs))
        for folder in ("captures", "texts"):  # an earlier run's would mislead
            shutil.rmtree(reports / folder, ignore_errors=True)
        if terminal.live:
            arguments = [*arguments, "--rates", str(rates)]
        log = reports / "run.log"
        words = [*arguments, *(f"--lab={lab.file}" for lab in labs)]
        _pytest(words, [_LabsPlugin(labs, operator), watch, *plugins], log)
        for lab in labs:
            if lab.kind == "emulated":
                clean(lab)  # benches whose own process died
        controller = watch.controller
        if controller is None or controller.run is None:
            raise BenchError(f"the run did not come to its end; pytest's own words are in {log}")
        terminal.finish(controller.run, reports)
        return summary_exit_code(controller.run)
    finally:
        terminal.close()
        shutil.rmtree(rates, ignore_errors=True)


def _header(labs: Sequence[Lab]) -> list[tuple[str, str]]:
    """What is said of the labs before anything is run, and which of them waits for which."""
    told: list[tuple[str, str]] = []
    for number, lab in enumerate(labs):
        said = [
            ("lab", lab.file),
            ("implementation", lab.implementation.adapter),
            ("profile", str(lab.judged_by)),
            ("benches", "as many as the machine carries" if lab.benches == "auto" else str(lab.benches)),
            *([("slices", slices_in_words(lab))] if lab.is_sliced else []),
            ("seed", str(lab.seed)),
        ]
        if len(labs) == 1:
            return said
        facts = [value if key == "slices" else f"{key} {value}" for key, value in said[1:]]
        told.append((lab.name, "; ".join([lab.file, *facts])))
        for other in labs[:number]:
            if words := shared(other, lab):
                told.append(("", f"begins when {other.file} has ended: both use {words}"))
    return told


def _pytest(arguments: list[str], plugins: list[object], log: Path) -> None:
    """Run pytest; what it and the benches' processes say on standard error goes to the log."""
    words = ["-p", "no:terminal", "-p", "no:cacheprovider", *IMPORTING, *arguments]
    with log.open("wb") as out, _standard_error_to(out.fileno()):
        pytest.main(words, plugins=plugins)


@contextlib.contextmanager
def _standard_error_to(descriptor: int) -> Iterator[None]:
    """Benches' processes inherit the descriptor."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
