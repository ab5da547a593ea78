"""A run whose operator sets what testcases need: when he is asked, and what becomes of his answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.catalogue.claims import Spec
from harness.lab.schema import Lab
from harness.run.bench_process import SetByHand
from harness.run.interrupt import interruptible_again
from harness.run.operator import QUIT, SKIP, Asked, Changes, NoAnswer, Operator
from harness.run.questions import Picture, Question
from harness.verdict import BenchError


class Asking:
    """Asks the operator between testcases. What he has been asked for is on the disk before that."""

    def __init__(self, lab: Lab, operator: Operator, where: Asked, wait: Callable[[], None]) -> None:
        self.picture = Picture(lab)
        self._operator = operator
        self._where = where
        self._wait = wait
        self._changes = Changes(lab)
        self._unproven: Question | None = None
        self._wrong = ""  # what the wires told against the change that is not proven
        self._was_wrong = False

    @property
    def set_by_hand(self) -> SetByHand:
        """How LAGs are set, for the bench."""
        one = self._unproven
        return SetByHand(list(self.picture.lags), (one.ports, dict(one.changes)) if one else None)

    def until_ready(self, specs: Mapping[int, Spec]) -> Iterator[tuple[int, str]]:
        """Have the operator set what some of these testcases need, until one is ready or none is left.

        Gives those that are not applicable since he skips what they need, each with the reason. Raises
        NoAnswer where the run is to end.
        """
        left = dict(specs)
        while left and (self._wrong or not any(map(self.picture.is_ready, left.values()))):
            self._ask(list(left.values()))
            for index, why in [(index, self.picture.skipped(spec)) for index, spec in left.items()]:
                if why:
                    del left[index]
                    yield index, why

    def _ask(self, specs: Sequence[Spec]) -> None:
        """Ask for what serves most of these testcases, or once more for what he has set otherwise."""
        question = self._unproven if self._wrong else self.picture.question(specs)
        assert question is not None  # what is neither ready nor skipped waits for a change
        if self._wrong:
            text, others = f"{self._wrong}. {question.sentence}, then press Enter (q: end the run): ", QUIT
        else:
            text = f"{question.sentence}, then press Enter (s: skip what needs this, q: end the run): "
            others = SKIP + QUIT
        self._write(question)
        answer = self._operator.ask(text, others, self._where, self._wait)
        if answer == SKIP:
            self.picture.skip(question)
            self._write()
            return
        if answer == QUIT:
            if not self._wrong:
                self._write()
            raise NoAnswer(f"the operator ended the run: {question.sentence}")
        self._was_wrong, self._wrong, self._unproven = bool(self._wrong), "", question
        self.picture.set(question)
        self._write()

    def proven(self) -> None:
        """A testcase has run: no wire told anything against the last change."""
        self._unproven = None

    def told_otherwise(self, words: str) -> None:
        """The wires tell that the last change has not been made. NoAnswer where that is so once more."""
        asked = self._unproven.sentence if self._unproven else ""
        if self._was_wrong:
            raise NoAnswer(f"the LAG is not set as it was asked for, twice ({asked}): by LACPDUs {words}")
        self._wrong = f"By LACPDUs {words}"

    def put_back(self, say: Callable[[str], None]) -> None:
        """At the end: everything is put back, or what is left is said."""
        try:
            with interruptible_again():
                left = self._changes.put_back(self._operator, self._where)
        except BenchError as error:
            left = [str(error)]
        if left:
            where = f"`agr-lab clean` asks again ({self._changes.path})"
            say(f"not confirmed as put back: {' '.join(left)} {where}")

    def _write(self, question: Question | None = None) -> None:
        try:
            self._changes.write(self.picture.before(question))
        except BenchError as error:
            raise NoAnswer(str(error)) from None
