"""Texts have a limit in every report, and stand whole in a file beside it."""

from __future__ import annotations

import hashlib
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.junit import ATTRIBUTE_LIMIT
from harness.report.limits import limited, room_each, whole_file
from harness.report.sentences import details, message, sentence
from harness.report.terminal import Terminal
from harness.report.text import RUN_LIMIT, TEXT_LIMIT, cut, short_line
from harness.report.write import write_reports
from harness.verdict import Verdict
from harness.verdict.failure import SeenFrame
from harness.verdict.result import Attempt, Result, Run
from testcases.selftest.report import sample
from testcases.selftest.report.html_tree import tree
from testcases.selftest.report.screens import play

BIG = 11_000_000
PARSERS_REFUSE = 10_000_000
"""libxml2 refuses a text node or an attribute of so many octets (XML_MAX_TEXT_LENGTH)."""


def big(verdict: Verdict = Verdict.ERROR, filling: str = "x", size: int = BIG, row: str = "LF-01") -> Result:
    """An assertion that shows all of a long answer."""
    answer = filling * (size // len(filling))
    trace = f"Traceback (most recent call last):\n  File ...\nAssertionError: {answer}\n"
    told: dict[str, object] = {"cause": f"the testcase broke: {answer}"}
    if verdict is Verdict.FAIL:
        told = {"failures": [sample.failure(row, "43.4.2", expected="ready", seen=answer)]}
    return sample.result(verdict, [row], "An answer is shown", details=trace, **told)


def written(run: Run, reports: Path) -> tuple[ET.Element, str]:
    assert write_reports(run, reports, sample.CATALOGUE) == []
    page = (reports / "index.html").read_text("utf-8")
    return ET.fromstring((reports / "junit.xml").read_bytes()), page


@pytest.mark.parametrize(
    ("verdict", "filling", "size"),
    [
        (Verdict.ERROR, "x", BIG),
        (Verdict.FAIL, "x", 1_000_000),
        (Verdict.ERROR, "<&\x1b\u202e", 1_000_000),
        (Verdict.ERROR, "a line of it\n", 1_000_000),
        (Verdict.FAIL, "é", 1_000_000),
    ],
)
def test_a_text_of_millions_is_cut_and_whole_in_a_file(
    tmp_path: Path, verdict: Verdict, filling: str, size: int
) -> None:
    result = big(verdict, filling, size)
    root, page = written(sample.run([result, *sample.passed()]), tmp_path)
    texts = [text or "" for each in root.iter() for text in (each.text, *each.attrib.values())]
    assert max(len(text.encode()) for text in texts) < PARSERS_REFUSE / 10
    assert sum(map(len, texts)) < 2 * TEXT_LIMIT
    (outcome,) = [each for each in root.iter() if each.tag in ("error", "failure")]
    assert len(outcome.attrib["message"]) <= ATTRIBUTE_LIMIT
    assert "\n" not in outcome.attrib["message"]
    file = whole_file(result)
    assert f"the whole is in {file}" in (outcome.text or "")
    assert f"[[ATTACHMENT|{tmp_path / file}]]" in " ".join(root.itertext())
    assert len(page) < 20 * TEXT_LIMIT
    assert file in [each.attributes["href"] for each in tree(page).all("a")]
    kept = (tmp_path / file).read_bytes()
    assert hashlib.sha256(kept).hexdigest() in page
    assert len(kept) > size - len(filling)


def test_a_terminal_shows_a_few_lines_and_names_the_file(tmp_path: Path) -> None:
    run = sample.run([big(), big(Verdict.FAIL, size=1_000_000, row="LF-02")])
    written(run, tmp_path)
    stream = io.StringIO()
    play(Terminal(stream), run, tmp_path)
    assert len(stream.getvalue()) < 10_000
    for result in run.results:
        assert f"characters shown, the whole is in {tmp_path / whole_file(result)}" in stream.getvalue()


def test_many_testcases_with_much_text_share_what_a_page_may_hold(tmp_path: Path) -> None:
    many = [big(size=100_000, row=f"RX-{n:02}") for n in range(350)]
    for number, result in enumerate(many):
        result.nodeid += f"[{number}]"
    small = sample.failed()
    run = sample.run([*many, small])
    root, page = written(run, tmp_path)
    assert len(page) < 2 * RUN_LIMIT
    assert sum(len(text) for text in root.itertext()) < 2 * RUN_LIMIT
    for frame in sample.FRAMES:
        assert escape(frame.text) in page, "who needs little has all of it"
    assert len(list((tmp_path / "texts").iterdir())) == 350


def test_one_text_of_many_testcases_is_one_file(tmp_path: Path) -> None:
    one = big(size=100_000)
    run = sample.run([replace(one, attachments=[]) for _ in range(9)])
    _, page = written(run, tmp_path)
    (file,) = (tmp_path / "texts").iterdir()
    assert {whole_file(result) for result in run.results} == {f"texts/{file.name}"}
    assert len(page) < 3 * TEXT_LIMIT + 100_000


@pytest.mark.parametrize("what", ["notes", "attempts", "failed attempts", "properties", "title", "failures"])
def test_nothing_else_grows_without_a_bound(what: str) -> None:
    text = "word " * 400
    plain = sample.result(Verdict.PASS, ["LF-01"], "t")
    frames = tuple(SeenFrame(0.0, "w4", text) for _ in range(100))
    failure = sample.failure("LF-01", expected=text, seen=text, frames=frames)
    more = {
        "notes": replace(plain, notes=[text] * 5000),
        "attempts": replace(plain, attempts=[Attempt(Verdict.PASS, text, "1", 1.0)] * 500),
        "failed attempts": replace(
            plain, attempts=[Attempt(Verdict.FAIL, "", "1", 1.0, failures=(failure,))] * 300
        ),
        "failures": replace(plain, failures=[replace(failure, row=f"LF-{n:02}") for n in range(20)]),
        "properties": replace(plain, properties={str(number): text for number in range(5000)}),
        "title": replace(plain, title=text * 99),
    }
    (shown,) = limited(sample.run([more[what]])).results
    texts = [shown.title, *shown.notes, *shown.properties.values(), *map(message, shown.attempts)]
    texts += [details(shown), *map(sentence, shown.failures)]
    assert sum(map(len, texts)) < TEXT_LIMIT
    assert any("... cut" in text or " … " in text for text in [*texts, *shown.properties])


def test_of_many_frames_it_says_how_many_more_there_were() -> None:
    frames = sample.FRAMES * 1000
    told = sample.failure("LF-01", frames=frames, left_out=7)
    (shown,) = limited(sample.run([sample.result(Verdict.FAIL, ["LF-01"], "t", failures=[told])])).results
    (failure,) = shown.failures
    assert 3 < len(failure.frames) < len(frames)
    assert failure.frames == frames[: len(failure.frames)]
    assert len(failure.frames) + failure.left_out == len(frames) + 7


def test_what_is_short_stays_as_it_is() -> None:
    run = sample.everything()
    assert limited(run) == run


@given(st.lists(st.integers(0, 3 * TEXT_LIMIT), max_size=300))
def test_shares_are_fair_and_keep_to_the_whole(sizes: list[int]) -> None:
    some = [sample.result(Verdict.ERROR, ["LF-01"], "t", details="x" * size) for size in sizes]
    room = room_each(some)
    assert 0 < room <= TEXT_LIMIT
    assert sum(min(size, room) for size in sizes) <= RUN_LIMIT
    if room < TEXT_LIMIT:
        assert sum(min(size, room + 1) for size in sizes) > RUN_LIMIT - len(sizes), "room is left unused"


@given(st.text("ab\n", max_size=600), st.integers(100, 700))
def test_a_text_is_cut_at_its_end_and_says_of_how_much(text: str, room: int) -> None:
    shown = cut(text, room, "texts/a.txt")
    assert len(shown) <= room
    if len(text) <= room:
        assert shown == text
    else:
        head, notice = shown.rsplit("\n", 1)
        assert text.startswith(head)
        whole = "the whole is in texts/a.txt"
        assert notice == f"... cut: {len(head):,} of {len(text):,} characters shown, {whole}"


def test_a_text_of_lines_is_cut_between_them() -> None:
    head = cut("a line of it\n" * 100, 500).rsplit("\n", 1)[0]
    assert all(line == "a line of it" for line in head.splitlines())


def test_a_line_is_short() -> None:
    assert short_line("a\n b") == "a b"
    assert short_line("first " + "word " * 10_000 + "last", 24) == "first word wo … ord last"
    assert len(short_line("x" * 10**6 + " " * 10**6, 20)) <= 20


TRACE = """Traceback (most recent call last):
  File "a.py", line 3, in test
    assert "ready" in answer
AssertionError: not ready"""


def test_a_traceback_is_never_the_cause_that_is_read_first(tmp_path: Path) -> None:
    cause = "the testcase broke: AssertionError: not ready"
    result = sample.result(Verdict.ERROR, ["LF-01"], "t", cause=cause, details=TRACE)
    root, page = written(sample.run([result]), tmp_path)
    (error,) = root.iter("error")
    assert error.attrib["message"] == cause
    assert (error.text or "").startswith(cause) and (error.text or "").endswith(TRACE)
    (card,) = tree(page).by_id("troubled").all("article")
    assert [each.text for each in card.all("dd", "what")] == [cause]
    (folded,) = [each for each in card.all("details") if each.all("pre")]
    assert "open" not in folded.attributes
    assert TRACE in folded.raw
    stream = io.StringIO()
    play(Terminal(stream), sample.run([result]), tmp_path)
    assert 'File "a.py"' not in stream.getvalue()
    assert cause in stream.getvalue()
