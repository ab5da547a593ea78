"""Words and numbers that all reports share."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from harness.report.summary import (
    broken,
    clause_path,
    group_order,
    group_titles,
    measurement_text,
    node,
    parameters,
)
from harness.report.text import duration, moment, one_line, printable, rows_short
from harness.verdict import ConformanceFailure, Verdict
from harness.verdict.result import Measurement
from testcases.selftest.report import sample
from testcases.selftest.report.test_junit import ANY_TEXT


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
    assert parameters("a/test_b.py::test_c[x-y[1]]@bench 2") == "x-y[1]"
    assert node("a/test_b.py::test_c@bench2") == "a/test_b.py::test_c"
    assert node("a/test_b.py::test_c[u@h]") == "a/test_b.py::test_c[u@h]"
    assert parameters("a/test_b.py::test_c") == ""


def test_clauses() -> None:
    assert [clause_path(clause) for clause in ("43.4.4/43.4.12", "43A.3", "-", "driver")] == [
        "43.4.4",
        "43A.3",
        "",
        "",
    ]


def test_broken_reads_what_a_failure_says() -> None:
    failure = ConformanceFailure("RX-08", "43.4.12 EXPIRED", "Expired = 1", "0")
    result = sample.result(Verdict.FAIL, ["RX-06", "RX-08"], "t", clause="43.1", message=str(failure))
    assert broken(result) == ("RX-08", "43.4.12 EXPIRED")
    result = sample.result(Verdict.ERROR, ["RX-06", "RX-08"], "t", clause="43.1", message="no console")
    assert broken(result) == ("RX-06 RX-08", "43.1")


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
