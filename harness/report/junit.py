"""JUnit XML as Jenkins and GitLab read it, on the junit-xml library.

The library knows no properties of a testcase: they go into the element tree it builds before that is
written.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import asdict
from pathlib import Path

from junit_xml import TestCase, TestSuite

from harness.report.attempts import attempt_words, first_words
from harness.report.limits import limited
from harness.report.sentences import details, expected, message, subject
from harness.report.summary import (
    clause_path,
    counts,
    group_of,
    measurement_text,
    parameters,
    side_by_side,
)
from harness.report.text import one_line, printable, short_line, write_atomically
from harness.verdict import Verdict
from harness.verdict.result import Result, Run

ATTRIBUTE_LIMIT = 200
"""Characters of a message: readers show it on a line; all else is below it."""

_SKIPPED = {
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.DEVIATION: "KnownDeviation",
    Verdict.UNSTEADY: "Unsteady",
    Verdict.NOT_JUDGED: "NotJudged",
}


def write_junit(run: Run, path: Path) -> None:
    """Write the run to ``path``, atomically; attachments are relative to its folder. OSError as usual.

    Texts are limited as in every report: what is longer is in the file that the testcase names.
    """
    run = limited(run)
    names = unique_names(run.results)
    cases = [
        _case(result, name, path.parent, run.unsteady_ok)
        for result, name in zip(run.results, names, strict=True)
    ]
    suite = TestSuite(
        f"agr-lab {one_line(run.implementation)} {one_line(run.lab)}",
        cases,
        timestamp=_timestamp(run.started),
        properties=_suite_properties(run),
    )
    element = suite.build_xml_doc()
    for case, result in zip(element.findall("testcase"), run.results, strict=True):
        case.set("time", f"{result.seconds:.3f}")  # the library leaves out 0
        case.insert(0, _properties(result))
        for skipped in case.findall("skipped"):
            skipped.set("type", _SKIPPED[result.verdict])
    root = ET.Element("testsuites", {"name": "agr-lab", **_totals(run)})
    element.set("time", root.attrib["time"])
    root.append(element)
    ET.indent(root)
    write_atomically(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def classname(result: Result) -> str:
    """The dotted path that viewers fold: "802.3ad.43.4.12", "agr.EXAMPLES", without clause "802.3ad.LF"."""
    clause = clause_path(result.clause)
    if clause:
        return f"802.3ad.{clause}"
    group = group_of(result.rows)
    root = "agr" if group == "AG" else "802.3ad"
    words = [re.sub(r"[^\w()-]+", "_", text).strip("_-") for text in (result.clause, group, "other")]
    return f"{root}.{next(filter(None, words))}"


def unique_names(results: list[Result]) -> list[str]:
    """Names for testcases, "RX-09 RX-10: title [parameters]", no two alike: GitLab drops a second one."""
    taken: set[str] = set()
    names = []
    for result in results:
        name, number = _name(result), 1
        candidate = name
        while candidate in taken:
            number += 1
            candidate = f"{name} ({number})"
        taken.add(candidate)
        names.append(candidate)
    return names


def _name(result: Result) -> str:
    rows = " ".join(result.rows)
    given = parameters(result.nodeid)
    name = f"{rows}: {result.title}" if rows else result.title
    return _named(f"{name} [{given}]" if given else name)


def _named(text: str) -> str:
    """A name attribute: one line, never empty."""
    return one_line(text) or "unnamed"


def _case(result: Result, name: str, reports: Path, unsteady_ok: bool) -> TestCase:
    case = TestCase(
        name,
        classname=printable(classname(result)),
        elapsed_sec=result.seconds,
        stdout=_system_out(result, reports),
        assertions=result.checks or None,
    )
    said, text = short_line(message(result), ATTRIBUTE_LIMIT) or result.verdict.value, _text(result)
    match result.verdict:
        case Verdict.FAIL:
            case.add_failure_info(said, text, "ConformanceFailure")
        case Verdict.INCONCLUSIVE:
            case.add_error_info(said, text, "Inconclusive")
        case Verdict.ERROR:
            case.add_error_info(said, text, "BenchError")
        case Verdict.UNSTEADY if unsteady_ok:
            case.add_skipped_info(f"unsteady: {said}", text)
        case Verdict.UNSTEADY:
            case.add_error_info(said, text, "Unsteady")
        case Verdict.NOT_APPLICABLE:
            case.add_skipped_info(said)
        case Verdict.NOT_JUDGED:
            case.add_skipped_info(f"not judged: {said}", text)
        case Verdict.DEVIATION:  # neither a failure, which would fail the job, nor passed
            case.add_skipped_info(f"known deviation: {said}", text)
    return case


def _text(result: Result) -> str:
    """What a person needs to understand an outcome without the page: expected, seen, clause, frames."""
    told = [
        (word, text)
        for one in result.failures
        for word, text in (("row", subject(one)), ("expected", expected(one)), ("seen", one.seen))
    ]
    fields = (
        *told,
        ("clause", result.clause),
        ("rows", " ".join(result.rows)),
        ("bench", " ".join(filter(None, (result.bench, result.topology)))),
    )
    lines = [f"{label + ':':<10}{value}" for label, value in fields if value]
    return printable("\n".join([result.cause, *lines, *filter(None, ("", details(result)))])).strip("\n")


def _system_out(result: Result, reports: Path) -> str | None:
    lines = [f"[note] {one_line(note)}" for note in result.notes]
    lines += [
        f"[attempt {number}] {attempt_words(attempt)}"
        for number, attempt in enumerate(result.attempts, start=1)
    ]
    for attachment in result.attachments:
        lines.append(one_line(attachment.description))
        lines.append(f"[[ATTACHMENT|{printable(_attachment_path(reports, attachment.path))}]]")
    return "\n" + "\n".join(lines) + "\n" if lines else None


def _attachment_path(reports: Path, path: str) -> str:
    """Relative to the working folder, which is a CI job's workspace, when it is below it; else absolute.

    GitLab takes paths relative to the project's folder, Jenkins both kinds.
    """
    whole = (reports / path).absolute()
    here = Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def _properties(result: Result) -> ET.Element:
    pairs = [
        ("rows", " ".join(result.rows)),
        ("clause", result.clause),
        ("verdict", result.verdict.value),
        ("bench", result.bench),
        ("topology", result.topology),
        ("checks", str(result.checks)),
        ("strain", f"{result.strain:.3f} s"),
        ("nodeid", result.nodeid),
    ]
    if result.attempts:
        pairs += [("attempts", str(len(result.attempts))), ("first", first_words(result))]
    pairs += [(f"measurement.{m.name}", measurement_text(m)) for m in result.measurements]
    pairs += [(f"reading.{name}", choice) for name, choice in result.readings.items()]
    pairs += [(f"verdict.{row}", verdict.value) for row, verdict in result.judged.items()]
    for known in result.deviations:
        pairs += [(f"deviation.{known.row}.{word}", value) for word, value in asdict(known).items()]
    pairs += [("note", note) for note in result.notes]
    pairs += list(result.properties.items())
    element = ET.Element("properties")
    for name, value in pairs:
        ET.SubElement(element, "property", {"name": _named(name), "value": printable(value)})
    return element


def _suite_properties(run: Run) -> dict[str, str]:
    own = {"lab": run.lab, "kind": run.kind, "implementation": run.implementation}
    own |= run.properties
    own["testcases"] = side_by_side(run)
    if run.gone:
        own["known deviations that no longer show"] = "; ".join(
            f"{one.row}: {one.reason}" for one in run.gone
        )
    return {_named(name): printable(value) for name, value in own.items()}


def _totals(run: Run) -> dict[str, str]:
    number = counts(run.results)
    allowed, unsteady = (number[Verdict.UNSTEADY], 0) if run.unsteady_ok else (0, number[Verdict.UNSTEADY])
    skipped = sum(number[verdict] for verdict in _SKIPPED if verdict is not Verdict.UNSTEADY)
    return {
        "tests": str(len(run.results)),
        "failures": str(number[Verdict.FAIL]),
        "errors": str(number[Verdict.ERROR] + number[Verdict.INCONCLUSIVE] + unsteady),
        "skipped": str(skipped + allowed),
        "time": f"{run.seconds:.3f}",
    }


def _timestamp(started: str) -> str:
    """Jenkins reads ISO 8601 without a zone."""
    return printable(re.sub(r"(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$", "", started.strip()))
