"""JUnit XML as Jenkins and GitLab read it, on the junit-xml library.

What machines keep (`classname`, `name`, names of measurements) stays when a title is reworded, which is a
property. A `message` is one line; the text below it has each failure with its frames. `verdict.ROW` has the
verdict of each row. Of a run on several labs each has a testsuite of its own, and classnames begin with the
lab's name: GitLab keeps one testcase of those with the same classname and name in a file.

The library knows no properties of a testcase: they go into the element tree it builds before that is
written.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from junit_xml import TestCase, TestSuite

from harness.lab.load import folder_name
from harness.report.attempts import attempt_words, first_words
from harness.report.limits import limited
from harness.report.sentences import fields, frame_lines, frames_place, judged_words, message, premise
from harness.report.summary import (
    clause_path,
    counts,
    group_of,
    measurement_text,
    short_id,
    shown_words,
    side_by_side,
)
from harness.report.text import one_line, printable, short_line, write_atomically
from harness.verdict import Verdict
from harness.verdict.failure import Failure
from harness.verdict.result import Result, Run

SHOWN_BY, WAITS_FOR = "shown by", "waits for"
"""Properties: a node id each of what `Result.shown_by` names; the row of the premise that was not reached."""

LAB = "lab name"
"""Property: the lab's, where the run has several."""

ATTRIBUTE_LIMIT = 200
"""Characters of a message: readers show it on a line, and all of it is in the text below."""

_FEW = 5

_SKIPPED = {
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.DEVIATION: "KnownDeviation",
    Verdict.UNSTEADY: "Unsteady",
    Verdict.NOT_JUDGED: "NotJudged",
}
"""Types of what is skipped."""

_PREFIXES = {
    Verdict.DEVIATION: "known deviation: ",
    Verdict.UNSTEADY: "unsteady: ",
    Verdict.NOT_JUDGED: "not judged: ",
}


