"""How each verdict is shown, on every report: a word, a few letters, a sign; never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from harness.verdict import Verdict


@dataclass(frozen=True)
class Wording:
    """A verdict for people; ``short`` has at most six letters, for lines of a terminal."""

    word: str
    short: str
    symbol: str
    meaning: str


WORDING = {
    Verdict.PASS: Wording("PASS", "PASS", "✓", "the implementation did what the clause asks for"),
    Verdict.FAIL: Wording("FAIL", "FAIL", "✗", "the implementation broke a requirement"),
    Verdict.INCONCLUSIVE: Wording(
        "INCONCLUSIVE", "INCONC", "?", "the bench's own measurements forbid a verdict"
    ),
    Verdict.UNSTEADY: Wording(
        "UNSTEADY", "UNST", "~", "it failed while the bench was disturbed, and passed with nothing beside it"
    ),
    Verdict.ERROR: Wording("ERROR", "ERROR", "!", "the bench, the switch or the testcase is at fault"),
    Verdict.DEVIATION: Wording(
        "KNOWN DEVIATION", "KNOWN", "≈", "it broke a requirement in a way that is listed as known"
    ),
    Verdict.NOT_JUDGED: Wording(
        "NOT JUDGED", "NOT J", "…", "what it needs first was not reached, or did not come about"
    ),
    Verdict.NOT_APPLICABLE: Wording("NOT APPLICABLE", "N/A", "–", "this bench cannot show it"),
}
