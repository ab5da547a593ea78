"""What an adapter can set, when, and read: the list beside the PICS, which says what the implementation has.

Most of it is seen from the adapter's own classes: a method that raises in `harness.dut.implementation`, and
that no subclass replaces, is nothing that it can do. Variables and figures are declared by the class of its
aggregates. What a testcase needs of the implementation is there where both lists say so (`harness.run.plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from harness.dut.fixed import FixedLag, FixedSection
from harness.dut.implementation import (
    FIGURES,
    PARTNER_VARIABLES,
    PORT_VARIABLES,
    VARIABLES,
    Adapter,
    Aggregate,
    Dut,
    Variable,
    When,
)
from harness.dut.switch import ManagedSwitch
from harness.lab import schema
from harness.registry import IMPLEMENTATIONS, load_object
from harness.switch import driver_of

WORDS = {
    "control": "ports can be added to an aggregate that is there, and removed, and it can be destroyed",
    "status": "the status can be read: Actor, Partner, whether a port collects and distributes",
    "get": "a variable can be read back",
    "carrier": "the carrier of the aggregate's interface can be read",
    "crash": "its processes can be killed and started",
    "shut": "a port can be set down and up, as an operator does",
    "reload": "it can be reloaded, as an operator does, and is set up as before then",
    "agr(4)": "it has the command line of agr(4)",
}
"""What an adapter can, by the word that a testcase needs; a figure of the status is a word as well."""

_METHODS: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "control": (Aggregate, ("add", "remove", "destroy")),
    "status": (Aggregate, ("status",)),
    "get": (Aggregate, ("get",)),
    "carrier": (Aggregate, ("carrier",)),
    "crash": (Dut, ("crash", "revive")),
    "shut": (Dut, ("shut", "no_shut")),
    "reload": (Dut, ("reload",)),
    "agr(4)": (Dut, ("run", "existing", "interface")),
}
"""What a class must replace to be able to do that."""

_OF_REAL_BENCHES = frozenset({"crash", "shut", "reload", "agr(4)"})
"""What no implementation in virtual time has."""

RUNNING = "while_running"

CHOICES = {
    "activity": {"active": "active", "passive": "passive"},
    "timeout": {"short": "short_timeout", "long": "long_timeout"},
    "control": {"independent": "independent_control", "coupled": "coupled_control"},
}
"""Variables whose values are each a word of the PICS: an implementation may have one of them alone."""

_SINGLE = {
    "individual": "individual",
    "key": "set_key",
    "lacp": "lacp_off",
    "max-links": "max_links",
    "min-links": "min_links",
    "port-priority": "set_port_priority",
    "round-robin": "round_robin",
    "defaulted": "set_defaulted",
    "static": "static_aggregation",
    "system-id": "shared_system",
    "system-priority": "set_system_priority",
    **dict.fromkeys(PARTNER_VARIABLES, "set_partner_admin"),
}
"""Variables whose one word of the PICS says that they can be set."""

VARIABLE_OF = {word: name for name, words in CHOICES.items() for word in words.values()} | {
    word: name for name, word in _SINGLE.items()
}
"""The variable of a word of the PICS."""


def running(variable: str) -> str:
    """What a testcase needs that changes this variable of an aggregate that has ports."""
    return f"{RUNNING}:{variable}"


def word_of(variable: str, value: Variable) -> str | None:
    """The word of the PICS that says that a variable can have this value; None where every one has it."""
    if variable in CHOICES:
        return CHOICES[variable].get(str(value))
    return _SINGLE.get(variable)


def others(word: str) -> list[str]:
    """The words of the same variable's other values."""
    values = CHOICES.get(VARIABLE_OF[word], {})
    return [other for other in values.values() if other != word]


