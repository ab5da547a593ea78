"""What did not pass in the last run, by the JUnit file that it left."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

from harness.report.junit import LAB, SHOWN_BY
from harness.verdict import UsageError, Verdict

_WELL = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.DEVIATION}


def not_passed(reports: Path) -> dict[str, set[str]]:
    """Node ids of the testcases that had another verdict than PASS, a known deviation or not applicable.

    They are told by the name of their lab, "" where the run had one. Of a rule of the protocol monitor that
    was broken, and of a premise, those that showed it. UsageError where ``reports`` holds no run.
    """
    path = reports / "junit.xml"
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except OSError as error:
        raise UsageError(f"--failed: {path}: {error.strerror}; run the suite once without it") from None
    except ET.ParseError as error:
        raise UsageError(f"--failed: {path}: not a JUnit file: {error}") from None
    found: dict[str, set[str]] = {}
    for case in cases:
        said = [(p.get("name"), p.get("value") or "") for p in case.iter("property")]
        if dict(said).get("verdict") not in _WELL:
            of_lab = found.setdefault(dict(said).get(LAB, ""), set())
            of_lab.update(value for name, value in said if name in ("nodeid", SHOWN_BY))
    return found


def of_lab(found: Mapping[str, set[str]], name: str) -> set[str]:
    """Those that a lab of this name is to run: its own, and those of a run that had one lab, whichever."""
    return found.get(name, set()) | found.get("", set())
