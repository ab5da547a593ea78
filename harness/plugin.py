"""The pytest plugin: `pytest testcases/conformance --lab FILE`.

It is loaded by every pytest in this environment, so it imports the harness only when there is a bench.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import catalogue
from harness.spec import MARK, Spec, spec_of
from harness.verdict import BenchError

if TYPE_CHECKING:
    from harness.catalogue import Catalogue
    from harness.run.controller import Controller

CONTROLLER: pytest.StashKey[Controller] = pytest.StashKey()
USAGE = 3
"""Exit code for wrong arguments and wrong lab files."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lab`, `--reports`, `--smoke`, `--rows`, `--soak`, `--rates`."""
    group = parser.getgroup("agr-lab", "link aggregation conformance")
    group.addoption("--lab", metavar="FILE", help="lab file: which bench, how it is cabled, what it can do")
    group.addoption("--reports", metavar="DIR", default="reports", help="where reports go (reports)")
    group.addoption("--rows", metavar="ROW,ROW", help="only testcases that claim one of these rows")
    group.addoption("--smoke", action="store_true", help="only the few testcases marked as smoke")
    group.addoption("--soak", action="store_true", help="in full what else has a short form: hours")
    group.addoption("--rates", metavar="DIR", help="where benches tell what passes their ports, each second")


def pytest_configure(config: pytest.Config) -> None:
    """Read the lab file; every mistake in it ends the run before it starts."""
    config.addinivalue_line("markers", f"{MARK}(spec): a conformance testcase; use harness.case.claims")
    if not config.getoption("--lab"):
        return
    from harness.lab import load
    from harness.run.controller import Controller
    from harness.run.interrupt import follow_parent, interruptible
    from harness.run.worker import Worker

    try:
        lab = load(Path(config.getoption("--lab")))
        rows = catalogue.load()
    except BenchError as error:
        pytest.exit(str(error), returncode=USAGE)
    if config.getoption("--collect-only"):
        return
    interruptible()
    reports = Path(config.getoption("--reports")).absolute()
    if not hasattr(config, "workerinput"):
        config.stash[CONTROLLER] = controller = Controller(lab, rows, reports)
        config.pluginmanager.register(controller, "agr-lab-controller")
    else:
        follow_parent()
    rates = config.getoption("--rates")
    worker = Worker(lab, rows, reports, soak=config.getoption("--soak"), rates=Path(rates) if rates else None)
    config.pluginmanager.register(worker, "agr-lab-worker")


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
    from harness.plan import unknown_needs

    wrong += [
        f"{item.nodeid} needs {need}, which is no answer of a PICS, no capability of a bench and no reading"
        for item in claiming
        for need in unknown_needs(spec_of(item))  # type: ignore[arg-type]
    ]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    wanted = _wanted(config, rows)
    out = [item for item in claiming if not wanted(spec_of(item))]  # type: ignore[arg-type]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]
    items.sort(key=lambda item: -(spec.seconds if (spec := spec_of(item)) else 0))


def _wanted(config: pytest.Config, rows: Catalogue) -> Callable[[Spec], bool]:
    """What `--smoke` and `--rows` leave. UsageError for a row that the catalogue has not."""
    smoke, named = config.getoption("--smoke"), config.getoption("--rows")
    try:
        chosen = {rows.row(row).id for row in named.split(",")} if named else set()
    except BenchError as error:
        raise pytest.UsageError(str(error)) from None
    return lambda spec: (spec.smoke or not smoke) and (not chosen or bool(chosen & set(spec.rows)))
