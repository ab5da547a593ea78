"""What a run says while it goes and at its end, and its exit code."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.sentences import expected, message
from harness.report.summary import summary_exit_code
from harness.report.terminal import Terminal
from harness.verdict import Verdict
from harness.verdict.failure import SeenFrame
from harness.verdict.result import Result
from testcases.selftest.report import sample
from testcases.selftest.report.screens import logged, play

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def test_log_has_a_plain_line_for_each_testcase(tmp_path: Path) -> None:
    lines = logged(sample.run(), tmp_path).splitlines()
    assert not [line for line in lines if CONTROL.search(line)]
    assert "[ 1/11] PASS    LF-05..14  The LACPDU's constant octets  3.2 s  bench 2" in lines
    at = lines.index(
        "[ 7/11] FAIL    RX-06..08  A bundled port that hears nothing goes to EXPIRED [short-phase3]"
        "  5.4 s  bench 2"
    )
    assert lines[at + 1].strip() == message(sample.failed())
    assert sum(bool(re.match(r"\[ ?\d+/11\] ", line)) for line in lines) == 11


def test_summary_explains_what_did_not_pass(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x")
    text = logged(sample.run(), tmp_path)
    end = text[text.index("\nFAIL: ") :]
    failed = sample.failed()
    for words in (
        "row:      RX-07 (clause 43.4.12)",
        f"expected: {expected(failed.failures[0])}",
        "seen:     3 other frames",
        "frames:   on w4, times from the last LACPDU of the partner",
        f"    +4.403 s: {sample.FRAMES[2].text}",
        "row:      RX-08 (clause 43.4.12)",
        "seen:     4.403 s, 0.653 s above the limit",
        "rows:     FAIL RX-07 RX-08; NOT JUDGED RX-06",
        f"file:     {tmp_path}/rx-07/w4.pcapng",
        "cause:    the bench was 182 ms late",
        "1 testcase: needs two straight wires (MK-12)",
        f"Report  {tmp_path}/index.html",
        "    6  PASS ",
        "11 testcases on agr 0.1.0 in 6 min 52 s; one after the other 2 min 33 s, 0.4 times as long",
    ):
        assert words in end
    assert "JUnit" not in end, "a report that was not written is not named"
    assert end.splitlines()[-1] == "FAIL: 1 of 7 testcases judged broke a requirement."


def test_an_unsteady_testcase_has_both_attempts_in_the_summary(tmp_path: Path) -> None:
    run = sample.run([sample.unsteady(), *sample.passed_later(), *sample.passed()])
    text = logged(run, tmp_path)
    lines = text.splitlines()
    assert lines[3] == "[ 1/10] UNST    RX-15      A port that was silenced speaks again  3.2 s  agr-lab3"
    assert lines[4].strip() == message(sample.unsteady())
    assert lines[6].strip() == "at first INCONCLUSIVE: the bench was 182 ms late (limit 50 ms)"
    end = text[text.index("\nUNSTEADY: ") :]
    first = message(sample.unsteady().attempts[0])
    for words in (
        f"attempt:  1: FAIL on agr-lab3, beside others, after 5.2 s: {first}",
        "attempt:  2: PASS on agr-lab1, alone, after 4.8 s",
        "2 passed at the second attempt: LF-20, LF-21\n"
        "  at first INCONCLUSIVE: the bench was 182 ms late (limit 50 ms)",
        "1 passed at the second attempt: MK-03\n"
        "  at first ERROR: the switch's console did not answer in 10 s",
        "    1  UNSTEADY ",
        "    9  PASS ",
    ):
        assert words in end
    assert end.splitlines()[-1] == "UNSTEADY: 1 of 10 testcases judged unsteady; 9 passed."
    assert summary_exit_code(run) == 2


def test_a_run_may_allow_unsteady_ones_and_says_so(tmp_path: Path) -> None:
    run = replace(sample.run([sample.unsteady()]), unsteady_ok=True)
    last = "UNSTEADY: 1 of 1 testcase judged unsteady, which this run allows; 0 passed."
    assert logged(run, tmp_path).splitlines()[-1] == last
    assert summary_exit_code(run) == 0


def test_of_repeats_it_says_how_often_each_verdict_came(tmp_path: Path) -> None:
    lines = logged(sample.repeated(), tmp_path).splitlines()
    at = lines.index("How often each verdict came, of 5 times")
    assert [line.split(maxsplit=3) for line in lines[at + 1 : at + 5]] == [
        ["FAIL", "INCONC", "PASS"],
        ["5", "RX-05", "It", "always fails"],
        ["1", "1", "3", "RX-03  It fails sometimes"],
        ["1", "4", "RX-02", "Once it was late"],
    ]
    assert lines[at + 5].strip() == "1 testcase had the same each time: PASS or NOT APPLICABLE"


def test_a_cause_that_many_met_is_told_once(tmp_path: Path) -> None:
    """As each ends it says where the cause was told; the summary has it once, with who met it."""
    text = logged(sample.run(sample.parked()), tmp_path)
    assert text.count("no bench is left: agr-lab2 is parked") == 2
    assert text.count("the same cause as [ 1/35]") == 34
    assert "  35 testcases\n    cause:    no bench is left" in text
    assert "Traceback" not in text


def test_what_is_run_once_more_counts_once() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.start(2, [])
    terminal.finished(replace(sample.unsteady(), verdict=Verdict.FAIL, attempts=[]))
    terminal.finished(sample.passed()[0])
    terminal.parked("agr-lab2", "OSError:\ngone")
    terminal.again(1)
    terminal.finished(sample.unsteady())
    terminal.close()
    lines = stream.getvalue().splitlines()
    assert "agr-lab2 is parked, its testcases go to the others: OSError: gone" in lines
    assert "once more, alone: 1 testcase" in lines
    assert "[1/1 alone] UNST    RX-15      A port that was silenced speaks again  3.2 s  agr-lab3" in lines
    assert terminal._display.counts[Verdict.FAIL] == 0
    assert terminal._display.counts[Verdict.UNSTEADY] == 1


def test_known_deviations_are_told_by_reason_and_those_that_are_gone_by_row(tmp_path: Path) -> None:
    text = logged(sample.deviating(), tmp_path)
    first, second = text.splitlines()[3:5]
    assert first.startswith("[1/7] KNOWN   MK-01      Every member answers a Marker")
    assert second.strip() == "MK-01: It has no Marker Responder"
    end = text[text.index("\nKNOWN DEVIATION: ") :]
    for words in (
        "1 testcase: It has no Marker Responder (MK-01)",
        "its <manual>, section 4; until 2027-06-30",
        "NO LONGER SHOWN",
        "RX-12: It defaults too late (1 testcase)",
        "    1  KNOWN DEVIATION",
    ):
        assert words in end
    words = "1 of 7 testcases judged broke a requirement, all in a way that is listed as known."
    assert end.splitlines()[-1] == f"KNOWN DEVIATION: {words}"


def test_what_waits_for_a_premise_is_told_together(tmp_path: Path) -> None:
    """Each has its line, the reason stands once; the premise's own failure has the list."""
    text = logged(sample.run([*sample.unmet(30), *sample.passed()]), tmp_path)
    lines = text.splitlines()
    first = "[ 1/37] NOT J   FD-01      Testcase 1 that needs a bundle [1]  waits for MX-02  3.2 s  bench 2"
    assert lines[3] == first
    assert lines[4].strip().startswith("waits for MX-02 (clause 43.4.15): expected an LACPDU with Sync")
    assert lines[5].startswith("[ 2/37] NOT J   FD-02")
    assert lines[6].startswith("[ 3/37] NOT J   FD-03"), "the reason is told once"
    end = text[text.index("\nFAIL: ") :]
    words = (
        "  MX-02  What 30 testcases wait for\n    row:      MX-02 (clause 43.4.15)\n",
        "expected: an LACPDU with Synchronization=1 on w4 within 3.000 s + 0.250 s tolerance + 0.150 s b",
        "met by:   FD-01 Testcase 1 that needs a bundle [1]\n",
        "and 27 testcases more\n",
        "  30 testcases wait for MX-02 (clause 43.4.15): expected an LACPDU with Synchronization=1",
        "    FD-01, FD-02, FD-03, FD-04, FD-05, FD-06, FD-07, FD-08, FD-09, FD-10, FD-11, FD-12 and 18 m",
        "36 testcases and 1 finding across them on agr 0.1.0",
        "    1  FAIL ",
        "   30  NOT JUDGED ",
    )
    at = 0
    for each in words:
        assert each in end[at:], each
        at = end.index(each, at)
    last = "0 of 6 testcases judged broke a requirement; broken across testcases: MX-02; 30 not judged."
    assert end.splitlines()[-1] == f"FAIL: {last}"