@dataclass(frozen=True)
class Abilities:
    """What the adapter ``name`` can set and when, by variable; other words that a testcase may need; and what
    each aggregate has of its own (`Aggregate.own`)."""

    name: str
    settable: Mapping[str, When] = field(default_factory=lambda: dict.fromkeys(VARIABLES, When.ANY_TIME))
    words: frozenset[str] = frozenset({*WORDS, *FIGURES}) - _OF_REAL_BENCHES
    own: frozenset[str] = frozenset()

    def can(self, word: str) -> bool:
        """Whether it can do what a testcase needs by this word: one of `WORDS`, of `FIGURES`, or
        ``while_running:VARIABLE``."""
        if word.startswith(f"{RUNNING}:"):
            return self.settable.get(word.partition(":")[2]) is When.ANY_TIME
        return word in self.words

    def offers(self, word: str, declared: Callable[[str], bool]) -> bool:
        """Whether a word of the PICS, which declares it, is there for testcases: its variable can be set, or
        the value is the only one that the implementation has. ``declared`` says so of each word."""
        variable = VARIABLE_OF.get(word)
        if variable in PORT_VARIABLES:
            return self.settable.get(variable) is When.ANY_TIME
        if variable is None or variable in self.settable:
            return True
        alternatives = others(word)
        return bool(alternatives) and not any(map(declared, alternatives))

    def missing(self) -> list[str]:
        """What it cannot, a sentence each: testcases that need it are not applicable."""
        words = [word for word in (*WORDS, *FIGURES) if not self.can(word)]
        late = [running(variable) for variable in self.settable if not self.can(running(variable))]
        others = [name for name in VARIABLES if name not in self.settable]
        unset = [f"the adapter {self.name} does not set {name}" for name in others]
        return [*map(self.without, [*words, *late]), *unset]

    def without(self, word: str) -> str:
        """Why a testcase that needs this word is not applicable, though the PICS may declare it."""
        if word.startswith(f"{RUNNING}:"):
            variable = word.partition(":")[2]
            when = f" {self.settable[variable]}" if variable in self.settable else ""
            return f"the adapter {self.name} sets {variable} only{when}" if when else self._sets_no(variable)
        if word in VARIABLE_OF:
            return self._sets_no(VARIABLE_OF[word])
        return f"the adapter {self.name} lacks {word}: {WORDS.get(word) or FIGURES[word]}"

    def admitted_by(self, word: str) -> str:
        """What there must be for a testcase that needs this word, which is lacking."""
        return f"an adapter that {what_it_does(word)}"

    def _sets_no(self, variable: str) -> str:
        words = f"the adapter {self.name} does not set {variable}"
        if variable in CHOICES:
            values = ", ".join(CHOICES[variable].values())
            words += f", and the PICS does not say which value is in force: only one of {values} may be true"
        return words


def what_it_does(word: str) -> str:
    """What an adapter does that a testcase needs by this word."""
    kind, _, variable = word.partition(":")
    if variable:
        return f"sets {variable} while ports are in the aggregate"
    if kind in VARIABLE_OF:
        return f"sets {VARIABLE_OF[kind]}"
    return f"has {kind}: {WORDS.get(kind) or FIGURES[kind]}"


VALUE_OF: Mapping[str, Variable] = {
    **{word: value for values in CHOICES.values() for value, word in values.items()},
    "round_robin": True,
    "set_defaulted": "individual",
    "static_aggregation": True,
}
"""The one value that testcases which need a word set its variable to, when they make an aggregate."""


@dataclass(frozen=True)
class FixedAbilities(Abilities):
    """What is there of an implementation that has been set up by hand: how one of its LAGs is set."""

    lag: FixedLag = field(kw_only=True)

    def offers(self, word: str, declared: Callable[[str], bool]) -> bool:
        variable = VARIABLE_OF.get(word)
        if variable is None:
            return True
        if variable not in self.lag.values:
            return super().offers(word, declared)
        return self.lag.values[variable] == VALUE_OF.get(word)

    def without(self, word: str) -> str:
        if word in VARIABLE_OF:
            return f"the testcase sets {VARIABLE_OF[word]}, and the LAGs have been set up by hand"
        if word.startswith(f"{RUNNING}:"):
            return f"the testcase changes {word.partition(':')[2]}, and the LAGs have been set up by hand"
        if word == "control":
            return "the testcase adds or removes ports, and the LAGs have been set up by hand"
        return super().without(word)


def abilities_of(lab: schema.Lab) -> Abilities:
    """What the adapter of a lab file's implementation can. UsageError where there is no such adapter.

    Of an implementation that has been set up by hand: how the first of its LAGs is set.
    """
    section = lab.implementation
    if isinstance(section, FixedSection):
        return FixedAbilities(section.adapter, {}, frozenset(), lag=section.configured[0])
    abilities = _abilities(section.adapter, getattr(section, "load", None))
    if lab.switch_is_judged and lab.switch is not None:  # then its driver says what can be set
        driver = driver_of(lab.switch)
        settable = ManagedSwitch.settable(driver, lab.switch)
        words = abilities.words - ({"reload"} - driver.settable(lab.switch))
        return replace(abilities, settable=settable, words=words)
    return abilities


@cache
def _abilities(adapter: str, load: str | None) -> Abilities:
    found = load_object(load) if load else IMPLEMENTATIONS.find(adapter)
    if isinstance(found, type) and issubclass(found, Adapter | ManagedSwitch):
        return of_adapter(adapter, found)
    return Abilities(adapter, **_declared(found))


def _declared(found: Any) -> dict[str, Any]:
    """What a class in virtual time says of itself: which variables it takes, what its status has."""
    told: dict[str, Any] = {"settable": found.settable} if hasattr(found, "settable") else {}
    if hasattr(found, "readable"):
        told["words"] = frozenset({*WORDS, *found.readable}) - _OF_REAL_BENCHES
    return told


def of_adapter(name: str, adapter: type[Adapter | ManagedSwitch]) -> Abilities:
    """What an adapter can, from its class and that of its aggregates."""
    words = {
        word
        for word, (base, methods) in _METHODS.items()
        if all(_replaced(adapter if base is Dut else adapter.makes, base, method) for method in methods)
    }
    figures = adapter.makes.readable if "status" in words else frozenset()
    return Abilities(name, adapter.makes.settable, frozenset(words | figures), adapter.makes.own)


def _replaced(by: type, base: type, method: str) -> bool:
    return getattr(by, method) is not getattr(base, method)
