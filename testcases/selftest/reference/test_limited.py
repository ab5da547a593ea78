"""The whole suite on the reference model behind adapters that can little: nothing fails for what they cannot.

What the implementation has all the same is tested: with the 90 s timeout alone the rows about timeouts are
judged by 90 s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

import harness.bench.simulated
import harness.run.plan
from harness.bench.opening import opened
from harness.catalogue.claims import Spec
from harness.dut.abilities import Abilities
from harness.dut.implementation import VARIABLES, When
from harness.lab import load
from harness.lab.schema import Lab
from harness.pdu.layers import TLV_MARKER
from harness.reference import intake
from harness.reference.admin import AGGREGATOR, number
from harness.reference.keys import Keys
from harness.reference.variables import Port
from harness.run.watchdog import ROOM
from harness.verdict import Verdict
from testcases import in_process
from testcases.selftest.runs.command import ROOT

REFERENCE = ROOT / "fixtures" / "labs" / "reference.yaml"
EVERYTHING = Abilities("reference")
SECONDS = 60.0
"""Of the processor, that a testcase may take at most."""

BASIC = {
    "PT-02", "PT-03", "PT-05", "PT-06", "PT-12", "PT-13", "PT-16",
    "RX-06", "RX-08", "RX-10", "RX-11", "RX-12", "RX-14", "RX-39", "RX-41", "MX-14", "FD-14",
    "MK-20", "MK-25", "SL-20",
}  # fmt: skip
"""Rows that an implementation with one timeout has as well."""


@dataclass(frozen=True)
class Limits:
    """What an adapter can, what the PICS says of the implementation then, and rows that must be judged."""

    abilities: Abilities
    pics: dict[str, Any] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()


def settable(*without: str) -> dict[str, When]:
    return {name: When.ANY_TIME for name in VARIABLES if name not in without}


ADAPTERS = {
    "sets no timeout": Limits(
        Abilities("reference", settable("timeout")),
        {"short_timeout": False},
        frozenset({*BASIC, "PT-08", "RX-32", "RX-33", "SL-16"}),
    ),
    "sets nothing once a port is there": Limits(
        Abilities("reference", dict.fromkeys(VARIABLES, When.CREATION)), {}, frozenset({*BASIC, "PT-08"})
    ),
    "sets nothing, reads nothing, and neither adds nor removes": Limits(
        Abilities("reference", {}, frozenset()),
        {"short_timeout": False, "passive": False, "coupled_control": False},
        frozenset(BASIC - {"RX-41"}),
    ),
}


def lab_of(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The reference model's lab file, with this PICS and such an adapter."""
    lab = load(REFERENCE)
    pics = lab.implementation.pics.model_copy(update=limits.pics)
    implementation = lab.implementation.model_copy(update={"pics": pics})
    for module in (harness.run.plan, harness.bench.simulated):
        monkeypatch.setattr(module, "abilities_of", lambda lab: limits.abilities)
    return lab.model_copy(update={"implementation": implementation, "benches": 1})


@pytest.mark.parametrize("which", ADAPTERS)
def test_nothing_fails_for_what_the_adapter_cannot(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ADAPTERS[which]
    lab = lab_of(limits, monkeypatch)
    judged: set[str] = set()
    short = "short_timeout" in harness.run.plan.capabilities(lab)
    with opened(lab) as (bench, _):
        for testcase in in_process.collect(lab):
            begun = bench.loop.now()
            outcome = in_process.run(testcase, bench, SECONDS)
            took, most = bench.loop.now() - begun, ROOM * testcase.spec.time(short=short)
            assert took <= most, f"{testcase.nodeid} takes {took:.0f} s, and is ended after {most:.0f} s"
            judgement = outcome.judgement
            assert judgement.verdict is Verdict.PASS, f"{testcase.nodeid}: {judgement.text}"
            assert not outcome.broken, testcase.nodeid
            judged |= set(judgement.rows)
    assert limits.judged <= judged


def test_the_long_timeout_is_found_wrong_without_the_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model expires after 85 s: of what is tested with the long timeout alone, these rows fail."""
    monkeypatch.setattr("harness.reference.functions.LONG_TIMEOUT_TIME", 85.0)
    lab = lab_of(ADAPTERS["sets no timeout"], monkeypatch)
    failed: set[str] = set()
    with opened(lab) as (bench, _):
        for testcase in in_process.collect(lab):
            if {"RX-10", "PT-06"} & set(testcase.spec.rows):
                failures = in_process.run(testcase, bench, SECONDS).judgement.failures
                failed |= {failure.row for failure in failures}
    assert "RX-10" in failed


def failures(lab: Lab, needing: Callable[[Spec], bool]) -> tuple[int, set[str]]:
    """How many testcases of those that are meant ran on a bench of this lab, and the rows that failed."""
    failed: set[str] = set()
    with opened(lab) as (bench, _):
        found = [one for one in in_process.collect(lab) if needing(one.spec)]
        for testcase in found:
            outcome = in_process.run(testcase, bench, SECONDS)
            failed |= {failure.row for failure in outcome.judgement.failures}
            errors = Verdict.ERROR in outcome.judgement.rows.values()
            assert not errors, f"{testcase.nodeid}: {outcome.judgement.text}"
    return len(found), failed


def test_a_device_without_a_marker_responder_fails_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    known = intake._marker

    def deaf(port: Port, kind: int, data: bytes) -> None:
        if kind != TLV_MARKER:
            known(port, kind, data)

    monkeypatch.setattr(intake, "_marker", deaf)
    lab = lab_of(Limits(EVERYTHING, {"marker_responder": False}), monkeypatch)
    ran, failed = failures(lab, lambda spec: any(row.startswith(("MK-", "SP-")) for row in spec.rows))
    assert failed == {"MK-01"}
    assert ran > 10


def test_keys_of_few_bits_above_bits_of_the_device_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux bonding has such keys: ten bits that are set, then speed and duplex."""
    monkeypatch.setattr(Keys, "operational", lambda keys, key, speed: key << 6 | 0x21)
    monkeypatch.setitem(AGGREGATOR, "key", ("key", number(1, 1023)))
    lab = lab_of(Limits(EVERYTHING, {"max_key": 1023, "key_shift": 6}), monkeypatch)
    ran, failed = failures(lab, lambda spec: "set_key" in spec.all_needs)
    assert (ran > 5, failed) == (True, set())
    wrong = lab_of(Limits(EVERYTHING, {"max_key": 1023}), monkeypatch)
    assert failures(wrong, lambda spec: "LF-15" in spec.rows)[1] == {"LF-15"}
