"""All reports of a run, in one call that a full disk does not end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.report.coverage import coverage, write_coverage
from harness.report.junit import write_junit
from harness.report.limits import keep_whole, limited
from harness.report.page import write_page
from harness.report.text import not_written
from harness.verdict.result import Run


def write_reports(run: Run, reports: Path, catalogue_rows: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """Write `junit.xml`, `index.html`, `coverage.json`, and the texts too long for them, below ``reports``.

    ``catalogue_rows`` are mappings as `harness.report.coverage.coverage` wants them. What can be written is
    written; a sentence on each reason why something cannot is given back and put into ``run.unwritten``: no
    OSError is raised. Results whose texts the reports cut get the file that holds the whole as an attachment.
    """
    rows = list(catalogue_rows)
    steps: dict[str, Callable[[Path], None]] = {
        "texts": lambda _: keep_whole(run, reports),
        "junit.xml": lambda path: write_junit(run, path),
        "index.html": lambda path: write_page(run, path, rows),
        "coverage.json": lambda path: write_coverage(run, path, coverage(rows, limited(run).results)),
    }
    missing: dict[int | None, tuple[OSError, list[Path]]] = {}
    for name, write in steps.items():
        try:
            write(reports / name)
        except OSError as error:
            missing.setdefault(error.errno, (error, []))[1].append(reports / name)
            run.unwritten = [not_written(why, *paths) for why, paths in missing.values()]
    return run.unwritten
