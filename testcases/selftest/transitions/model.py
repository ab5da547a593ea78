"""The reference model with notes of its transitions, as a simulated bench loads it."""

from __future__ import annotations

from harness.reference import Reference
from harness.reference.choices import Choices
from testcases.selftest.transitions.figures import Notes, Variant

VARIANT: Variant | None = None
NOTES = Notes(None)


def choose(variant: Variant | None) -> None:
    """Every model that is made from now on has this variant; None: none. Notes begin anew."""
    global VARIANT, NOTES
    VARIANT, NOTES = variant, Notes(variant)


class Noted(Reference):
    """The model."""

    def __init__(self) -> None:
        super().__init__(Choices(figures=NOTES))
