"""Testcases that were run more than once: each attempt in words, and how often each verdict came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from harness.report.sentences import message
from harness.report.summary import bench_name
from harness.report.text import duration, one_line
from harness.report.wording import WORDING
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Attempt, Result

_BEFORE = {2: "second", 3: "third"}


def beside(attempt: Attempt) -> str:
    """Whether anything ran meanwhile, in a word or two."""
    return "alone" if attempt.alone else "beside others"


def attempt_words(attempt: Attempt) -> str:
    """ "FAIL on bench 2, beside others, after 3.2 s: RX-07 (clause ...": one line."""
    where = f"on {bench_name(one_line(attempt.bench))}, " if attempt.bench else ""
    said = f": {one_line(message(attempt))}" if message(attempt) else ""
    return (
        f"{WORDING[attempt.verdict].word} {where}{beside(attempt)}, after {duration(attempt.seconds)}{said}"
    )


def first_words(result: Result) -> str:
    """Verdict and message of its first attempt, on one line."""
    first = result.attempts[0]
    return ": ".join(filter(None, (WORDING[first.verdict].word, one_line(message(first)))))


def passed_later(results: Iterable[Result]) -> dict[tuple[str, str], list[Result]]:
    """What passed, but not at once: by which attempt it was ("second") and what the first one said."""
    found: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        verdicts = [attempt.verdict for attempt in result.attempts]
        if result.verdict is Verdict.PASS and verdicts[:1] not in ([], [Verdict.PASS]):
            at = verdicts.index(Verdict.PASS) + 1 if Verdict.PASS in verdicts else len(verdicts)
            found.setdefault((_BEFORE.get(at, f"{at}th"), first_words(result)), []).append(result)
    return found


def often(result: Result) -> dict[Verdict, int]:
    """How often each verdict came, worst first; only those that did."""
    number = Counter(attempt.verdict for attempt in result.attempts) or Counter([result.verdict])
    return {verdict: number[verdict] for verdict in WORST_FIRST if number[verdict]}


def repeated(results: Iterable[Result]) -> tuple[list[Result], list[Result]]:
    """Of a run with `--repeat`: what is to be looked at, the worst and most frequent first; and the rest.

    The rest had one verdict each time, and that was PASS or NOT APPLICABLE.
    """
    varied: list[Result] = []
    same: list[Result] = []
    for result in results:
        calm = list(often(result)) in ([Verdict.PASS], [Verdict.NOT_APPLICABLE])
        (same if calm else varied).append(result)
    return sorted(varied, key=_worst_first), same


def _worst_first(result: Result) -> tuple[list[int], str]:
    number = often(result)
    return [-number.get(verdict, 0) for verdict in WORST_FIRST], result.nodeid
