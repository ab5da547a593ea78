"""What did not pass in the last run, by the JUnit file that it left."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from harness.report.junit import SHOWN_BY
from harness.verdict import UsageError, Verdict

_WELL = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.DEVIATION}


def not_passed(reports: Path) -> set[str]:
    """Node ids of the testcases that had another verdict than PASS, a known deviation or not applicable.

    Of a rule of the protocol monitor that was broken, and of a premise, those that showed it. UsageError
    where ``reports`` holds no run.
    """
    path = reports / "junit.xml"
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except OSError as error:
        raise UsageError(f"--failed: {path}: {error.strerror}; run the suite once without it") from None
    except ET.ParseError as error:
        raise UsageError(f"--failed: {path}: not a JUnit file: {error}") from None
    found: set[str] = set()
    for case in cases:
        said = [(p.get("name"), p.get("value") or "") for p in case.iter("property")]
        if dict(said).get("verdict") not in _WELL:
            found.update(value for name, value in said if name in ("nodeid", SHOWN_BY))
    return found