def test_rows_of_one_testcase_are_told_one_by_one(tmp_path: Path) -> None:
    """One is a known deviation, one is not, one passed."""
    text = logged(sample.run([sample.fused(replace(sample.KNOWN, row="MK-08"))]), tmp_path)
    lines = text.splitlines()
    assert lines[4].strip().startswith("MK-09 (clause 43.5.4): expected no data before the Marker Response")
    end = text[text.index("\nFAIL: ") :]
    known = "known:    It has no Marker Responder (its <manual>, section 4; until 2027-06-30)\n"
    assert end.index("row:      MK-08") < end.index(known) < end.index("row:      MK-09")
    assert end.count("known:") == 1
    assert "rows:     FAIL MK-09; KNOWN DEVIATION MK-08; PASS MK-10\n" in end
    assert "1 testcase: It has no Marker Responder (MK-08)" in end


def test_what_the_monitor_found_says_who_showed_it(tmp_path: Path) -> None:
    text = logged(sample.run(sample.monitored()), tmp_path)
    for words in ("test:     monitor::LF-26", "shown by: LF-01 The destination is right"):
        assert words in text


def test_control_codes_in_results_are_spelled_out(tmp_path: Path) -> None:
    evil = "\x1b[2J\x9b31m\r[bold]x[/bold]\x07 :smile:"
    told = sample.failure("RX-01", evil, expected=evil, seen=evil, frames=(SeenFrame(0.0, evil, evil),))
    result = sample.result(Verdict.FAIL, ["RX-01"], evil, failures=[told], bench=evil, nodeid=evil)
    stream = io.StringIO()
    terminal = Terminal(stream)
    play(terminal, sample.run([result]), tmp_path)
    terminal.say(evil)
    text = stream.getvalue()
    assert not [line for line in text.splitlines() if CONTROL.search(line)]
    assert "\\x1b[2J\\x9b31m\\x0d[bold]x[/bold]\\x07 :smile:" in text


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ("", 2),
        ("p", 0),
        ("pn", 0),
        ("n", 0),
        ("pk", 0),
        ("kf", 1),
        ("ki", 2),
        ("pf", 1),
        ("pfei", 1),
        ("pe", 2),
        ("pi", 2),
        ("ein", 2),
        ("pu", 2),
        ("uf", 1),
    ],
)
def test_exit_code(verdicts: str, code: int) -> None:
    by_letter = {verdict.value[0]: verdict for verdict in Verdict}
    some: list[Result] = [sample.result(by_letter[letter], ["MK-01"], "t") for letter in verdicts]
    assert summary_exit_code(sample.run(some)) == code
