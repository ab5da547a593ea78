"""The pytest plugin: `pytest testcases/conformance --lab FILE`.

It is loaded by every pytest in this environment, so it imports the harness only when there is a bench.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import catalogue
from harness.catalogue.claims import MARK, Spec, spec_of
from harness.catalogue.sets import set_of
from harness.verdict import BenchError, UsageError

if TYPE_CHECKING:
    from harness.catalogue import Catalogue
    from harness.lab.schema import Lab

USAGE = 3
"""Exit code for wrong arguments and wrong lab files."""

SEEDS = 1_000_000
"""Seeds are drawn from so many: a number that people can read to one another."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lab`, `--reports`, `--smoke`, `--set`, `--rows`, `--soak`, `--rates` and the others."""
    group = parser.getgroup("agr-lab", "link aggregation conformance")
    group.addoption(
        "--lab",
        metavar="FILE",
        action="append",
        help="lab file: which bench, how it is cabled, what it can do; may be given several times",
    )
    group.addoption("--reports", metavar="DIR", default="reports", help="where reports go (reports)")
    group.addoption("--rows", metavar="ROW,ROW", help="only testcases that claim one of these rows")
    group.addoption("--set", metavar="NAME", help="only the testcases of a named set, as acceptance")
    group.addoption("--smoke", action="store_true", help="only the few testcases marked as smoke")
    group.addoption("--soak", action="store_true", help="in full what else has a short form: hours")
    group.addoption("--rates", metavar="DIR", help="where benches tell what passes their ports, each second")
    group.addoption("--repeat", metavar="N", type=int, default=1, help="run each testcase so many times")
    group.addoption("--seed", metavar="N", type=int, help="what the run draws it draws from this number")
    group.addoption("--failed", action="store_true", help="only what did not pass last time (--reports)")
    group.addoption("--benches", metavar="N", help="benches side by side: a number, or auto")
    group.addoption("--slices", metavar="N", help="slices of one bench side by side: a number, or auto")
    group.addoption("--time-limit", metavar="SECONDS", type=float, help="end the run in good order after it")
    group.addoption("--unsteady-ok", action="store_true", help="unsteady testcases leave the exit code 0")