def write_junit(run: Run, path: Path) -> None:
    """Write the run to ``path``, atomically; attachments are relative to its folder. OSError as usual.

    Texts are limited as in every report: what is longer is in the file that the testcase names.
    """
    run = limited(run)
    root = ET.Element("testsuites", {"name": "agr-lab", **_totals(run)})
    root.extend([_suite(one, path.parent, one.name if run.labs else "") for one in run.by_lab])
    ET.indent(root)
    write_atomically(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _suite(run: Run, reports: Path, lab: str) -> ET.Element:
    """The testsuite of a lab, with its name where the run has several."""
    cases = [
        _case(result, name, reports, run.unsteady_ok)
        for result, name in zip(run.results, names(run.results), strict=True)
    ]
    suite = TestSuite(
        " ".join(filter(None, ("agr-lab", one_line(lab), one_line(run.implementation), one_line(run.lab)))),
        cases,
        timestamp=_timestamp(run.started),
        properties=_suite_properties(run, lab),
    )
    element: ET.Element = suite.build_xml_doc()
    for case, result in zip(element.findall("testcase"), run.results, strict=True):
        case.set("time", f"{result.seconds:.3f}")  # the library leaves out 0
        case.insert(0, _properties(result))
        for skipped in case.findall("skipped"):
            skipped.set("type", _SKIPPED[result.verdict])
    element.set("time", f"{run.seconds:.3f}")
    return element


def classname(result: Result) -> str:
    """The dotted path that viewers fold: "802.3ad.43.4.12", "agr.EXAMPLES", without clause "802.3ad.LF".

    Of a run on several labs it begins with the lab's name: "rack4.802.3ad.43.4.12".
    """
    if result.lab:
        return f"{folder_name(result.lab)}.{classname(replace(result, lab=''))}"
    clause = clause_path(result.clause)
    if clause:
        return f"802.3ad.{clause}"
    group = group_of(result.rows)
    root = "agr" if group == "AG" else "802.3ad"
    words = [re.sub(r"[^\w()-]+", "_", text).strip("_-") for text in (result.clause, group, "other")]
    return f"{root}.{next(filter(None, words))}"


def names(results: Sequence[Result]) -> list[str]:
    """Names for testcases, "RX-09 RX-10: test_short.py::test_it[long]", no two alike.

    They are made of rows and node id, whatever the title is. GitLab drops a second one of a name, so that of
    two files of one name each has its folders.
    """
    short = [_name(result, short_id(result.nodeid)) for result in results]
    number, taken = Counter(short), set[str]()
    found = []
    for name, result in zip(short, results, strict=True):
        whole = different = name if number[name] == 1 else _name(result, result.nodeid)
        again = 1
        while different in taken:
            again += 1
            different = f"{whole} ({again})"
        taken.add(different)
        found.append(different)
    return found


def _name(result: Result, test: str) -> str:
    return _named(": ".join(filter(None, (" ".join(result.rows), test))))


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
    said, text = message(result) or result.verdict.value, _text(result)
    line = short_line(_PREFIXES.get(result.verdict, "") + said, ATTRIBUTE_LIMIT)
    match result.verdict:
        case Verdict.PASS:
            pass
        case Verdict.FAIL:
            case.add_failure_info(line, text, "ConformanceFailure")
        case Verdict.UNSTEADY if not unsteady_ok:
            case.add_error_info(short_line(said, ATTRIBUTE_LIMIT), text, "Unsteady")
        case Verdict.INCONCLUSIVE:
            case.add_error_info(line, text, "Inconclusive")
        case Verdict.ERROR:
            case.add_error_info(line, text, "BenchError")
        case _:  # neither a failure, which would fail the job, nor passed
            case.add_skipped_info(line, text)
    return case


def _text(result: Result) -> str:
    """What a person needs to understand an outcome without the page: cause, each failure with its frames."""
    common = [
        *([] if result.failures else [("clause", result.clause)]),
        ("rows", judged_words(result) or " ".join(result.rows)),
        ("bench", " ".join(filter(None, (result.bench, result.topology)))),
    ]
    blocks = [
        result.cause,
        *(_failure(one, result.cause) for one in result.failures),
        _labelled(common),
        _shown_by(result),
        result.details,
    ]
    return printable("\n\n".join(filter(None, blocks)))


def _failure(failure: Failure, cause: str) -> str:
    lines = [_labelled(fields(failure, cause))]
    if failure.frames:
        lines += [f"frames {frames_place(failure)}:", *(f"  {line}" for line in frame_lines(failure))]
    return "\n".join(lines)


def _shown_by(result: Result) -> str:
    """The first few; properties have all."""
    nodeids = result.shown_by[:_FEW]
    more = len(result.shown_by) - len(nodeids)
    lines = [*nodeids, *([f"and {more} more"] if more else [])]
    return "\n  ".join([f"{shown_words(result)}:", *lines]) if lines else ""


def _labelled(told: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{label + ':':<10}{value}" for label, value in told if value)


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
        ("title", result.title),
        ("rows", " ".join(result.rows)),
        ("clause", result.clause),
        ("verdict", result.verdict.value),
        ("bench", result.bench),
        ("topology", result.topology),
        ("checks", str(result.checks)),
        ("strain", f"{result.strain:.3f} s"),
        ("nodeid", result.nodeid),
    ]
    pairs += [(LAB, result.lab)] if result.lab else []
    if result.attempts:
        pairs += [("attempts", str(len(result.attempts))), ("first", first_words(result))]
    pairs += [(f"verdict.{row}", verdict.value) for row, verdict in result.judged.items()]
    if needed := premise(result):
        pairs += [(WAITS_FOR, needed.row)]
    pairs += [(SHOWN_BY, nodeid) for nodeid in result.shown_by]
    pairs += [(f"measurement.{m.id or m.name}", measurement_text(m)) for m in result.measurements]
    pairs += [(f"reading.{name}", choice) for name, choice in result.readings.items()]
    for known in result.deviations:
        pairs += [(f"deviation.{known.row}.{word}", value) for word, value in asdict(known).items()]
    pairs += [("note", note) for note in result.notes]
    pairs += list(result.properties.items())
    element = ET.Element("properties")
    for name, value in pairs:
        ET.SubElement(element, "property", {"name": _named(name), "value": printable(value)})
    return element


def _suite_properties(run: Run, lab: str) -> dict[str, str]:
    own = {LAB: lab} if lab else {}
    own |= {"lab": run.lab, "kind": run.kind, "implementation": run.implementation}
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
