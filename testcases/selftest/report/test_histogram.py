"""Single figures behind a measurement, as the page and JUnit show them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from harness.report.histogram import EDGES, WIDTH, counts, histogram, place, words
from harness.report.page import render
from harness.verdict import Verdict
from harness.verdict.result import Measurement, Result
from testcases.selftest.report import sample
from testcases.selftest.report.html_tree import tree

CUT = Measurement("cut: longest interruption", 30.0, "ms", None, 25.0, (0.0, 0.4, 1.0, 30.0))


def test_each_figure_is_in_its_bar() -> None:
    assert words(CUT) == "2 of 0 to 1 ms, 1 of 1 to 2 ms, 1 of 20 to 50 ms"
    drawing = tree(histogram(CUT))
    assert [text.text for text in drawing.all("text", "count")] == ["2", "1", "1"]
    (limit,) = drawing.all("line", "limit")
    last = drawing.all("rect", "column")[-1]
    left = float(last.attributes["x"])
    assert left < float(limit.attributes["x1"]) < left + float(last.attributes["width"])


@given(st.lists(st.floats(0, 1e9), min_size=1), st.none() | st.floats(0, 1e9))
def test_no_figure_is_left_out_and_nothing_outside(samples: list[float], upper: float | None) -> None:
    measurement = Measurement("m", max(samples), "ms", None, upper, tuple(samples))
    assert sum(counts(measurement)) == len(samples)
    assert 0 <= place(max(samples)) <= WIDTH
    drawing = tree(histogram(measurement))
    assert sum(int(text.text) for text in drawing.all("text", "count")) == len(samples)


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_the_scale_keeps_the_order(values: list[float]) -> None:
    values.sort()
    assert [place(value) for value in values] == sorted(place(value) for value in values)
    assert place(EDGES[0]) < place(EDGES[-1])


def test_the_page_shows_them_by_kind() -> None:
    plain = Measurement("p50", 0.4, "ms")
    added = Measurement("added: longest interruption", 0.0, "ms", None, 25.0, (0.0,))
    some = [sample.result(Verdict.PASS, ["FD-13"], "t", measurements=[plain, CUT, added])]
    rows = tree(render(sample.run(some))).by_id("spread").all("tr")[1:]
    assert [bool(row.all("svg", "histogram")) for row in rows] == [True, True]
    assert "added: longest" in rows[0].text
    assert "OUTSIDE: at most 25 ms" in rows[1].text
    without = [sample.result(Verdict.PASS, ["FD-13"], "t", measurements=[plain])]
    assert 'id="spread"' not in render(sample.run(without))


def test_they_cross_a_process_border() -> None:
    result = sample.result(Verdict.PASS, ["FD-13"], "t", measurements=[CUT])
    assert Result.from_json(json.loads(json.dumps(result.as_json()))) == result