def pytest_configure(config: pytest.Config) -> None:
    """Read the lab file; every mistake in it ends the run before it starts."""
    config.addinivalue_line("markers", f"{MARK}(spec): a conformance testcase; use harness.case.claims")
    if not config.getoption("--lab"):
        return
    from harness.lab import load_all
    from harness.run.controller import CONTROLLER, LABS, OPERATOR, Controller
    from harness.run.dispatcher import Dispatcher
    from harness.run.interrupt import interruptible
    from harness.run.lab_run import Order
    from harness.run.last_run import not_passed, of_lab
    from harness.run.worker import Worker

    reports = Path(config.getoption("--reports")).absolute()
    try:
        labs = config.stash.get(LABS, None)
        if labs is None:
            read = load_all(config.getoption("--lab"), partial(print, file=sys.stderr))
            labs = with_benches(read, config.getoption("--benches"), config.getoption("--slices"))
            labs = with_seed(labs, config.getoption("--seed"))
        rows = catalogue.load()
        last = not_passed(reports) if config.getoption("--failed") else None
    except BenchError as error:
        pytest.exit(str(error), returncode=USAGE)
    if config.getoption("--collect-only"):
        return
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        pytest.exit("benches side by side are --benches N here, not pytest-xdist's -n", returncode=USAGE)
    if config.getoption("usepdb") and len(labs) > 1:
        pytest.exit("a debugger goes through testcases of one lab: name one --lab", returncode=USAGE)
    interruptible()
    soak, rates = config.getoption("--soak"), config.getoption("--rates")
    controller = Controller(
        labs,
        rows,
        reports,
        repeats=config.getoption("--repeat"),
        soak=soak,
        failed=None if last is None else {lab.name: of_lab(last, lab.name) for lab in labs},
        unsteady_ok=config.getoption("--unsteady-ok"),
    )
    config.stash[CONTROLLER] = controller
    config.pluginmanager.register(controller, "agr-lab-controller")
    worker = Worker(labs[0], rows, reports, soak=soak, rates=Path(rates) if rates else None)
    config.pluginmanager.register(worker, "agr-lab-worker")
    if config.getoption("usepdb"):
        return  # a debugger wants its testcase in this process
    order = Order(soak, config.getoption("--time-limit"), config.stash.get(OPERATOR, None))
    config.pluginmanager.register(Dispatcher(controller, worker, order), "agr-lab-dispatcher")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Claims name rows of the catalogue; the longest testcases start first."""
    claiming = [item for item in items if spec_of(item)]
    if not claiming:
        return
    if not config.getoption("--lab") and not config.getoption("--collect-only"):
        raise pytest.UsageError(
            "conformance testcases need a bench: --lab FILE (the default one is lab.yaml)"
        )
    rows = catalogue.load()
    wrong = [
        f"{item.nodeid} claims {row}, which is no row of the catalogue"
        for item in claiming
        for row in spec_of(item).rows  # type: ignore[union-attr]
        if row not in rows
    ]
    from harness.run.plan import unknown_needs

    wrong += [
        f"{item.nodeid} needs {need}, which is no answer of a PICS, no capability of a bench and no reading"
        for item in claiming
        for need in unknown_needs(spec_of(item))  # type: ignore[arg-type]
    ]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    wanted = _wanted(config, rows)
    out = [item for item in claiming if not wanted(item.nodeid, spec_of(item))]  # type: ignore[arg-type]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]
    items.sort(key=lambda item: -(spec.seconds if (spec := spec_of(item)) else 0))


def _wanted(config: pytest.Config, rows: Catalogue) -> Callable[[str, Spec], bool]:
    """What `--smoke`, `--set`, `--rows` and `--failed` leave. UsageError for a row or a set that is none."""
    from harness.run.last_run import not_passed

    smoke, named = config.getoption("--smoke"), config.getoption("--rows")
    try:
        chosen = {rows.row(row).id for row in named.split(",")} if named else set()
        last = not_passed(Path(config.getoption("--reports"))) if config.getoption("--failed") else None
        of_set = set_of(config.getoption("--set")) if config.getoption("--set") else None
    except BenchError as error:
        raise pytest.UsageError(str(error)) from None

    failed = None if last is None else set[str]().union(*last.values())

    def wanted(nodeid: str, spec: Spec) -> bool:
        return (
            (spec.smoke or not smoke)
            and (not chosen or bool(chosen & set(spec.rows)))
            and (failed is None or nodeid in failed)
            and (of_set is None or nodeid in of_set)
        )

    return wanted


def with_benches(labs: Sequence[Lab], benches: str | None, slices: str | None = None) -> list[Lab]:
    """Labs with as many benches side by side each, or slices of one, as were asked for.

    Who asks for the one does not want the other that a file has. UsageError for no such number, or where
    the implementation cannot be shared.
    """
    from harness.run.slices import check_slices

    if benches is not None and slices is not None and benches != "1" and slices != "1":
        raise UsageError("--slices: of one bench; without --benches")
    changed: dict[str, int | str] = {}
    if benches is not None:
        changed |= {"benches": _number("--benches", benches)} | ({} if benches == "1" else {"slices": 1})
    if slices is not None:
        changed |= {"slices": _number("--slices", slices)} | ({} if slices == "1" else {"benches": 1})
    told = [lab.model_copy(update=changed) for lab in labs]
    for lab in told:
        check_slices(lab)
    return told


def _number(option: str, given: str) -> int | str:
    """A number, or auto; UsageError for another word."""
    if given != "auto" and not (given.isdecimal() and int(given) >= 1):
        raise UsageError(f"{option}: at least 1, or auto")
    return given if given == "auto" else int(given)


def with_seed(labs: Sequence[Lab], seed: int | None) -> list[Lab]:
    """Labs with the seed that was asked for, each else with its own, or with one that is drawn here for all.

    UsageError where it is none.
    """
    if seed is not None and seed < 0:
        raise UsageError("--seed: a number, 0 or more")
    drawn = secrets.randbelow(SEEDS)

    def seed_of(lab: Lab) -> int:
        own = drawn if lab.seed is None else lab.seed
        return own if seed is None else seed

    return [lab.model_copy(update={"seed": seed_of(lab)}) for lab in labs]
