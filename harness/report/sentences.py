"""Sentences on what an implementation did wrong, made of the data that a failure is."""

from __future__ import annotations

from harness.verdict import Verdict
from harness.verdict.failure import Failure, Limit
from harness.verdict.result import Attempt, Result


def limit_words(limit: Limit) -> str:
    """ "within 3.000 s + 0.250 s tolerance + 0.150 s bench": whose each part of the time is."""
    parts = [f"{limit.clause:.3f} s"]
    for value, whose in ((limit.tolerance, "tolerance"), (limit.bench, "bench")):
        if value:
            parts.append(f"{'+' if value > 0 else '-'} {abs(value):.3f} s {whose}")
    return f"{limit.word} {' '.join(parts)}"


def expected(failure: Failure) -> str:
    """What the requirement is, with its time."""
    return " ".join(filter(None, (failure.expected, limit_words(failure.limit) if failure.limit else "")))


def subject(failure: Failure) -> str:
    """ "RX-08 (clause 43.4.12)", and whether it is a premise."""
    clause = f" (clause {failure.clause})" if failure.clause else ""
    named = f"{failure.row}{clause}"
    return f"premise {named}" if failure.is_premise else named


def sentence(failure: Failure) -> str:
    """All of it but the frames, in one sentence."""
    day = ""
    if failure.known is not None and failure.expired:
        day = f" (a known deviation until {failure.known.expires}: {failure.known.reason})"
    said = f"expected {expected(failure)}; seen {failure.seen}{day}"
    return f"{subject(failure)}: {said}" if failure.row else said


def frame_lines(failure: Failure) -> list[str]:
    """What the implementation sent instead, a line a frame."""
    lines = [f"{frame.time:+.3f} s {frame.text}" for frame in failure.frames]
    if failure.left_out:
        lines.append(f"and {failure.left_out} more")
    return lines


def message(result: Result | Attempt) -> str:
    """Why it ended so, in a sentence; "" where there is nothing to say."""
    told = _first(result)
    if told is None:
        return result.cause
    said = sentence(told)
    more = len({one.row for one in result.failures}) - 1
    also = f"; and {more} more row{'s' * (more > 1)}" if more > 0 else ""
    if result.verdict in (Verdict.INCONCLUSIVE, Verdict.UNSTEADY, Verdict.ERROR):
        return f"{result.cause}; without that it would be: {said}{also}"
    return f"{said}{also}"


def details(result: Result) -> str:
    """The frames of each failure, then what is for engineers."""
    stories = [
        "\n".join((f"{subject(one)}, {place_of(one)}:", *frame_lines(one)))
        for one in result.failures
        if one.frames
    ]
    return "\n\n".join(filter(None, (*stories, result.details)))


def place_of(failure: Failure) -> str:
    """ "frames on t1-1, times from ...": where its frames were seen, what their times count from."""
    places = ", ".join(dict.fromkeys(frame.place for frame in failure.frames))
    return f"frames on {places}, times from {failure.origin or 'when the time began'}"


def _first(result: Result | Attempt) -> Failure | None:
    """The failure that is told first: one that nothing excuses."""
    return min(result.failures, key=_excused, default=None)


def _excused(failure: Failure) -> tuple[bool, bool, bool]:
    return bool(failure.doubt), failure.is_premise, failure.known is not None and not failure.expired
