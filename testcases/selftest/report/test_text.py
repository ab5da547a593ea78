"""Words and numbers that all reports share."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from harness.report.sentences import judged_words, limit_words, message, seen
from harness.report.summary import (
    clause_path,
    group_order,
    group_titles,
    measurement_text,
    parameters,
    short_id,
)
from harness.report.text import duration, moment, one_line, printable, rows_short
from harness.verdict import Verdict
from harness.verdict.failure import Figure, Limit
from harness.verdict.result import Measurement
from testcases.selftest.report import sample
from testcases.selftest.report.any_text import ANY_TEXT


@given(ANY_TEXT)
def test_printable_is_harmless_and_keeps_the_rest(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    if text.isascii() and text.isprintable():
        assert shown == text
    assert "\n" not in one_line(text)


def test_printable_spells_out() -> None:
    assert printable("a\x1b[1m\r\n\tb\x00\udc80") == "a\\x1b[1m\n\tb\\x00\\udc80"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.094, "0.09 s"),
        (0.1, "0.1 s"),
        (99.94, "99.9 s"),
        (99.96, "1 min 40 s"),
        (7384, "2 h 3 min"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_moment() -> None:
    assert moment("2026-05-04T05:02:01.5+02:00") == "2026-05-04 03:02:01 UTC"
    assert moment("2026-05-04T05:02:01") == "2026-05-04 05:02:01"
    assert moment("yesterday") == "yesterday"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], ""),
        (["LF-05"], "LF-05"),
        (["LF-05", "LF-06"], "LF-05 LF-06"),
        (["LF-05", "LF-06", "LF-07", "LF-09", "MK-10", "MK-11", "MK-12"], "LF-05..07 LF-09 MK-10..12"),
        (["RX-01", "PT-02", "x", "RX-03"], "RX-01 PT-02 x RX-03"),
    ],
)
def test_rows_short(rows: list[str], words: str) -> None:
    assert rows_short(rows) == words


def test_node_ids() -> None:
    assert parameters("a/test_b.py::test_c[x-y[1]]") == "x-y[1]"
    assert parameters("a/test_b.py::test_c") == ""
    assert short_id("a/b/test_b.py::test_c[x/y::z]") == "test_b.py::test_c[x/y::z]"
    assert short_id("monitor::LF-01") == "monitor::LF-01"


def test_clauses() -> None:
    assert [clause_path(clause) for clause in ("43.4.4/43.4.12", "43A.3", "-", "driver")] == [
        "43.4.4",
        "43A.3",
        "",
        "",
    ]


def test_a_limit_says_whose_each_part_is() -> None:
    assert limit_words(Limit("within", 3.0, 0.25, 0.15)) == (
        "within 3.000 s + 0.250 s tolerance + 0.150 s bench"
    )
    assert limit_words(Limit("for", 30.0, -0.25)) == "for 30.000 s - 0.250 s tolerance"
    assert limit_words(Limit("within", 1.5)) == "within 1.500 s"
    assert limit_words(Limit("within", 1.5, link=2.0)) == "within 1.500 s + 2.000 s link"


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(4.403, "s", 2.75, 3.75), "4.403 s, 0.653 s above the limit"),
        (Figure(2.5, "s", 2.75, None), "4.403 s, 0.25 s below the limit"),
        (None, "4.403 s"),
    ],
)
def test_a_figure_says_how_far_outside_it_is(figure: Figure | None, words: str) -> None:
    assert seen(sample.failure(seen="4.403 s", figure=figure)) == words


def test_a_message_begins_with_what_nothing_excuses() -> None:
    told = sample.failure("MK-09", "43.5.4", limit=None, expected="an answer", seen="none")
    known = replace(told, row="MK-08", known=sample.KNOWN)
    doubted = replace(told, row="MK-10", doubt="late")
    result = sample.result(Verdict.FAIL, ["MK-08", "MK-09", "MK-10"], "t", failures=[known, doubted, told])
    assert message(result) == "MK-09 (clause 43.5.4): expected an answer; seen none; and 2 more rows"
    expired = sample.result(Verdict.FAIL, ["MK-08"], "t", failures=[replace(known, expired=True)])
    assert message(expired).endswith("(a known deviation until 2027-06-30: It has no Marker Responder)")
    late = sample.result(Verdict.INCONCLUSIVE, ["MK-10"], "t", failures=[doubted], cause="late")
    assert message(late) == (
        "late; without that it would be: MK-10 (clause 43.5.4): expected an answer; seen none"
    )


def test_rows_are_told_where_their_verdicts_differ() -> None:
    assert judged_words(sample.failed()) == "FAIL RX-07 RX-08; NOT JUDGED RX-06"
    assert judged_words(sample.passed()[0]) == ""


def test_limits_in_words() -> None:
    limits = ((None, None), (1.0, None), (None, 2.5), (1.0, 2.5))
    assert [measurement_text(Measurement("m", 1.5, "s", lower, upper)) for lower, upper in limits] == [
        "1.5 s",
        "1.5 s (at least 1)",
        "1.5 s (at most 2.5)",
        "1.5 s (1 to 2.5)",
    ]


def test_groups_come_in_the_catalogues_order() -> None:
    assert sorted(["other", "AG", "ZZ", "MK", "LF"], key=group_order) == ["LF", "MK", "AG", "ZZ", "other"]
    assert group_titles()["PT"] == "Periodic transmission (43.4.13)"
    assert group_titles()["AG"].endswith("lifted")
