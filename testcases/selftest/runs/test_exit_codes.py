"""`agr-lab run`: exit code 0 passed or not applicable, 1 failed, 2 no verdict, 3 usage; and its reports."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from testcases.selftest.lab.written import written
from testcases.selftest.runs import suites
from testcases.selftest.runs.command import EMULATED, ROOT, SIMULATED, agr_lab, lab_text


def simulated(folder: Path, old: str, new: str) -> Path:
    """A lab file as simulated.yaml, but for one text."""
    text = lab_text(SIMULATED)
    assert old in text
    path = folder / "lab.yaml"
    path.write_text(text.replace(old, new))
    return path


class _Tags(HTMLParser):
    """Counts elements; void ones are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "link", "br", "hr", "img", "input", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_passed_is_0_and_the_reports_say_the_same(tmp_path: Path) -> None:
    done = agr_lab("run", "--lab", SIMULATED, "--rows", "MK-06", "LF-01", "FD-13", "--reports", tmp_path)
    assert done.code == 0, done.out
    done.says("PASS", "MK-06", "NOT APPLICABLE", "all that apply to this bench")
    root = ET.parse(tmp_path / "junit.xml").getroot()
    found = list(root.iter("testcase"))
    assert f"{len(found)} testcases to run" in done.out
    named = {row for case in found for row in (case.get("name") or "").split(":")[0].split()}
    assert {"MK-06", "LF-01", "FD-13"} <= named
    assert all((case.get("classname") or "").startswith("802.3ad.43") for case in found)
    assert [case for case in found if case.find("skipped") is not None], "FD-13 is not applicable here"
    assert not list(root.iter("failure")) and not list(root.iter("error"))
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert properties["profile"] == "802.3ad-2000"
    page = (tmp_path / "index.html").read_text()
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert "MK-06" in page
    rows = {row["id"]: row for row in json.loads((tmp_path / "coverage.json").read_text())["rows"]}
    states = {row: rows[row]["state"] for row in ("MK-06", "RX-05", "SP-10")}
    assert states == {"MK-06": "pass", "RX-05": "not run", "SP-10": "no bench"}


def test_a_broken_implementation_is_1_and_the_clause_is_named(tmp_path: Path) -> None:
    lab = simulated(tmp_path, "fixtures.simulated.agr_core:Agr", "testcases.selftest.runs.broken:Deaf")
    done = agr_lab("run", "--lab", lab, "--rows", "MK-06", "LF-01", "--reports", tmp_path / "reports")
    assert done.code == 1, done.out
    done.says("FAIL", "MK-06 (clause 43.5.4)", "expected a Marker Response", "deaf agr", "PASS    LF-01")
    root = ET.parse(tmp_path / "reports" / "junit.xml").getroot()
    failed = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed
    for case in failed:
        failure = case.find("failure")
        assert failure is not None and "43.5.4" in (failure.get("message") or "")
    captures = list((tmp_path / "reports" / "captures").rglob("*.pcapng"))
    assert captures and all(path.read_bytes()[:4] == bytes.fromhex("0a0d0d0a") for path in captures)


@pytest.mark.parametrize(
    ("row", "expires", "code", "words"),
    [
        ("MK-06", "2999-12-31", 0, "KNOWN DEVIATION: "),
        ("MK-06", "2026-01-01", 1, "(a known deviation until 2026-01-01: It is deaf.)"),
        ("LF-01", "2999-12-31", 1, "LF-01: It is deaf. (1 testcase)"),
    ],
    ids=["known", "expired", "no longer shown"],
)
def test_a_known_deviation_is_0_until_its_day(
    tmp_path: Path, row: str, expires: str, code: int, words: str
) -> None:
    known = f"known: [{{rows: [{row}], reason: It is deaf., reference: here, expires: {expires}}}]"
    (tmp_path / "deaf.yaml").write_text(known)
    lab = simulated(tmp_path, "fixtures.simulated.agr_core:Agr", "testcases.selftest.runs.broken:Deaf")
    lab.write_text(re.sub(r"deviations: .*", "deviations: deaf.yaml", lab.read_text()))
    suite = [f"testcases/conformance/{name}" for name in ("mk/test_response.py", "lf/test_header.py")]
    selected = ("-k", "random_requests or test_destination") if row == "MK-06" else ()
    done = agr_lab("run", "--lab", lab, *suite, *selected, "--reports", tmp_path / "reports")
    assert done.code == code, done.out
    done.says(words)
    failures = list(ET.parse(tmp_path / "reports" / "junit.xml").getroot().iter("failure"))
    assert bool(failures) == (code == 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(suites.CHECKS_NOTHING, "the testcase checked nothing", id="checks nothing"),
        pytest.param(suites.RAISES, "the testcase broke: RuntimeError: my own mistake", id="raises"),
    ],
)
def test_a_testcase_at_fault_is_2(tmp_path: Path, text: str, words: str) -> None:
    suite = suites.write(tmp_path, text)
    done = agr_lab("run", "--lab", SIMULATED, suite, "--reports", tmp_path / "reports")
    assert done.code == 2, done.out
    done.says("ERROR", words)


