"""The JUnit file: valid, complete, names unique, whatever text a result holds."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.findings import broken_rules
from harness.report.junit import ATTRIBUTE_LIMIT, SHOWN_BY, WAITS_FOR, write_junit
from harness.report.sentences import message
from harness.report.summary import MONITOR, across
from harness.run.last_run import not_passed
from harness.verdict import Verdict
from harness.verdict.failure import Kind
from harness.verdict.result import Result, Run
from testcases.selftest.report import sample
from testcases.selftest.report.any_text import ANY_TEXT, results
from testcases.selftest.report.junit_schema import violations


def written(run: Run, folder: Path) -> ET.Element:
    path = folder / "junit.xml"
    write_junit(run, path)
    return ET.fromstring(path.read_bytes())


def case(root: ET.Element, word: str) -> ET.Element:
    """The testcase that has such a row."""
    (found,) = [each for each in root.iter("testcase") if word in dict(properties(each))["rows"].split()]
    return found


def properties(element: ET.Element) -> list[tuple[str, str]]:
    return [(each.attrib["name"], each.attrib["value"]) for each in element.findall("properties/property")]


def child(element: ET.Element, tag: str) -> ET.Element:
    found = element.find(tag)
    assert found is not None, f"no {tag}"
    return found


def test_sample_is_valid_and_counted(tmp_path: Path) -> None:
    root = written(sample.run(), tmp_path)
    assert violations(root) == []
    for element in (root, child(root, "testsuite")):
        totals = {name: element.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
        assert totals == {"tests": "11", "failures": "1", "errors": "2", "skipped": "2"}
    in_turn = ("testcases", "one after the other 2 min 33 s, 0.4 times as long")
    assert in_turn in properties(child(root, "testsuite"))
    assert ("kernel", "6.1.0-18-amd64") in properties(child(root, "testsuite"))
    assert child(root, "testsuite").attrib["timestamp"] == "2026-05-04T03:02:01"


def test_failure_says_what_a_person_needs(tmp_path: Path) -> None:
    """A line, and below it each row that was broken with its frames, which stand there once."""
    failed = case(written(sample.run(), tmp_path), "RX-06")
    assert failed.attrib["name"] == "RX-06 RX-07 RX-08: test_expired.py::test_expired[short-phase3]"
    assert failed.attrib["classname"] == "802.3ad.43.4.12"
    failure = child(failed, "failure")
    assert failure.attrib["type"] == "ConformanceFailure"
    window = "within 3.000 s + 0.250 s tolerance + 0.150 s bench"
    assert failure.attrib["message"].startswith("RX-07 (clause 43.4.12): expected an LACPDU with")
    assert failure.attrib["message"].endswith("; and 1 more row")
    text = failure.text or ""
    assert text.strip().splitlines() == [
        "row:      RX-07 (clause 43.4.12)",
        f"expected: an LACPDU with Partner Synchronization=0 on w4 {window}",
        "seen:     3 other frames",
        "frames on w4, times from the last LACPDU of the partner:",
        *(f"  {line}" for line in sample.FRAME_LINES.splitlines()),
        "",
        "row:      RX-08 (clause 43.4.12)",
        "expected: time to EXPIRED at most 3.000 s + 0.250 s tolerance + 0.500 s bench",
        "seen:     4.403 s, 0.653 s above the limit",
        "",
        "rows:     FAIL RX-07 RX-08; NOT JUDGED RX-06",
        "bench:    2 T1",
    ]
    assert sample.FRAMES[0].text not in " ".join(failed.itertext()).replace(text, "")


def test_a_message_is_one_line_and_what_is_cut_stands_below(tmp_path: Path) -> None:
    long = "an LACPDU that says " + "word " * 100 + "to its\nend"
    cases = [
        sample.result(verdict, ["LF-01"], "t", nodeid=verdict.value, **more)
        for verdict, more in (
            (Verdict.FAIL, {"failures": [sample.failure("LF-01", expected=long)]}),
            (Verdict.DEVIATION, {"failures": [sample.failure("LF-01", expected=long, known=sample.KNOWN)]}),
            (Verdict.NOT_JUDGED, {"failures": [sample.failure("MX-02", expected=long, kind=Kind.PREMISE)]}),
            (Verdict.ERROR, {"cause": long}),
            (Verdict.NOT_APPLICABLE, {"cause": long}),
        )
    ]
    for each in written(sample.run(cases), tmp_path).iter("testcase"):
        (ended,) = [one for one in each if one.tag in ("failure", "error", "skipped")]
        assert len(ended.attrib["message"]) <= ATTRIBUTE_LIMIT
        assert "\n" not in ended.attrib["message"] and " … " in ended.attrib["message"]
        assert long in (ended.text or "")


def test_identifiers_do_not_change_when_a_title_is_reworded(tmp_path: Path) -> None:
    def identifiers(run: Run) -> list[tuple[str, str, list[str]]]:
        found = [
            (each.attrib["classname"], each.attrib["name"], [name for name, _ in properties(each)])
            for each in written(run, tmp_path).iter("testcase")
        ]
        return sorted(found)

    run = sample.everything()
    other = [
        replace(
            result,
            title=f"Other words for {result.title}",
            measurements=[
                replace(one, name=f"the {one.name}" if one.id else one.name) for one in result.measurements
            ],
            watched=[replace(one, title=f"Other words for {one.title}") for one in result.watched],
        )
        for result in run.results
    ]
    reworded = [*(one for one in other if one.bench != MONITOR), *broken_rules(other)]
    assert identifiers(replace(run, results=reworded)) == identifiers(run)
    names = [(classname, name) for classname, name, _ in identifiers(run)]
    assert len(set(names)) == len(names) == len(run.results)
    assert ("title", "Other words for " + sample.failed().title) in properties(
        case(written(replace(run, results=reworded), tmp_path), "RX-06")
    )


def test_a_clause_is_shown_whole(tmp_path: Path) -> None:
    """Though it has brackets itself."""
    told = sample.failure("AG-01", "ifconfig(8)", expected="an answer", limit=None, seen="none")
    result = sample.result(Verdict.FAIL, ["AG-01"], "t", clause="AG", failures=[told])
    failure = child(case(written(sample.run([result]), tmp_path), "AG-01"), "failure")
    assert failure.attrib["message"] == "AG-01 (clause ifconfig(8)): expected an answer; seen none"
    assert "row:      AG-01 (clause ifconfig(8))\n" in (failure.text or "")


def test_properties_of_a_testcase(tmp_path: Path) -> None:
    found = properties(case(written(sample.run(), tmp_path), "RX-06"))
    expected = {
        ("title", "A bundled port that hears nothing goes to EXPIRED"),
        ("rows", "RX-06 RX-07 RX-08"),
        ("verdict", "fail"),
        ("verdict.RX-06", "not judged"),
        ("verdict.RX-07", "fail"),
        ("verdict.RX-08", "fail"),
        ("bench", "2"),
        ("topology", "T1"),
        ("checks", "7"),
        ("nodeid", "testcases/conformance/rx/test_expired.py::test_expired[short-phase3]"),
        ("measurement.expired", "4.403 s (2.75 to 3.75)"),
        ("note", "phase 0.3 s"),
        ("capture.w4", "tester's port"),
    }
    assert expected <= set(found)
    (later,) = [one for one in written(sample.run(), tmp_path).iter("testcase")
                if "RX-12" in one.attrib["name"]]  # fmt: skip
    assert ("measurement.time to Defaulted", "6.31 s (5.5 to 6.75)") in properties(later)


@pytest.mark.parametrize(
    ("word", "tag", "kind"),
    [
        ("RX-09", "error", "Inconclusive"),
        ("FD-13", "error", "BenchError"),
        ("MK-12", "skipped", "skipped"),
    ],
)
def test_other_outcomes(tmp_path: Path, word: str, tag: str, kind: str) -> None:
    element = child(case(written(sample.run(), tmp_path), word), tag)
    assert element.attrib["type"] == kind
    (result,) = [result for result in sample.troubled() if word in result.rows]
    assert element.attrib["message"] == result.cause


def test_a_known_deviation_is_skipped_with_its_reason_and_what_was_seen(tmp_path: Path) -> None:
    """A job that reads JUnit neither fails for it nor counts it as passed."""
    root = written(sample.deviating(), tmp_path)
    assert violations(root) == []
    assert (root.attrib["failures"], root.attrib["skipped"]) == ("0", "1")
    known = case(root, "MK-01")
    skipped = child(known, "skipped")
    assert skipped.attrib["type"] == "KnownDeviation"
    assert skipped.attrib["message"].startswith("known deviation: MK-01 (clause 43.2.6/43.5.4): expected")
    assert "seen:     nothing" in (skipped.text or "")
    assert {
        ("verdict", "known deviation"),
        ("deviation.MK-01.row", "MK-01"),
        ("deviation.MK-01.reason", "It has no Marker Responder"),
        ("deviation.MK-01.reference", "its <manual>, section 4"),
        ("deviation.MK-01.expires", "2027-06-30"),
    } <= set(properties(known))
    gone = ("known deviations that no longer show", "RX-12: It defaults too late")
    assert gone in properties(child(root, "testsuite"))


def test_an_unsteady_testcase_is_one_with_both_attempts(tmp_path: Path) -> None:
    root = written(sample.run([sample.unsteady(), *sample.passed()]), tmp_path)
    assert violations(root) == []
    assert (root.attrib["tests"], root.attrib["errors"], root.attrib["skipped"]) == ("7", "1", "0")
    unsteady = case(root, "RX-15")
    assert child(unsteady, "error").attrib["type"] == "Unsteady"
    first = message(sample.unsteady().attempts[0])
    assert first.startswith("RX-15 (clause 43.4.12): expected an LACPDU on w4 within 3.000 s")
    assert {("verdict", "unsteady"), ("attempts", "2"), ("first", f"FAIL: {first}")} <= set(
        properties(unsteady)
    )
    lines = (child(unsteady, "system-out").text or "").splitlines()
    assert f"[attempt 1] FAIL on agr-lab3, beside others, after 5.2 s: {first}" in lines
    assert "[attempt 2] PASS on agr-lab1, alone, after 4.8 s" in lines


def test_a_run_may_allow_unsteady_ones(tmp_path: Path) -> None:
    root = written(replace(sample.run([sample.unsteady()]), unsteady_ok=True), tmp_path)
    assert violations(root) == []
    assert (root.attrib["errors"], root.attrib["skipped"]) == ("0", "1")
    skipped = child(case(root, "RX-15"), "skipped")
    assert skipped.attrib["type"] == "Unsteady"
    assert skipped.attrib["message"].startswith("unsteady: the host did not run agrd for 1.3 s of these 3.5")


def test_what_passed_at_the_second_attempt_passed_and_says_so(tmp_path: Path) -> None:
    later = case(written(sample.run(sample.passed_later()), tmp_path), "MK-03")
    assert [each.tag for each in later] == ["properties", "system-out"]
    first = "ERROR: the switch's console did not answer in 10 s"
    assert {("verdict", "pass"), ("attempts", "2"), ("first", first)} <= set(properties(later))


def test_attachments_stand_alone_on_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reports = Path("reports")
    out = child(case(written(sample.run(), reports), "RX-06"), "system-out").text or ""
    assert "[[ATTACHMENT|reports/rx-07/w4.pcapng]]" in out.splitlines()
    assert "[[ATTACHMENT|reports/rx-07/switch console.txt]]" in out.splitlines()
    assert "[note] phase 0.3 s" in out.splitlines()


def test_attachments_outside_the_working_folder_are_absolute(tmp_path: Path) -> None:
    out = child(case(written(sample.run(), tmp_path), "RX-06"), "system-out").text or ""
    assert f"[[ATTACHMENT|{tmp_path}/rx-07/w4.pcapng]]" in out.splitlines()


@pytest.mark.parametrize(
    ("clause", "row", "classname"),
    [
        ("43.4.12 EXPIRED", "RX-05", "802.3ad.43.4.12"),
        ("43B.3", "LF-01", "802.3ad.43B.3"),
        ("43.2.6/43.5.4", "MK-01", "802.3ad.43.2.6"),
        ("EXAMPLES", "AG-04", "agr.EXAMPLES"),
        ("manual, driver", "AG-08", "agr.manual_driver"),
        ("-", "LF-28", "802.3ad.LF"),
    ],
)
def test_classname(tmp_path: Path, clause: str, row: str, classname: str) -> None:
    result = sample.result(Verdict.PASS, [row], "t", clause=clause)
    assert case(written(sample.run([result]), tmp_path), row).attrib["classname"] == classname


def test_names_are_unique(tmp_path: Path) -> None:
    """Of two files of one name each has its folder in it; node ids have slashes of their own."""
    ids = [
        "a/test_x.py::test_y",
        "b/test_x.py::test_y",
        "b/test_x.py::test_y[1/2]",
        "b/test_x.py::test_y[2/2]",
    ]
    some = [sample.result(Verdict.PASS, ["MK-01"], "t", nodeid=nodeid) for nodeid in [*ids, ids[3]]]
    names = [each.attrib["name"] for each in written(sample.run(some), tmp_path).iter("testcase")]
    assert names == [
        "MK-01: a/test_x.py::test_y",
        "MK-01: b/test_x.py::test_y",
        "MK-01: test_x.py::test_y[1/2]",
        "MK-01: b/test_x.py::test_y[2/2]",
        "MK-01: b/test_x.py::test_y[2/2] (2)",
    ]


def test_each_row_of_a_fused_testcase_has_its_own_verdict(tmp_path: Path) -> None:
    root = written(sample.run([sample.fused(replace(sample.KNOWN, row="MK-08"))]), tmp_path)
    assert violations(root) == []
    fused = case(root, "MK-09")
    assert {
        ("verdict", "fail"),
        ("verdict.MK-08", "known deviation"),
        ("verdict.MK-09", "fail"),
        ("verdict.MK-10", "pass"),
        ("deviation.MK-08.reason", "It has no Marker Responder"),
    } <= set(properties(fused))
    failure = child(fused, "failure")
    assert failure.attrib["message"].startswith("MK-09 (clause 43.5.4): expected no data before the")
    assert "known:    It has no Marker Responder (its <manual>, section 4; until 2027-06-30)" in (
        failure.text or ""
    )


def test_a_premise_is_one_failure_and_what_waits_for_it_is_skipped(tmp_path: Path) -> None:
    root = written(sample.run([*sample.unmet(7), *sample.passed()]), tmp_path)
    assert violations(root) == []
    totals = {name: root.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert totals == {"tests": "14", "failures": "1", "errors": "0", "skipped": "7"}
    premise = case(root, "MX-02")
    assert premise.attrib["name"] == "MX-02: premise::MX-02"
    failure = child(premise, "failure")
    assert failure.attrib["message"].startswith("MX-02 (clause 43.4.15): expected an LACPDU with Sync")
    shown_by = [value for name, value in properties(premise) if name == SHOWN_BY]
    assert shown_by == [one.nodeid for one in sample.waiting(7)]
    listed = "met by:\n  " + "\n  ".join([*shown_by[:5], "and 2 more"])
    assert listed in (failure.text or "")
    skipped = child(case(root, "FD-03"), "skipped")
    assert skipped.attrib["type"] == "NotJudged"
    assert skipped.attrib["message"].startswith("not judged: waits for MX-02 (clause 43.4.15): expected an ")
    assert "premise:  MX-02 (clause 43.4.15)" in (skipped.text or "")
    assert {("verdict", "not judged"), (WAITS_FOR, "MX-02")} <= set(properties(case(root, "FD-03")))


@pytest.mark.parametrize("results", [sample.unmet(200), sample.monitored()], ids=["premise", "monitor"])
def test_what_showed_a_failure_is_run_again(tmp_path: Path, results: list[Result]) -> None:
    """`--failed` reads who met it, however many those are."""
    written(sample.run(results), tmp_path)
    testcases = {one.nodeid for one in results if not across(one)}
    assert not_passed(tmp_path)[""] >= testcases


def test_an_old_file_stays_whole_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_junit(sample.run([]), tmp_path / "junit.xml")
    before = (tmp_path / "junit.xml").read_bytes()

    def refused(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refused)
    with pytest.raises(OSError, match="No space"):
        write_junit(sample.run(), tmp_path / "junit.xml")
    assert (tmp_path / "junit.xml").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["junit.xml"]


@settings(max_examples=60)
@given(st.lists(results(), max_size=3), ANY_TEXT)
def test_any_text_gives_valid_xml(some: list[Result], text: str) -> None:
    run = Run(text, text, text, "2026-05-04T03:02:01Z", 1.0, {text: text}, some)
    with tempfile.TemporaryDirectory() as folder:
        root = written(run, Path(folder))
    assert violations(root) == []
    names = [each.attrib["name"] for each in root.iter("testcase")]
    assert len(set(names)) == len(names) == len(some)
