"""The page: well formed whatever text a result holds, self-contained, and says what people look for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.gauge import gauge
from harness.report.page import render, write_page
from harness.report.sentences import message
from harness.report.text import one_line
from harness.verdict import Verdict
from harness.verdict.result import Measurement, Result
from testcases.selftest.report import sample
from testcases.selftest.report.any_text import results
from testcases.selftest.report.html_tree import Node, tree


@pytest.fixture(scope="module")
def page() -> Node:
    return tree(render(sample.run(), sample.CATALOGUE))


def addresses(root: Node) -> Iterator[str]:
    """Everything a browser would fetch or go to."""
    for node in root.walk():
        for name in ("href", "src", "action", "data", "poster", "xlink:href"):
            if name in node.attributes:
                yield node.attributes[name]


def test_headline_and_counts(page: Node) -> None:
    (banner,) = page.all("div", "verdict")
    assert "✗ FAIL 1 of 7 testcases judged broke a requirement." in banner.text
    for words in ("1 FAIL", "1 ERROR", "1 INCONCLUSIVE", "6 PASS", "2 NOT APPLICABLE"):
        assert words in banner.text
    (lead,) = page.all("p", "lead")
    assert lead.text.endswith("took 6 min 52 s (one after the other 2 min 33 s, 0.4 times as long)")
    (bar,) = page.all("div", "bar")
    shares = [float(re.search(r"flex: ([\d.]+)", each.attributes["style"])[1]) for each in bar.all("span")]  # type: ignore[index]
    assert shares == pytest.approx([100 / 11] * 3 + [600 / 11, 200 / 11], abs=0.01)


def test_what_did_not_pass_comes_first_and_says_why(page: Node) -> None:
    cards = page.by_id("troubled").all("article")
    assert [each.attributes["class"] for each in cards] == ["card fail", "card error", "card inconclusive"]
    sections = [each.attributes["id"] for each in page.all("section")]
    assert sections[0] == "troubled"
    text = cards[0].text
    window = "within 3.000 s + 0.250 s tolerance + 0.150 s bench"
    for words in ("RX-07 (clause 43.4.12)", window, "3 other frames", "bench 2, T1", "What RX-07 asks for"):
        assert words in text
    assert "RX-08 (clause 43.4.12)" in text and "4.403 s, 0.653 s above the limit" in text
    assert [
        [cell.text for cell in row.all("td")] for row in cards[0].all("table", "frames")[0].all("tr")
    ] == [line.split("  ") for line in sample.FRAME_LINES.splitlines()]
    rows = [each.text for each in cards[0].all("ul", "rows")[0].all("li")]
    assert rows == ["… RX-06 not judged", "✗ RX-07 fail", "✗ RX-08 fail"]
    hrefs = [each.attributes["href"] for each in cards[0].all("a")]
    assert hrefs == ["rx-07/w4.pcapng", "rx-07/switch%20console.txt"]
    assert "held by picocom" in cards[1].text


def test_not_applicable_by_reason(page: Node) -> None:
    assert [each.text for each in page.by_id("skipped").all("li")] == [
        "Open vSwitch has no agrconfig (1: AG-04)",
        "needs two straight wires (1: MK-12)",
    ]


def test_known_deviations_by_reason_and_those_that_are_gone() -> None:
    page = tree(render(sample.deviating(), sample.CATALOGUE))
    (banner,) = page.all("div", "verdict")
    assert "≈ KNOWN DEVIATION" in banner.text
    section = page.by_id("deviations")
    assert [each.text for each in section.all("li")] == [
        "It has no Marker Responder (its <manual>, section 4; until 2027-06-30; 1: MK-01)",
        "RX-12: It defaults too late (issue 4711; 1 passed)",
    ]
    anchor = section.all("a")[0].attributes["href"].removeprefix("#")
    for words in ("a Marker Response within 3.000 s", "nothing", "until 2027-06-30"):
        assert words in page.by_id(anchor).text
    assert len(page.by_id(anchor).all("table", "frames")[0].all("tr")) == len(sample.FRAMES)


def test_both_attempts_of_an_unsteady_testcase_are_shown() -> None:
    root = tree(render(sample.run([sample.unsteady(), *sample.passed()])))
    (banner,) = root.all("div", "verdict")
    assert "~ UNSTEADY 1 of 7 testcases judged unsteady; 6 passed." in banner.text
    (card,) = root.by_id("troubled").all("article")
    assert card.attributes["class"] == "card unsteady"
    assert "the host did not run agrd for 1.3 s of these 3.5" in card.text
    (table,) = card.all("table", "attempts")
    found = [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
    first = message(sample.unsteady().attempts[0])
    assert found == [
        ["1", "✗ FAIL", "agr-lab3", "beside others", "5.2 s", first],
        ["2", "✓ PASS", "agr-lab1", "alone", "4.8 s", ""],
    ]


def test_what_passed_later_is_never_hidden() -> None:
    root = tree(render(sample.run(sample.passed_later())))
    assert [each.text for each in root.by_id("attempts").all("li")] == [
        "2 passed at the second attempt (LF-20, LF-21); "
        "at first INCONCLUSIVE: the bench was 182 ms late (limit 50 ms)",
        "1 passed at the second attempt (MK-03); at first ERROR: the switch's console did not answer in 10 s",
    ]
    rows = [row for row in root.by_id("testcases").all("tr") if "data-verdict" in row.attributes]
    assert all("✓ PASS2 attempts" in row.text for row in rows)
    assert all(len(row.all("table", "attempts")) == 1 for row in rows)


def test_of_repeats_it_says_how_often_each_verdict_came_worst_first() -> None:
    root = tree(render(sample.repeated()))
    section = root.by_id("attempts")
    heads = [each.text for each in section.all("th")]
    assert heads == ["FAIL", "INCONCLUSIVE", "PASS", "Testcase"]
    found = [[cell.text for cell in row.all("td")] for row in section.all("tr")[1:]]
    assert found == [
        ["✗ 5", "", "", "RX-05 It always fails"],
        ["✗ 1", "? 1", "✓ 3", "RX-03 It fails sometimes"],
        ["", "? 1", "✓ 4", "RX-02 Once it was late"],
    ]
    assert "1 testcase had the same verdict each time" in section.text


def test_a_cause_that_many_met_is_said_once() -> None:
    html = render(sample.run([*sample.parked(), sample.failed()]), sample.CATALOGUE)
    root = tree(html)
    cards = root.by_id("troubled").all("article")
    assert [each.all("h3")[0].text for each in cards] == [
        "✗ FAIL RX-06..08: A bundled port that hears nothing goes to EXPIRED [short-phase3]",
        "! ERROR 35 testcases, for one cause",
    ]
    assert html.count("no bench is left") == 1
    assert html.count("File &#34;loop.py&#34;") == 40, "the traceback stands there once"
    folded = {each.all("summary")[0].text: each for each in cards[1].all("details")}
    assert all("open" not in each.attributes for each in cards[1].all("details"))
    assert len(folded["Who met it"].all("ul", "plain")[0].all("li")) == 35
    ids = {node.attributes["id"] for node in root.walk() if "id" in node.attributes}
    assert {address[1:] for address in addresses(root) if address.startswith("#")} <= ids


def test_every_testcase_is_in_its_group_and_can_be_filtered(page: Node) -> None:
    groups = {
        each.all("h3")[0].text.partition(":")[0]: each for each in page.by_id("testcases").all("div", "group")
    }
    assert list(groups) == ["LF", "RX", "MK", "FD", "AG"]
    rows = [row for row in page.by_id("testcases").all("tr") if "data-verdict" in row.attributes]
    assert len(rows) == 11
    boxes = {each.attributes["value"] for each in page.all("input") if each.attributes["type"] == "checkbox"}
    assert boxes == {row.attributes["data-verdict"] for row in rows}
    badges = [row.all("span", "badge")[0].text for row in groups["RX"].all("tr") if row.all("span", "badge")]
    assert badges == ["✗ FAIL", "? INCONCLUSIVE", "✓ PASS"]


def test_matrix_shows_claims_and_outcomes(page: Node) -> None:
    catalogue = page.by_id("catalogue")
    cells = {each.text.split()[-1]: each for each in catalogue.all("ul", "cells")[1].all("li")}
    styles = {row: cell.attributes["class"] for row, cell in cells.items()}
    assert (styles["RX-07"], styles["RX-09"], styles["RX-12"]) == ("fail", "inconclusive", "pass")
    assert (styles["RX-01"], styles["RX-03"]) == ("unrun", "unclaimed")
    assert "31 of 42 claimed" in page.by_id("catalogue").text
    assert "What RX-03 asks for <in own words>" in cells["RX-03"].attributes["title"]
    rows = {row.all("td")[0].text: row for row in catalogue.all("tr") if row.all("td", "rows")}
    assert [cell.text for cell in rows["RX-18"].all("td")] == [
        "RX-18",
        "∅ no bench shows it",
        "43.4.12",
        "M",
        "What RX-18 asks for <in own words>nobody can send such a frame",
        "",
    ]
    assert rows["RX-03"].all("td")[1].text == "· no testcase"
    assert rows["RX-12"].all("td")[5].text == "1 pass"
    assert "not applicable: needs two straight wires" in rows["MK-12"].all("td")[4].text


def test_rows_by_clause() -> None:
    rows = [
        {"id": "RX-01", "clauses": ["43.4.12"], "testcases": ["a"]},
        {"id": "LF-01", "clauses": ["43B.3", "43.4.2"]},
        {"id": "AG-01"},
    ]
    (table,) = tree(render(sample.run([]), rows)).by_id("catalogue").all("details", "group")
    found = [[cell.text for cell in row.all("td")] for row in table.all("tr") if row.all("td")]
    assert found == [["43.4.2", "· LF-01"], ["43.4.12", "○ RX-01"], ["43B.3", "· LF-01"], ["AG", "· AG-01"]]


def test_what_was_not_judged_stands_together_and_leads_to_its_premise() -> None:
    root = tree(render(sample.run([*sample.unmet(40), *sample.passed()]), sample.CATALOGUE))
    (premise,) = root.by_id("troubled").all("article")
    assert "✗ FAIL MX-02: What 40 testcases wait for" in premise.text
    assert "an LACPDU with Synchronization=1 on w4 within 3.000 s + 0.250 s tolerance" in premise.text
    met = [each for each in premise.all("details") if "Met by 40 testcases" in each.text]
    assert len(met[0].all("li")) == 40
    (waiting,) = root.by_id("waiting").all("article")
    assert waiting.all("h3")[0].text == "… NOT JUDGED 40 testcases wait for MX-02"
    assert waiting.all("h3")[0].all("a")[0].attributes["href"] == f"#{premise.attributes['id']}"
    assert len(waiting.all("li")) == 40
    rows = [row for row in root.by_id("testcases").all("tr") if row.attributes.get("data-verdict")]
    waits = [row for row in rows if row.attributes["data-verdict"] == "not_judged"]
    assert len(waits) == 40
    assert all("… NOT JUDGED" in row.text and "waits for MX-02" in row.text for row in waits)
    boxes = {each.attributes["value"] for each in root.all("input") if each.attributes["type"] == "checkbox"}
    assert "not_judged" in boxes
    cells = {each.text.split()[-1]: each.attributes["class"] for each in root.all("ul", "cells")[3].all("li")}
    assert cells["FD-01"] == "not_judged"


def test_each_row_of_a_testcase_has_its_own_verdict() -> None:
    """A known deviation of MK-08 alone says nothing of the others."""
    root = tree(render(sample.run([sample.fused(replace(sample.KNOWN, row="MK-08"))]), sample.CATALOGUE))
    (card,) = root.by_id("troubled").all("article")
    rows = ["≈ MK-08 known deviation", "✗ MK-09 fail", "✓ MK-10 pass"]
    assert [each.text for each in card.all("ul", "rows")[0].all("li")] == rows
    (reason,) = root.by_id("deviations").all("li")
    assert reason.text.endswith("until 2027-06-30; 1: MK-08)")
    broken = card.all("div", "broken")
    assert [("It has no Marker Responder" in each.text) for each in broken] == [True, False]
    (cells,) = [each for each in root.all("ul", "cells") if "MK-08" in each.text and "MK-20" in each.text][:1]
    states = {each.text.split()[-1]: each.attributes["class"] for each in cells.all("li")}
    assert (states["MK-08"], states["MK-09"], states["MK-10"]) == ("deviation", "fail", "pass")
    (line,) = [row for row in root.by_id("testcases").all("tr") if row.attributes.get("data-verdict")]
    assert "MK-08" in line.all("td", "rows")[0].text and len(line.all("td", "rows")[0].all("b")) == 3


def test_a_row_shows_the_worst_of_its_testcases() -> None:
    verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.PASS)
    some = [sample.result(verdict, ["MK-01"], "t", nodeid=str(n)) for n, verdict in enumerate(verdicts)]
    root = tree(render(sample.run(some), [{"id": "MK-01"}, {"id": "MK-02"}]))
    (cells, *_) = (each.all("li") for each in root.by_id("catalogue").all("ul", "cells"))
    assert [each.attributes["class"] for each in cells] == ["fail", "unclaimed"]
    assert cells[0].all("a")[0].attributes["href"] == "#t2"


def test_links_inside_the_page_lead_somewhere(page: Node) -> None:
    ids = {node.attributes["id"] for node in page.walk() if "id" in node.attributes}
    inside = [address for address in addresses(page) if address.startswith("#")]
    assert len(inside) > 10
    assert {address[1:] for address in inside} <= ids


def test_nothing_comes_from_elsewhere(page: Node) -> None:
    assert page.all("link") == []
    assert [address for address in addresses(page) if re.match(r"\w+:|//", address)] == []
    assert all("src" not in each.attributes for each in page.all("script"))
    style = " ".join(each.raw for each in page.all("style"))
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


def test_picture_has_every_wire_with_its_capture(page: Node) -> None:
    (drawing,) = page.all("svg", "bench")
    wires = drawing.all("g", "wire")
    assert len(wires) == 9
    assert len(drawing.all("g", "eye")) == 9
    assert "w4: re4 to tp4. T1, captured at tester's port" in wires[5].text
    assert "Open vSwitch 3.1.0; SSH and" in drawing.text
    heights = [line.attributes["y1"] for line in drawing.all("line")]
    assert heights[0] == heights[4], "the traffic wire starts at the top beside the first switched wire"
    assert len(set(heights)) == 8


def test_gauges_show_inside_and_outside_by_shape() -> None:
    kinds = {
        "inside": Measurement("in", 3.0, "s", 2.0, 4.0),
        "edge": Measurement("edge", 4.0, "s", 2.0, 4.0),
        "above": Measurement("above", 4.5, "s", None, 4.0),
        "below": Measurement("below", 0.0, "", 1.0, None),
        "free": Measurement("free", 7.0, "%"),
    }
    some = [sample.result(Verdict.PASS, ["PT-01"], "t", measurements=list(kinds.values()))]
    rows = tree(render(sample.run(some))).by_id("measurements").all("tr")[1:]
    outside = {name: bool(row.all("path", "outside")) for name, row in zip(kinds, rows, strict=True)}
    assert outside == {"inside": False, "edge": False, "above": True, "below": True, "free": False}
    assert "OUTSIDE: at most 4 s" in rows[2].text
    assert "inside: 2 to 4 s" in rows[0].text
    assert "only reported" in rows[4].text
    assert rows[4].all("svg") == []


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_gauges_stay_in_their_frame(value: float, one: float, other: float) -> None:
    drawing = tree(gauge(Measurement("m", value, "s", min(one, other), max(one, other))))
    (band,) = drawing.all("rect")
    left, width = float(band.attributes["x"]), float(band.attributes["width"])
    assert 0 <= left <= left + width <= 181
    marker = re.match(r"M(-?[\d.]+) ", drawing.all("path")[0].attributes["d"])
    assert marker
    assert 0 <= float(marker[1]) <= 180


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        ([], "ERROR No testcase ran."),
        ([Verdict.PASS, Verdict.NOT_APPLICABLE], "PASS 1 testcase passed"),
        ([Verdict.NOT_APPLICABLE], "NOT APPLICABLE Nothing was judged"),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], "INCONCLUSIVE 1 testcase of 2 inconclusive; 1 passed."),
        ([Verdict.PASS, Verdict.UNSTEADY], "UNSTEADY 1 of 2 testcases judged unsteady; 1 passed."),
        ([Verdict.FAIL, Verdict.UNSTEADY], "FAIL 1 of 2 testcases judged broke a requirement; 1 unsteady."),
        ([Verdict.UNSTEADY, Verdict.DEVIATION], "UNSTEADY 1 of 2 testcases judged unsteady; 0 passed."),
        ([Verdict.ERROR, Verdict.INCONCLUSIVE], "ERROR 2 testcases of 2 without a verdict; 0 passed."),
    ],
)
def test_headlines(verdicts: list[Verdict], word: str) -> None:
    run = sample.run([sample.result(verdict, ["MK-01"], "t") for verdict in verdicts])
    (banner,) = tree(render(run)).all("div", "verdict")
    assert word in banner.text


def test_written_whole_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "new" / "index.html"
    write_page(sample.run(), path, iter(sample.CATALOGUE))
    assert path.read_text("utf-8") == render(sample.run(), sample.CATALOGUE)
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


@settings(max_examples=30)
@given(st.lists(results(), min_size=1, max_size=2))
def test_any_text_stays_text(some: list[Result]) -> None:
    html = render(sample.run(some))
    html.encode("utf-8")
    root = tree(html)
    targets = {unquote(address) for address in addresses(root)}
    for result in some:
        assert " ".join(one_line(result.title).split()) in root.text
        assert {
            each.path.encode("utf-8", "backslashreplace").decode() for each in result.attachments
        } <= targets


OF_A_FAILURE = ["expected", "seen", "origin", "doubt", "clause"]
FIELDS = ["title", "cause", "details", "bench", "nodeid", *OF_A_FAILURE]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("verdict", Verdict)
def test_markup_in_a_result_does_nothing(field: str, verdict: Verdict) -> None:
    evil = "</pre></style><script>alert('x')</script><img src=x onerror=\"alert(1)\">{{ 7*7 }}{% raw %}"

    def page(text: str) -> Node:
        told: dict[str, object] = {"title": "t", "cause": "c", "details": "d", field: text}
        words = {name: told.pop(name) for name in OF_A_FAILURE if name in told}
        told["failures"] = [sample.failure("RX-01", **words)]
        result = sample.result(verdict, ["RX-01"], str(told.pop("title")), **told)
        return tree(render(sample.run([result])))

    root = page(evil)
    assert len(root.all("script")) == len(page("plain").all("script"))
    assert root.all("img") == []
    assert all(not name.startswith("on") for node in root.walk() for name in node.attributes)
