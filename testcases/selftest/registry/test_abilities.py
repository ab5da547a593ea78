"""What an adapter can is seen from its classes; what a testcase asks for beyond its mark is its ERROR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from harness.catalogue.claims import Spec, claims
from harness.dut.abilities import CHOICES, VARIABLE_OF, Abilities, of_adapter
from harness.dut.acts import Acts, UndeclaredNeed
from harness.dut.agr import Agr
from harness.dut.implementation import (
    FIGURES,
    PARTNER_VARIABLES,
    VARIABLES,
    Adapter,
    Aggregate,
    AggregateStatus,
    Variable,
    When,
)
from harness.dut.openvswitch import OpenVSwitch
from harness.lab.pics import Pics
from harness.run.plan import of_the_implementation, unknown_needs
from harness.verdict import AdapterLacks, BenchError, ImplementationRefused


class Fixed(Aggregate):
    """An aggregate that somebody has configured by hand, and that only its timeout can be chosen of."""

    settable: ClassVar[Mapping[str, When]] = {"timeout": When.CREATION}

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        if variable == "timeout":
            raise ImplementationRefused("set timeout", "busy")
        raise AdapterLacks(f"set {variable}: no such variable")

    @property
    def mac(self) -> str:
        return "02:00:00:00:00:01"


class Read(Fixed):
    """The same, whose status can be read, without counters, and which breaks when it is read twice."""

    readable = frozenset({"states"})
    answers: ClassVar[list[AggregateStatus]] = [AggregateStatus("02:00:00:00:00:01", {})]

    def status(self) -> AggregateStatus:
        return self.answers.pop()


class ByHand(Adapter):
    """An adapter of such aggregates."""

    makes = Fixed
    name = "by hand"

    def version(self) -> str:
        return "1"

    def aggregate(self, name: str, ports: Any = (), **variables: Variable) -> Aggregate:
        return self.makes(name, None)  # type: ignore[arg-type]

    def reset(self) -> None: ...

    @classmethod
    def open(cls, *_: Any) -> Any:
        return cls()


class AndRead(ByHand):
    makes = Read


def test_what_no_class_replaces_nobody_can() -> None:
    found = of_adapter("by hand", ByHand)
    assert found.words == frozenset()
    assert found.can("while_running:timeout") is False
    assert found.without("control").startswith("the adapter by hand lacks control: ports can be added")
    assert (
        found.without("while_running:timeout")
        == "the adapter by hand sets timeout only when an aggregate is made"
    )
    assert found.without("while_running:key") == "the adapter by hand does not set key"
    assert of_adapter("read", AndRead).words == {"status", "states"}


def test_ours() -> None:
    agr = of_adapter("agr", Agr)
    figures = set(FIGURES) - {"group_traffic"}  # the kernel counts none of an interface by kind
    assert {"control", "status", "get", "carrier", "crash", "shut", "agr(4)", *figures} == agr.words
    assert all(agr.can(f"while_running:{variable}") for variable in VARIABLES)
    assert of_adapter("openvswitch", OpenVSwitch).words == {"control", "status"}


def test_the_value_in_force_is_there_where_nothing_sets_it() -> None:
    abilities = Abilities("fixed", settable={})
    long_alone = Pics(short_timeout=False, passive=False, coupled_control=False, counters=True)
    has = of_the_implementation(long_alone, abilities)
    assert {"long_timeout", "active", "independent_control", "counters"} <= has
    assert not {"short_timeout", "set_key", "individual", "while_running:timeout"} & has
    both = of_the_implementation(Pics(), abilities)
    assert not {"short_timeout", "long_timeout"} & both


def test_what_the_device_has_and_nobody_reads_is_not_there() -> None:
    abilities = of_adapter("read", AndRead)
    has = of_the_implementation(Pics(counters=True), abilities)
    assert "counters" not in has and {"churn", "states"} <= has
    assert "counters" not in of_the_implementation(Pics(counters=False), Abilities("all"))


def test_every_word_of_a_variable_is_one_of_the_pics() -> None:
    assert set(VARIABLE_OF) <= set(Pics.model_fields)
    stood_for = set(PARTNER_VARIABLES[:-1])  # by the last of them
    assert set(VARIABLE_OF.values()) == set(VARIABLES) - {"collector-max-delay"} - stood_for
    assert all(len(words) == 2 for words in CHOICES.values())


def test_a_need_of_no_list_is_unknown() -> None:
    by_row = {"LF-01": ("while_running:kye",)}
    spec = Spec(("LF-01",), needs=("control", "while_running:key"), row_needs=by_row)
    assert unknown_needs(spec) == ["while_running:kye"]


def test_only_a_claimed_row_needs_something() -> None:
    with pytest.raises(ValueError, match="LF-02 needs something and is not claimed"):
        claims("LF-01", row_needs={"LF-02": ["control"]})


def acts(*needs: str, adapter: type[ByHand] = ByHand) -> Acts:
    return Acts(adapter(), lambda: 0.0, needs)


def test_what_is_asked_for_must_be_said() -> None:
    for ask in (
        lambda aggregate: aggregate.add("re4"),
        lambda aggregate: aggregate.destroy(),
        lambda aggregate: aggregate.status(),
        lambda aggregate: aggregate.get("key"),
        lambda aggregate: aggregate.carrier,
        lambda aggregate: aggregate.set("timeout", "short"),
    ):
        with pytest.raises(UndeclaredNeed, match=r"its mark does not say so: needs=\['"):
            ask(acts().dut.aggregate("agr0", ["re4"]))
    with pytest.raises(UndeclaredNeed, match="key 7, and its mark does not say so: needs=\\['set_key'\\]"):
        acts().dut.aggregate("agr0", key=7)


def test_a_variable_is_changed_while_ports_are_there() -> None:
    with pytest.raises(ImplementationRefused):
        acts("short_timeout").dut.aggregate("agr0").set("timeout", "short")
    with pytest.raises(UndeclaredNeed, match="while_running:timeout"):
        acts("short_timeout").dut.aggregate("agr0", ["re4"]).set("timeout", "short")
    with pytest.raises(ImplementationRefused):
        acts("short_timeout", "while_running:timeout").dut.aggregate("agr0", ["re4"]).set("timeout", "short")


def test_what_a_testcase_has_made_sure_of_it_may_ask_for() -> None:
    these = acts(adapter=AndRead)
    these.may("status")
    assert these.dut.aggregate("agr0").status().ports == {}


def test_an_adapter_that_breaks_is_an_error_with_one_message() -> None:
    these = acts("status", adapter=AndRead)
    Read.answers.clear()
    with pytest.raises(BenchError, match="the adapter broke in `status` of agr0: IndexError: pop from"):
        these.dut.aggregate("agr0").status()


def test_an_adapter_without_the_words_is_an_error_and_no_failure() -> None:
    with pytest.raises(AdapterLacks, match="set key: no such variable"):
        acts("set_key").dut.aggregate("agr0").set("key", 7)
    assert issubclass(AdapterLacks, BenchError)
