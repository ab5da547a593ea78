"""Testcases declare what they do to all of an implementation: none forgets it, and none says so for nothing.

Where several testcases share an implementation one that forgot it would spoil the others' verdicts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.catalogue.claims import WHOLE, Spec, claims
from harness.dut.implementation import Dut
from testcases.in_process import Testcase, whole_suite
from testcases.selftest.catalogue.whole import OF_THE_DUT, whole


@pytest.fixture(scope="module")
def suite() -> list[Testcase]:
    return whole_suite()


def test_every_testcase_declares_what_its_code_does(suite: list[Testcase]) -> None:
    does = {one.nodeid: whole(one.function, one.parameters, one.spec) for one in suite}
    says = {one.nodeid: set(one.spec.whole) for one in suite}
    differ = {name: (sorted(does[name]), sorted(says[name])) for name in does if does[name] != says[name]}
    assert not differ, "(does, declares)"


def test_every_word_is_some_testcases(suite: list[Testcase]) -> None:
    assert {word for one in suite for word in one.spec.whole} == WHOLE.keys()


def test_testcases_that_look_at_the_same_declare_the_same(suite: list[Testcase]) -> None:
    """Any of them may be the one that makes it."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for one in suite:
        if one.spec.looks_at:
            said.setdefault(one.spec.looks_at, set()).add(one.spec.whole)
    assert not {looked: words for looked, words in said.items() if len(words) > 1}


def test_a_word_that_is_none() -> None:
    with pytest.raises(ValueError, match="whole: everything is none of restart, system-id"):
        claims("LF-01", whole=["everything"])


class Table:
    """What a testcase uses."""

    def kills(self, case: Any) -> None:
        case.dut.crash()


def helper(case: Any) -> None:
    """The manual says: crash, and kernel."""
    run = case.dut.run
    run("ip link")


TABLE = {"killed": Table.kills, "read": helper}


def by_the_key(case: Any, kind: str) -> None:
    TABLE[kind](case)


def by_all(case: Any) -> None:
    for make in TABLE.values():
        make(case)


def given_as_it_is(case: Any, make: Callable[[Any], None]) -> None:
    make(case)


def asked(case: Any) -> None:
    if case.can("shared_system"):
        case.report("the kernel")


def nested(case: Any) -> None:
    def order(lag: Any) -> None:
        lag.switch.set_load_balance("src-mac")

    case.until(lambda: case.dut.memory(), within=1.0)
    order(case)


def shows_all(case: Any) -> None:
    case.dut.run("agrconfig")


class Ends:
    """Of its methods those count that are used."""

    switch: Any

    def reload(self) -> None:
        self.switch.reload()

    def rate(self) -> None:
        self.switch.set_rate("fast")


def ends_of(case: Any) -> Any:
    return Ends()


def setting(word: str) -> Any:
    """As `harness.case.ends.setting`."""


def reloads(case: Any) -> None:
    with setting("reload"):
        ends_of(case).reload()


def rates(case: Any) -> None:
    ends_of(case).rate()


def nothing(case: Any) -> None:
    """crash"""
    case.report("crash of the kernel")
    case.station(case.wires[0], system_priority=7).run("reset")


CODE = {
    "a helper of a table, by its key": (by_the_key, {"kind": "killed"}, {"restart"}),
    "another one": (by_the_key, {"kind": "read"}, {"names"}),
    "all of a table": (by_all, {}, {"restart", "names"}),
    "all aggregates": (shows_all, {}, {"host"}),
    "a function that is given": (given_as_it_is, {"make": Table.kills}, {"restart"}),
    "a lambda that is given": (given_as_it_is, {"make": lambda case: case.dut.revive()}, {"restart"}),
    "what is asked for": (asked, {}, {"system-id"}),
    "functions within": (nested, {}, {"switch", "memory"}),
    "a method that is used": (reloads, {}, {"switch"}),
    "a method that is not": (rates, {}, set()),
    "nothing": (nothing, {}, set()),
}


@pytest.mark.parametrize(("function", "given", "words"), CODE.values(), ids=CODE)
def test_what_code_does_is_found(function: Any, given: dict[str, Any], words: set[str]) -> None:
    assert whole(function, given, Spec(("LF-01",)), suite=[__name__]) == words


def test_what_a_claim_needs_counts() -> None:
    spec = Spec(("LF-01", "LF-02"), needs=("crash",), row_needs={"LF-02": ("set_system_priority",)})
    assert whole(nothing, {}, spec, suite=[__name__]) == {"restart", "system-priority"}


def test_methods_of_the_implementation_are_there() -> None:
    """But `reload`, which a switch that is under test may have."""
    assert [name for name in OF_THE_DUT if name != "reload" and not hasattr(Dut, name)] == []