@pytest.mark.parametrize(
    ("row", "reading", "words"),
    [
        ("RX-31", "half_duplx", "UnknownReading: readings.yaml has no reading half_duplx"),
        ("LF-01", "half_duplex", "reading half_duplex is about RX-31, not LF-01"),
    ],
)
def test_a_testcase_that_asks_a_wrong_reading_is_2(
    tmp_path: Path, row: str, reading: str, words: str
) -> None:
    suite = suites.write(tmp_path, suites.ASKS.format(row=row, reading=reading))
    done = agr_lab("run", "--lab", SIMULATED, suite, "--reports", tmp_path / "reports")
    assert done.code == 2, done.out
    done.says("ERROR", words)


def test_a_reading_that_judged_stands_in_the_reports(tmp_path: Path) -> None:
    """Of a testcase that asked, and of one that is for another reading and did not run."""
    (tmp_path / "a").mkdir()
    suites.write(tmp_path / "a", suites.ASKS.format(row="RX-31", reading="half_duplex"))
    needs = suites.NEEDS.format(need="mixed_speeds=by_key")
    suites.write(tmp_path / "a", needs, "test_needs.py")
    done = agr_lab("run", "--lab", SIMULATED, tmp_path / "a", "--reports", tmp_path / "reports")
    assert done.code == 0, done.out
    done.says("the profile reads mixed_speeds as separate: Never;", "802.3ad-2000")
    root = ET.parse(tmp_path / "reports" / "junit.xml").getroot()
    properties = [(p.get("name"), p.get("value")) for p in root.iter("property")]
    assert ("reading.half_duplex", "lacp_off") in properties
    assert ("reading.mixed_speeds", "separate") in properties
    page = (tmp_path / "reports" / "index.html").read_text()
    assert "lacp_off: LACP is off on it" in page
    assert "<b>lacp_off</b> (judged by)" in page


@pytest.mark.parametrize("need", ["half_duplx=lacp_off", "half_duplex=lacp_of", "shrt_timeout", "max_ports"])
def test_a_need_that_nothing_can_answer_is_3(tmp_path: Path, need: str) -> None:
    suite = suites.write(tmp_path, suites.NEEDS.format(need=need))
    done = agr_lab("run", "--lab", SIMULATED, suite)
    assert done.code == 3, done.out
    done.says(f"test_needs needs {need}, which is no answer of a PICS")


def test_a_bench_that_does_not_come_up_is_2_and_said_once(tmp_path: Path) -> None:
    """Namespaces of other names than the bench's own are refused by what brings it up."""
    if os.geteuid() != 0:
        pytest.skip("interfaces need root")
    own, others = 'at: {namespace: "${bench}-host"}', 'at: {namespace: "other-${bench}"}'
    lab = written(tmp_path, lab_text(EMULATED), (own, others))
    done = agr_lab("run", "--lab", lab, "--benches", "1", "--reports", tmp_path / "reports")
    assert done.code == 2, done.out
    done.says("only makes its own namespaces", "0 passed")
    assert done.out.count("only makes its own namespaces") == 2, "when it happens, and at the end"


