"""docs/transitions.md is what was measured, and what was measured is so: a part of it is measured again."""

from __future__ import annotations

import random
from datetime import date

import pytest

from testcases.selftest.transitions.figures import FIGURES, MISSING, TRANSITIONS, Variant, variants
from testcases.selftest.transitions.measure import NOBODY, STATUS, WIRE, Suite, reads_status, suite
from testcases.selftest.transitions.page import PAGE, WHY, page, read

ANEW = "measure anew: .venv/bin/python -m testcases.selftest.transitions"
DRAWN = 12
"""Variants a day."""


def test_the_page_is_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read()), f"{ANEW} --page"


def test_every_transition_was_measured() -> None:
    found = read()
    assert set(found) == set(TRANSITIONS), ANEW
    for name, said in found.items():
        wanted = {one.to for one in variants(name)} if said["taken"] else set()
        assert set(said["variants"]) == wanted, f"{name}: {ANEW}"


def test_names_of_transitions_are_their_own() -> None:
    assert len(TRANSITIONS) == sum(len(machine.transitions) for machine in FIGURES.values())


def test_what_is_not_seen_has_a_reason() -> None:
    """And no other has one. Of the Churn Detection machines a status alone can tell."""
    unseen = set()
    for name, said in read().items():
        kinds = {by[0] for by in said["variants"].values()}
        only_status = (
            said["taken"] and said["variants"][MISSING][0] == STATUS and name[:2] not in ("AC", "PC")
        )
        if not said["taken"] or NOBODY in kinds or only_status:
            unseen.add(name)
    assert unseen == set(WHY)


@pytest.fixture(scope="module")
def on() -> Suite:
    with suite() as found:
        yield found


def _drawn() -> list[tuple[str, str]]:
    seen = [
        (name, to)
        for name, said in sorted(read().items())
        for to, by in said["variants"].items()
        if by[0] in (WIRE, STATUS)
    ]
    return random.Random(date.today().toordinal()).sample(seen, min(DRAWN, len(seen)))


@pytest.mark.parametrize(("name", "to"), _drawn())
def test_a_part_is_so_still(name: str, to: str, on: Suite) -> None:
    """Drawn by date: who was said to notice does, and takes the transition."""
    kind, testcase = read()[name]["variants"][to]
    assert testcase in on.testcases, ANEW
    assert reads_status(on.testcases[testcase]) is (kind == STATUS), ANEW
    assert name in on.takes(testcase), ANEW
    assert on.notices(testcase, Variant(name, to)), ANEW
