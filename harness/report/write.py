"""All reports of a run, in one call that neither a full disk nor a writer that breaks ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.registry import RESULTS
from harness.report.coverage import write_coverage
from harness.report.junit import write_junit
from harness.report.limits import keep_whole, limited
from harness.report.page import write_page
from harness.report.text import not_written
from harness.verdict import UsageError
from harness.verdict.result import Run

TEXTS = "texts"
"""The folder of texts too long for reports; it comes first, since reports link to it."""

Rows = Sequence[Mapping[str, Any]]
"""Rows of the catalogue, as `harness.report.coverage.coverage` wants them."""

ResultWriter = Callable[[Run, Path, Rows], None]
"""Who is given a finished run: writes the file, or the folder, of this path, below the reports' folder.

It is registered as an entry point of the group ``agr_lab.results``; its name there is that of the file. What
it raises is told, and keeps no other from writing.
"""


def junit(run: Run, path: Path, rows: Rows) -> None:
    """`junit.xml`."""
    write_junit(run, path)


def page(run: Run, path: Path, rows: Rows) -> None:
    """`index.html`."""
    write_page(run, path, rows)


def rows_covered(run: Run, path: Path, rows: Rows) -> None:
    """`coverage.json`."""
    write_coverage(limited(run), path, rows)


def write_reports(run: Run, reports: Path, catalogue_rows: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """Give a run to everybody who is registered; texts too long for reports are written beside them.

    What can be written is written; a sentence on each reason why something cannot is given back and put into
    ``run.unwritten``: nothing is raised. Results whose texts the reports cut get the file that holds the
    whole as an attachment.
    """
    rows = list(catalogue_rows)
    missing: dict[int | None, tuple[OSError, list[Path]]] = {}
    broken: list[str] = []
    for name in (TEXTS, *RESULTS.names()):
        try:
            if name == TEXTS:
                keep_whole(run, reports)
            else:
                RESULTS.find(name)(run, reports / name, rows)
        except OSError as error:
            missing.setdefault(error.errno, (error, []))[1].append(reports / name)
        except UsageError as error:
            broken.append(str(error))
        except Exception as error:  # a writer of another package: whatever it does not foresee
            broken.append(f"{reports / name}: not written: {type(error).__name__}: {error}")
        run.unwritten = [*(not_written(why, *paths) for why, paths in missing.values()), *broken]
    return run.unwritten