WRONG_LABS = {
    "wrong key": ("benches: 2", "banches: 2", ("lab.yaml:", "banches")),
    "missing port": (", port: re4,", ",", ("lab.yaml:", "wires", "port")),
    "port twice": ("port: re5", "port: re4", ("lab.yaml:", "re4 is used twice")),
    "bad MAC": ("02:00:00:00:04:02", "02:00:00:00:04", ("lab.yaml:", "is no MAC address")),
    "no such class": ("agr_core:Agr", "agr_core:Nothing", ("implementation: ", "Nothing")),
}


@pytest.mark.parametrize(("old", "new", "words"), WRONG_LABS.values(), ids=WRONG_LABS)
def test_a_wrong_lab_file_is_3(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    lab = simulated(tmp_path, old, new)
    done = agr_lab("run", "--lab", lab, "--rows", "LF-01", "--reports", tmp_path / "reports")
    assert done.code == 3, done.out
    done.says(*words)
    assert len(done.out.splitlines()) <= 3, "one message, and no run"
    assert not (tmp_path / "reports").exists()


WRONG_WORDS = {
    "no such lab file": (("--lab", "nowhere.yaml"), "nowhere.yaml: no such lab file"),
    "no such row": (("--rows", "XX-01"), "XX-01 is no row of the catalogue"),
    "no bench": (("--benches", "0"), "--benches: at least 1"),
    "no testcase": (("-k", "nothing_is_called_so"), "no testcase is selected"),
    "no expression": (("-k", "a b("), "'-k'"),
    "no such suite": (("nowhere/at_all",), "nowhere/at_all"),
    "no such folder": (("--reports", "/proc/nowhere"), "--reports /proc/nowhere"),
}


@pytest.mark.parametrize(("words", "said"), WRONG_WORDS.values(), ids=WRONG_WORDS)
def test_wrong_words_are_3(words: tuple[str, ...], said: str) -> None:
    lab = () if "--lab" in words else ("--lab", SIMULATED)
    done = agr_lab("run", *lab, *words)
    assert done.code == 3, done.out
    done.says(said)
    assert len(done.out.splitlines()) == 1


def test_a_claim_of_an_unknown_row_is_3(tmp_path: Path) -> None:
    suite = suites.write(tmp_path, suites.UNKNOWN_ROW)
    done = agr_lab("run", "--lab", SIMULATED, suite, ROOT / "testcases" / "conformance")
    assert done.code == 3, done.out
    done.says("test_unknown claims LF-99, which is no row of the catalogue")
    assert len(done.out.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_3(tmp_path: Path) -> None:
    suite = suites.write(tmp_path, "import nowhere\n")
    done = agr_lab("run", "--lab", SIMULATED, suite)
    assert done.code == 3, done.out
    done.says("test_of_a_run.py:1: ModuleNotFoundError: No module named 'nowhere'")


def test_it_runs_in_any_folder(tmp_path: Path) -> None:
    """The suite is that of the checkout; two files of equal names elsewhere do not collide."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        suites.write(tmp_path / name, suites.CHECKS_NOTHING)
    done = agr_lab("run", "--lab", SIMULATED, "--rows", "LF-01", cwd=tmp_path)
    assert done.code == 0, done.out
    assert (tmp_path / "reports" / "junit.xml").exists()
    done = agr_lab("run", "--lab", SIMULATED, tmp_path / "a", tmp_path / "b", cwd=tmp_path)
    assert done.code == 2, done.out
    done.says("2 testcases to run", "2  ERROR")


def test_soak_runs_the_full_form_and_a_short_one_is_declared(tmp_path: Path) -> None:
    suite = tmp_path / "test_form.py"
    suite.write_text(suites.FORM)
    for soak, lasts, words in ([], "2 s", "short form: 2 s of 600 s"), (["--soak"], "600 s", ""):
        done = agr_lab("run", suite, "--lab", SIMULATED, "--reports", tmp_path / "reports", *soak)
        assert done.code == 0, done.out
        page = (tmp_path / "reports" / "junit.xml").read_text()
        assert f"it lasts {lasts}" in page
        assert words in page and ("short form" in page) is bool(words)
