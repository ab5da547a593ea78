"""What an operator is asked to set on LAGs that have been set up by hand: which change, for which testcases.

What has been set stays, so that one change serves every testcase that needs the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.bench.arrangement import with_lag, with_lags
from harness.catalogue.claims import Spec
from harness.dut.fixed import FixedLag
from harness.dut.implementation import Variable
from harness.lab.schema import Lab
from harness.run.plan import by_hand, lacks_of_lag, values_wanted
from harness.verdict import UsageError

Values = Mapping[str, Variable | None]
"""Variables by the names of `Aggregate.set`; None: as it was, and the lab file does not tell how."""

_NAMES = {
    "activity": "LACP activity",
    "control": "Mux control",
    "defaulted": "LACP fallback",
    "key": "key",
    "max-links": "maximum of active links",
    "min-links": "minimum of links",
    "round-robin": "round-robin distribution",
    "static": "static aggregation",
    "system-id": "system identifier",
    "system-priority": "system priority",
    "timeout": "LACP timeout",
}
"""Variables in the words of who sets them."""


@dataclass(frozen=True)
class Question:
    """Changes of the LAG that has this place in the lab file."""

    lag: int
    ports: tuple[str, ...]
    changes: tuple[tuple[str, Variable], ...]

    @property
    def sentence(self) -> str:
        """What the operator is to do."""
        return order(self.ports, dict(self.changes))

    def holds(self, other: Question) -> bool:
        """Whether it asks for all that the other one does."""
        return self.lag == other.lag and set(other.changes) <= set(self.changes)


def order(ports: Sequence[str], values: Values, back: str = "") -> str:
    """What is to be set on a LAG, in one sentence without an end; ``back`` is "back " where it was so."""
    names = " and ".join(filter(None, (", ".join(ports[:-1]), ports[-1])))
    wholes = [f"{_NAMES[name]}{{}} {back}to {_value(name, value)}" for name, value in values.items()]
    (first, *others) = [
        whole.format(f" of the LAG of {names}" if place == 0 else "") for place, whole in enumerate(wholes)
    ]
    return f"Set the {first}" + "".join(f", its {other}" for other in others)


_VALUES: Mapping[tuple[str, Variable | None], str] = {
    ("defaulted", "down"): "off",
    ("defaulted", "individual"): "individual (a port without a partner carries data)",
    ("max-links", 0): "0 (no limit)",
    ("min-links", 0): "0 (no limit)",
    ("static", True): "on (without LACP)",
    ("static", False): "off (with LACP)",
}
"""Values that need more words."""


def _value(name: str, value: Variable | None) -> str:
    """How one says a value."""
    if value is None:
        return "what it was"
    if isinstance(value, bool):
        return _VALUES.get((name, value), "on" if value else "off")
    return _VALUES.get((name, value), str(value))


def changed(lag: FixedLag, values: Values) -> FixedLag:
    """The LAG with these variables set."""
    return lag.model_copy(update={name.replace("-", "_"): value for name, value in values.items()})


@dataclass(frozen=True)
class _Want:
    """What a testcase sets, and the LAGs that lack nothing else for it."""

    values: Mapping[str, Variable]
    lags: Sequence[int]


class Picture:
    """How the LAGs of a lab are set now, as far as it is known, and what testcases need of them.

    ``own`` is the lab as its file has it, ``lab`` with what has been set since. UsageError where the
    implementation is not one that has been set up by hand.
    """

    def __init__(self, lab: Lab) -> None:
        self.own = self.lab = lab
        section = by_hand(lab)
        if section is None:
            raise UsageError(
                f"{lab.file}: --ask is for LAGs set up by hand (implementation.adapter: configured)"
            )
        self._section = section
        self.lags = list(section.configured)
        self._wants: dict[int, _Want] = {}  # by the declaration's identity: its mappings have no hash
        self._skipped: list[Question] = []

    def may_run(self, spec: Spec) -> bool:
        """Whether a LAG is set as the testcase needs it, or an operator can set it so."""
        return bool(self._want(spec).lags)

    def is_ready(self, spec: Spec) -> bool:
        """Whether nothing need be set for the testcase."""
        want = self._want(spec)
        return any(not self.lags[index].differences(want.values) for index in want.lags)

    def skipped(self, spec: Spec) -> str:
        """Why the testcase does not run, though a change would admit it; "" where that may be asked for."""
        questions = list(self._possible(spec))
        skipped = [one for question in questions for one in self._skipped if question.holds(one)]
        if self.is_ready(spec) or not questions or self._best(spec) is not None:
            return ""
        return f"the operator skipped: {skipped[0].sentence}"

    def question(self, specs: Iterable[Spec]) -> Question | None:
        """What serves most of these testcases, none of which is ready; None where nothing does."""
        best = Counter(found for spec in specs if (found := self._best(spec)) is not None)
        return best.most_common(1)[0][0] if best else None

    def set(self, question: Question) -> None:
        """It has been set so."""
        self.lags[question.lag] = changed(self.lags[question.lag], dict(question.changes))
        self.lab = with_lags(self.own, self.lags)

    def skip(self, question: Question) -> None:
        """It is not going to be set so."""
        self._skipped.append(question)

    def before(self, question: Question | None = None) -> dict[tuple[str, ...], Values]:
        """How variables were that are set otherwise now, or would be with a question, by the LAG's ports."""
        found: dict[tuple[str, ...], Values] = {}
        for index, (own, now) in enumerate(zip(self._section.configured, self.lags, strict=True)):
            asked = dict(question.changes) if question is not None and question.lag == index else {}
            names = [name for name, value in now.values.items() if own.values.get(name) != value]
            if names or asked:
                found[tuple(own.ports)] = {
                    name: own.values.get(name) for name in {**dict.fromkeys(names), **asked}
                }
        return found

    def _want(self, spec: Spec) -> _Want:
        if id(spec) not in self._wants:
            self._wants[id(spec)] = self._wanted_by(spec)
        return self._wants[id(spec)]

    def _wanted_by(self, spec: Spec) -> _Want:
        values = values_wanted(self.own, spec)
        fitting = []
        for index, lag in enumerate(self._section.configured):
            differences = lag.differences(values)
            if differences.keys() <= _NAMES.keys():
                way = with_lag(self.own, changed(lag, differences))
                if not lacks_of_lag(way, spec, self.own):
                    fitting.append(index)
        return _Want(values, fitting)

    def _possible(self, spec: Spec) -> Iterator[Question]:
        want = self._want(spec)
        for index in want.lags:
            lag = self.lags[index]
            if differences := lag.differences(want.values):
                yield Question(index, tuple(lag.ports), tuple(sorted(differences.items())))

    def _best(self, spec: Spec) -> Question | None:
        """The fewest changes that admit a testcase, and that have not been skipped."""
        free = [
            question
            for question in self._possible(spec)
            if not any(question.holds(skipped) for skipped in self._skipped)
        ]
        return min(free, key=lambda question: len(question.changes), default=None)


def foreseen(lab: Lab, specs: Sequence[Spec]) -> tuple[int, int]:
    """How many of these testcases an operator's changes admit, and how many questions that comes to."""
    picture = Picture(lab)
    left = [spec for spec in specs if picture.may_run(spec)]
    more = sum(not picture.is_ready(spec) for spec in left)
    questions = 0
    while left := [spec for spec in left if not picture.is_ready(spec)]:
        question = picture.question(left)
        if question is None:
            break
        picture.set(question)
        questions += 1
    return more, questions
