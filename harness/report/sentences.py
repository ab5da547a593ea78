"""Sentences on what an implementation did wrong, made of the data that a failure is."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.text import rows_short
from harness.report.wording import WORDING
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.failure import Failure, Figure, KnownDeviation, Limit
from harness.verdict.result import Attempt, Result


def limit_words(limit: Limit) -> str:
    """ "within 3.000 s + 0.250 s tolerance + 0.150 s bench": whose each part of the time is."""
    parts = [f"{limit.clause:.3f} s"]
    for value, whose in (
        (limit.tolerance, "tolerance"),
        (limit.bench, "bench"),
        (limit.link, "link"),
        (limit.clocks, "clocks"),
    ):
        if value:
            parts.append(f"{'+' if value > 0 else '-'} {abs(value):.3f} s {whose}")
    return f"{limit.word} {' '.join(parts)}"


def expected(failure: Failure) -> str:
    """What the requirement is, with its time."""
    return " ".join(filter(None, (failure.expected, limit_words(failure.limit) if failure.limit else "")))


def seen(failure: Failure) -> str:
    """What there was instead; of a figure also how far it is outside its limits."""
    return ", ".join(filter(None, (failure.seen, _outside(failure.figure) if failure.figure else "")))


def _outside(figure: Figure) -> str:
    if figure.upper is not None and figure.value > figure.upper:
        return f"{figure.value - figure.upper:g} {figure.unit} above the limit"
    if figure.lower is not None and figure.value < figure.lower:
        return f"{figure.lower - figure.value:g} {figure.unit} below the limit"
    return ""


def subject(failure: Failure) -> str:
    """ "RX-08 (clause 43.4.12)": the row that was broken."""
    clause = f" (clause {failure.clause})" if failure.clause else ""
    return f"{failure.row}{clause}"


def known_words(known: KnownDeviation) -> str:
    """Why a failure is a known deviation, by what, and until when."""
    return f"{known.reason} ({known.reference}; until {known.expires})"


def sentence(failure: Failure) -> str:
    """All of it but the frames, in one sentence."""
    day = ""
    if failure.known is not None and failure.expired:
        day = f" (a known deviation until {failure.known.expires}: {failure.known.reason})"
    said = f"expected {expected(failure)}; seen {seen(failure)}{day}"
    return f"{subject(failure)}: {said}" if failure.row else said


def fields(failure: Failure, cause: str = "") -> Iterator[tuple[str, str]]:
    """All of it but the frames, each part with a label; ``cause`` is what has been said of its doubt."""
    yield "premise" if failure.is_premise else "row", subject(failure)
    yield "expected", expected(failure)
    yield "seen", seen(failure)
    if failure.doubt and failure.doubt not in cause:
        yield "doubt", failure.doubt
    if failure.known is not None:
        yield "expired" if failure.expired else "known", known_words(failure.known)


def frames_place(failure: Failure) -> str:
    """ "on t1-1, times from ...": where its frames were seen, what their times count from."""
    places = ", ".join(dict.fromkeys(frame.place for frame in failure.frames))
    return f"on {places}, times from {failure.origin or 'the start of the time that is judged'}"


def frame_rows(failure: Failure, most: int | None = None) -> list[tuple[str, str]]:
    """What the implementation sent instead, time and frame; the first few of many, and how many more."""
    shown = failure.frames[:most]
    left_out = failure.left_out + len(failure.frames) - len(shown)
    rows = [(f"{frame.time:+.3f} s", frame.text) for frame in shown]
    return rows + ([("", f"and {left_out} more")] if left_out else [])


def frame_lines(failure: Failure, most: int | None = None) -> list[str]:
    """The same, a line each."""
    return ["  ".join(filter(None, row)) for row in frame_rows(failure, most)]


def message(result: Result | Attempt) -> str:
    """Why it ended so, in a sentence; "" where there is nothing to say."""
    told = min(result.failures, key=_excused, default=None)
    if told is None:
        return result.cause
    said = f"waits for {sentence(told)}" if told.is_premise else sentence(told)
    more = len({one.row for one in result.failures if not one.is_premise}) - 1
    if more > 0:
        said += f"; and {more} more row{'s' if more > 1 else ''}"
    if result.cause and result.verdict in (Verdict.INCONCLUSIVE, Verdict.UNSTEADY, Verdict.ERROR):
        return f"{result.cause}; without that it would be: {said}"
    return said


def _excused(failure: Failure) -> tuple[bool, bool, bool]:
    """What is told first: what nothing excuses."""
    return bool(failure.doubt), failure.is_premise, failure.known is not None and not failure.expired


def premise(result: Result) -> Failure | None:
    """What it needs before it can judge, and did not reach."""
    return next((one for one in result.failures if one.is_premise), None)


def judged_words(result: Result) -> str:
    """ "FAIL MK-09; PASS MK-08; NOT JUDGED MK-10"; "" where all its rows have one verdict."""
    if len(set(result.judged.values())) < 2:
        return ""
    by_verdict = {
        verdict: [row for row, its in result.judged.items() if its is verdict] for verdict in WORST_FIRST
    }
    return "; ".join(
        f"{WORDING[verdict].word} {rows_short(rows)}" for verdict, rows in by_verdict.items() if rows
    )


def details(result: Result) -> str:
    """The frames of each failure, then what is for engineers."""
    stories = [
        "\n".join((f"{subject(one)}, frames {frames_place(one)}:", *frame_lines(one)))
        for one in result.failures
        if one.frames
    ]
    return "\n\n".join(filter(None, (*stories, result.details)))
