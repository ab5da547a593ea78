"""The JUnit file: valid, complete, names unique, whatever text a result holds."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.junit import write_junit
from harness.verdict import Verdict
from harness.verdict.result import Attachment, Attempt, Measurement, Result, Run
from testcases.selftest.report import sample
from testcases.selftest.report.junit_schema import violations

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def written(run: Run, folder: Path) -> ET.Element:
    path = folder / "junit.xml"
    write_junit(run, path)
    return ET.fromstring(path.read_bytes())


def case(root: ET.Element, word: str) -> ET.Element:
    (found,) = [each for each in root.iter("testcase") if word in each.attrib["name"]]
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
    failed = case(written(sample.run(), tmp_path), "RX-06")
    assert failed.attrib["name"] == (
        "RX-06 RX-07 RX-08: A bundled port that hears nothing goes to EXPIRED [short-phase3]"
    )
    assert failed.attrib["classname"] == "802.3ad.43.4.12"
    failure = child(failed, "failure")
    assert failure.attrib["type"] == "ConformanceFailure"
    assert failure.attrib["message"].startswith("RX-07 (clause 43.4.12): expected")
    result = sample.failed()
    for part in (result.expected, result.seen, "clause:   43.4.12", sample.FRAMES):
        assert part in (failure.text or "")


def test_properties_of_a_testcase(tmp_path: Path) -> None:
    found = properties(case(written(sample.run(), tmp_path), "RX-06"))
    expected = {
        ("rows", "RX-06 RX-07 RX-08"),
        ("verdict", "fail"),
        ("bench", "2"),
        ("topology", "T1"),
        ("checks", "7"),
        ("nodeid", "testcases/conformance/rx/test_expired.py::test_expired[short-phase3]"),
        ("measurement.time to Expired", "4.403 s (2.75 to 3.75)"),
        ("note", "phase 0.3 s"),
        ("capture.w4", "tester's port"),
    }
    assert expected <= set(found)


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
    assert element.attrib["message"] == result.message


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
        ("deviation.row", "MK-01"),
        ("deviation.reason", "It has no Marker Responder"),
        ("deviation.reference", "its <manual>, section 4"),
        ("deviation.expires", "2027-06-30"),
    } <= set(properties(known))
    gone = ("known deviations that no longer show", "RX-12: It defaults too late")
    assert gone in properties(child(root, "testsuite"))


def test_an_unsteady_testcase_is_one_with_both_attempts(tmp_path: Path) -> None:
    root = written(sample.run([sample.unsteady(), *sample.passed()]), tmp_path)
    assert violations(root) == []
    assert (root.attrib["tests"], root.attrib["errors"], root.attrib["skipped"]) == ("7", "1", "0")
    unsteady = case(root, "RX-15")
    assert child(unsteady, "error").attrib["type"] == "Unsteady"
    first = sample.unsteady().attempts[0].message
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
    assert skipped.attrib["message"].startswith("unsteady: RX-15 (clause 43.4.12): expected an LACPDU")


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
    twins = [sample.result(Verdict.PASS, ["MK-01"], title) for title in ("t", "t (2)", "t", "t")]
    names = [each.attrib["name"] for each in written(sample.run(twins), tmp_path).iter("testcase")]
    assert len(set(names)) == 4


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


def attempts() -> st.SearchStrategy[Attempt]:
    """An attempt with any text at all."""
    return st.builds(Attempt, st.sampled_from(Verdict), ANY_TEXT, ANY_TEXT, st.floats(0, 9), st.booleans())


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A result with any text at all, lone surrogates and control characters among it."""
    return Result(
        nodeid=draw(ANY_TEXT),
        rows=draw(st.lists(ANY_TEXT, max_size=3)),
        clause=draw(ANY_TEXT),
        title=draw(ANY_TEXT),
        verdict=draw(st.sampled_from(Verdict)),
        seconds=draw(st.floats(0, 1e6)),
        bench=draw(ANY_TEXT),
        message=draw(ANY_TEXT),
        expected=draw(ANY_TEXT),
        seen=draw(ANY_TEXT),
        details=draw(ANY_TEXT),
        notes=draw(st.lists(ANY_TEXT, max_size=2)),
        measurements=[Measurement(draw(ANY_TEXT), draw(st.floats(-1e9, 1e9)), draw(ANY_TEXT), upper=1.0)],
        properties={draw(ANY_TEXT): draw(ANY_TEXT)},
        attachments=[Attachment(draw(ANY_TEXT), draw(ANY_TEXT))],
        attempts=draw(st.lists(attempts(), max_size=2)),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(results(), max_size=3), ANY_TEXT)
def test_any_text_gives_valid_xml(some: list[Result], text: str) -> None:
    run = Run(text, text, text, "2026-05-04T03:02:01Z", 1.0, {text: text}, some)
    with tempfile.TemporaryDirectory() as folder:
        root = written(run, Path(folder))
    assert violations(root) == []
    names = [each.attrib["name"] for each in root.iter("testcase")]
    assert len(set(names)) == len(names) == len(some)
