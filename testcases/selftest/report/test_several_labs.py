"""A run on several labs: what each report says of one lab, and of all."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.coverage import write_coverage
from harness.report.junit import write_junit
from harness.report.limits import keep_whole
from harness.report.page import render
from harness.report.summary import headline, summary_exit_code
from harness.report.terminal import Terminal
from harness.run.last_run import not_passed, of_lab
from harness.verdict import Verdict
from harness.verdict.result import LabOfRun, Result, Run
from testcases.selftest.report import sample
from testcases.selftest.report.html_tree import tree
from testcases.selftest.report.junit_schema import violations
from testcases.selftest.report.screens import logged

LABS = ("rack 4", "rack <5>")


def on_labs(**results: list[Result]) -> Run:
    """A run on labs of these names, with these results."""
    labs = [LabOfRun(name, f"{name}.yaml", "simulated", "agr", 1.0, {}) for name in results]
    told = [replace(one, lab=name) for name, some in results.items() for one in some]
    return replace(sample.run(told), labs=labs)


def suites(run: Run, folder: Path) -> list[ET.Element]:
    write_junit(run, folder / "junit.xml")
    root = ET.parse(folder / "junit.xml").getroot()
    assert violations(root) == []
    return root.findall("testsuite")


def test_each_lab_has_a_testsuite_and_no_two_testcases_of_the_file_are_one(tmp_path: Path) -> None:
    run = sample.several()
    first, second = suites(run, tmp_path)
    assert first.attrib["name"] == "agr-lab rack 4 agr 0.1.0 rack 4.yaml"
    assert (first.attrib["failures"], second.attrib["failures"]) == ("1", "1")
    assert first.attrib["tests"] == str(len(sample.passed()) + 3)
    ids = [
        (one.attrib["classname"], one.attrib["name"])
        for suite in (first, second)
        for one in suite.iter("testcase")
    ]
    assert len(ids) == len(set(ids)) == len(run.results)
    assert {classname.partition(".")[0] for classname, _ in ids} == {"rack_4", "rack_5_"}
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert (root.attrib["tests"], root.attrib["failures"]) == (str(len(run.results)), "2")


def test_names_are_those_of_a_run_on_one_lab(tmp_path: Path) -> None:
    def named(suite: ET.Element) -> list[tuple[str, str]]:
        return [(one.attrib["classname"], one.attrib["name"]) for one in suite.iter("testcase")]

    alone = sample.run([*sample.passed(), *sample.unmet(2)])
    (one,) = suites(alone, tmp_path)
    first, _ = suites(sample.several(), tmp_path)
    assert named(first) == [(f"rack_4.{classname}", name) for classname, name in named(one)]


def test_what_did_not_pass_is_told_by_lab(tmp_path: Path) -> None:
    write_junit(sample.several(), tmp_path / "junit.xml")
    found = not_passed(tmp_path)
    failed = sample.failed().nodeid
    assert failed in of_lab(found, "rack <5>")
    assert failed not in of_lab(found, "rack 4") and of_lab(found, "another") == set()
    write_junit(sample.run([sample.failed()]), tmp_path / "junit.xml")  # one lab: whichever is run next
    assert of_lab(not_passed(tmp_path), "another") == {failed}


def test_rows_are_covered_by_lab(tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    write_coverage(sample.several(), path, sample.CATALOGUE)
    data = json.loads(path.read_text())
    assert data["states"]["RX-07"] == {"rack 4": "not run", "rack <5>": "fail"}
    assert list(data["labs"]) == list(LABS)
    for name, of in data["labs"].items():
        one = next(each for each in sample.several().by_lab if each.name == name)
        write_coverage(one, path, sample.CATALOGUE)
        assert of == json.loads(path.read_text())
    assert data["labs"]["rack <5>"]["run"]["lab"] == "rack <5>.yaml"


def test_the_page_has_a_column_or_a_section_for_each_lab() -> None:
    run = sample.several()
    root = tree(render(run, sample.CATALOGUE))
    (labs,) = root.all("table", "labs")
    names = [row.all("td")[0].text for row in labs.all("tr")[1:]]
    assert names == list(LABS)
    assert [row.all("span", "badge")[0].text.split()[-1] for row in labs.all("tr")[1:]] == ["FAIL", "FAIL"]
    assert "(on rack 4, rack <5>)" in root.all("div", "verdict")[0].text
    for section, of in (("deviations", LABS[1:]), ("waiting", LABS[:1]), ("properties", LABS)):
        assert [one.text for one in root.by_id(section).all("h3", "lab")] == list(of), section
    heads = [one.text for one in root.by_id("catalogue").all("table")[0].all("th")]
    assert heads[1:3] == list(LABS)
    cases = [row for row in root.by_id("testcases").all("tr") if "data-lab" in row.attributes]
    assert len(cases) == len(run.results)
    assert {row.attributes["data-lab"] for row in cases} == set(LABS)


def test_rows_lead_to_the_testcase_of_their_own_lab() -> None:
    """Of two labs where one broke a row, and the other did not."""
    good = replace(sample.failed(), verdict=Verdict.PASS, judged={"RX-07": Verdict.PASS}, failures=[])
    root = tree(render(on_labs(one=[good], other=[sample.failed()]), [{"id": "RX-07"}]))
    cells = root.by_id("catalogue").all("ul", "cells")
    links = [ul.all("a")[0].attributes["href"] for ul in cells[:2]]
    assert [ul.all("li")[0].attributes["class"] for ul in cells[:2]] == ["pass", "fail"]
    assert links == ["#t1", "#t2"]
    assert "other" in root.by_id("t2").text


def test_the_same_failure_on_two_labs_is_two_failures() -> None:
    run = on_labs(one=[sample.failed()], other=[sample.failed()])
    assert len(tree(render(run)).all("article", "fail")) == 2
    text = logged(run, Path("reports"))
    assert "again:    agr-lab run --lab one.yaml -k test_expired" in text
    assert "again:    agr-lab run --lab other.yaml -k test_expired" in text


def test_the_terminal_says_of_each_lab_what_it_came_to(tmp_path: Path) -> None:
    text = logged(sample.several(), tmp_path)
    assert "again:    agr-lab run --lab 'rack <5>.yaml' -k test_expired" in text
    assert "KNOWN DEVIATION: it broke a requirement in a way that is listed as known (rack <5>)" in text
    (row,) = re.findall(r"(?m)^ +(\d+) +(\d+) +(\d+)  FAIL  ", text)
    assert row == ("1", "1", "2")
    assert re.search(r"(?m)^rack 4: agr 0\.1\.0, rack 4\.yaml: FAIL: ", text)
    assert text.rstrip().splitlines()[-1].startswith("FAIL: ") and "(on rack 4, rack <5>)" in text


def test_what_waits_for_a_premise_is_told_on_each_lab(tmp_path: Path) -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.start(2, [])
    for lab in LABS:
        terminal.finished(replace(sample.waiting(1)[0], lab=lab))
    assert stream.getvalue().count("MX-02 (clause 43.4.15)") == 2


@pytest.mark.parametrize(
    ("one", "other", "code", "word"),
    [
        ([Verdict.PASS], [Verdict.NOT_APPLICABLE], 0, Verdict.PASS),
        ([Verdict.PASS], [Verdict.FAIL], 1, Verdict.FAIL),
        ([Verdict.ERROR], [Verdict.FAIL], 1, Verdict.FAIL),
        ([Verdict.ERROR], [Verdict.PASS], 2, Verdict.ERROR),
        ([Verdict.DEVIATION], [Verdict.PASS], 0, Verdict.DEVIATION),
        ([Verdict.DEVIATION], [Verdict.NOT_JUDGED, Verdict.PASS], 2, Verdict.NOT_JUDGED),
    ],
)
def test_one_exit_code(one: list[Verdict], other: list[Verdict], code: int, word: Verdict) -> None:
    """The worst; a known deviation of one lab excuses nothing of another."""
    run = on_labs(**{
        name: [sample.result(verdict, ["RX-01"], "t", nodeid=str(n)) for n, verdict in enumerate(verdicts)]
        for name, verdicts in (("one", one), ("other", other))
    })  # fmt: skip
    assert summary_exit_code(run) == code
    assert headline(run)[0] is word


def test_long_texts_of_one_testcase_are_kept_for_each_lab(tmp_path: Path) -> None:
    some = [sample.result(Verdict.ERROR, ["RX-01"], "t", cause=word * 100_000) for word in ("here", "gone")]
    run = on_labs(one=some[:1], other=some[1:])
    keep_whole(run, tmp_path)
    files = {one.attachments[-1].path for one in run.results}
    assert len(files) == 2
