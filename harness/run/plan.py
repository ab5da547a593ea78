"""Which testcases a bench can run, and what it lacks for the others: known before the run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from harness.catalogue.claims import Spec
from harness.dut.abilities import WORDS, Abilities, abilities_of, running
from harness.dut.implementation import FIGURES, VARIABLES
from harness.dut.switch import SwitchSection
from harness.lab.pics import Pics
from harness.lab.schema import Lab
from harness.profile import readings
from harness.switch import Switch, driver_of
from harness.switch.switch import SETTINGS, WHOLE_SWITCH

SETTING = "switch:"
"""Before a word of `SETTINGS`: what a testcase needs that sets it on the switch."""

JUMBO = 9000
"""Octets of the MTU that a bench with jumbo frames has at least."""

REASONS = {
    "kernel": "kernel interfaces (the simulated bench has none)",
    "switch": "a managed switch",
    "ssh": "the switch's SSH",
    "console": "the switch's serial console",
    "traffic": "a tester port behind the switch",
    "tcp": "a tester port behind the switch in another network namespace than the implementation",
    "jumbo": f"tester ports with an MTU of {JUMBO} (mtu)",
    "speeds": "wires whose speed and duplex the bench can set",
    "without_carrier": "wires that bring a frame to a port without carrier",
    "namespace": "a namespace of the tester's beside the implementation's",
    "blocked": "ports of its own making, whose sending it can block",
    "cut": "wires whose carrier the bench can take",
}
"""Bench capabilities a testcase may need, in words."""

_ANSWERED = {
    "gives_way": "fewer_links",
    "moved_conversations": "moved_conversations",
    "unanswered_markers": "unanswered_markers",
}
"""What a testcase may need by answers of the PICS that are not yes or no, and which answer says so."""

_READ = {"counters": "counters", "churn": "states"}
"""Words of the PICS that a testcase sees in the status, and the figure there."""


def capabilities(lab: Lab) -> set[str]:
    """What the bench has, as the words a testcase may need: by the lab file, the PICS and the adapter."""
    has = of_the_implementation(lab.implementation.pics, abilities_of(lab))
    has |= {f"{name}={choice}" for name, choice in lab.judged_by.choices.items()}
    has |= {"speeds", "without_carrier"} if lab.kind == "simulated" else {"kernel"}
    if any(wire.speeds for wire in lab.straight_wires):
        has.add("speeds")
    if lab.kind == "emulated" and not lab.switch_is_judged:
        has.add("blocked")
    if lab.switch is not None and not lab.switch_is_judged:
        has |= {"switch", *lab.switch.ways}
        has |= {f"{SETTING}{word}" for word in driver_of(lab.switch).settable(lab.switch)}
    if lab.traffic is not None:
        has.add("traffic")
        if lab.traffic.tester.namespace != lab.implementation.namespace:
            has.add("tcp")
    if _has_one_client(lab):
        has.discard("several_aggregates")
    if lab.mtu >= JUMBO:
        has.add("jumbo")
    testers = {wire.tester.namespace for wire in lab.straight_wires if wire.tester is not None}
    if None not in testers | {lab.implementation.namespace} and lab.implementation.namespace not in testers:
        has.add("namespace")
    if all(wire.cut != "none" for wire in lab.wires):
        has.add("cut")
    return has


def _has_one_client(lab: Lab) -> bool:
    """Whether the lab file has a MAC client for one aggregate alone of a switch that is under test."""
    section = lab.implementation
    return isinstance(section, SwitchSection) and (section.vlan is None or len(lab.tester_wires) < 2)


def of_the_implementation(pics: Pics, abilities: Abilities) -> set[str]:
    """What an implementation has and its adapter can set or read, as the words a testcase may need."""
    declared = {name for name, value in pics if value is True}
    has = {word for word in declared if abilities.offers(word, declared.__contains__)}
    has -= {word for word, figure in _READ.items() if not abilities.can(figure)}
    has |= {word for word in (*WORDS, *FIGURES) if word not in _READ and abilities.can(word)}
    has |= {running(variable) for variable in VARIABLES if abilities.can(running(variable))}
    if pics.moved_conversations != "none":
        has.add("moved_conversations")
    if pics.unanswered_markers is not None:
        has.add("unanswered_markers")
    if pics.fewer_links == "give_way":
        has.add("gives_way")
    return has


def unknown_needs(spec: Spec) -> list[str]:
    """What a testcase asks for that no lab file, PICS, adapter or reading can say."""
    answers = {name for name, info in Pics.model_fields.items() if info.annotation is bool}
    known = answers | {*REASONS, *WORDS, *FIGURES, *_ANSWERED}
    known |= {running(variable) for variable in VARIABLES} | {f"{SETTING}{word}" for word in SETTINGS}
    return [
        need
        for need in spec.all_needs
        if need not in known
        and need
        not in {f"{name}={choice}" for name, reading in readings().items() for choice in reading.choices}
    ]


def lacks(lab: Lab, spec: Spec) -> str:
    """Why the testcase is NOT_APPLICABLE on this bench; empty when it can run, if only for some rows."""
    has = capabilities(lab)
    missing = [*_wires_missing(lab, spec, has)]
    missing += _needs_missing(lab, spec.needs, has)
    reasons = rows_lacking(lab, spec)
    if not missing and len(reasons) == len(spec.rows):
        missing = list(dict.fromkeys(reasons.values()))
    return "; ".join(missing)


def rows_lacking(lab: Lab, spec: Spec) -> dict[str, str]:
    """The rows that a testcase claims and that are not applicable on this bench, each with the reason."""
    has = capabilities(lab)
    found = {row: "; ".join(_needs_missing(lab, needs, has)) for row, needs in spec.row_needs.items()}
    return {row: reason for row, reason in found.items() if reason}


def _wires_missing(lab: Lab, spec: Spec, has: Container[str]) -> Iterator[str]:
    speeds = "speeds" in spec.needs and "speeds" in has
    straight = lab.straight_wires_for(speeds=speeds)
    kind = "straight wires (T1) whose speed can be set" if speeds else "straight wires (T1)"
    for wanted, there, words in (
        (spec.wires, len(straight), kind),
        (spec.switch_wires, len(lab.switch_wires), "wires to the switch (T2)"),
    ):
        if there < wanted:
            yield f"the bench has {there} {words}, the testcase needs {wanted}"


def _needs_missing(lab: Lab, needs: Sequence[str], has: Container[str]) -> list[str]:
    missing, things = [], []
    for need in needs:
        if need in has:
            continue
        if need in REASONS:
            things.append(REASONS[need])
        elif need == "several_aggregates" and _has_one_client(lab):
            words = "the lab file has no MAC client, or no VLAN, for a second aggregate"
            missing.append(f"{words} (tester_ports, implementation.vlan)")
        elif need.startswith(SETTING):
            missing.append(_setting_missing(lab, need.removeprefix(SETTING)))
        elif "=" in need:
            name = need.partition("=")[0]
            choice = lab.judged_by.reading(name)
            missing.append(f"the profile reads {name} as {choice}: {readings()[name].choices[choice]}")
        elif need in _ANSWERED or getattr(lab.implementation.pics, need, None) is False:
            where = lab.where_answered(_ANSWERED.get(need, need))
            missing.append(f"the PICS of {lab.implementation.adapter} says no to {need} ({where})")
        else:
            missing.append(abilities_of(lab).without(_READ.get(need, need)))
    if things:
        missing.append(f"the bench lacks {', '.join(things)}")
    return missing


def _setting_missing(lab: Lab, word: str) -> str:
    """Why a testcase that sets this on the switch is not applicable."""
    if lab.switch is None or lab.switch_is_judged:
        return f"the bench lacks {REASONS['switch']}"
    method = SETTINGS[word]
    driver = driver_of(lab.switch)
    if word in WHOLE_SWITCH and getattr(driver, method) is not getattr(Switch, method):
        return f"{word} is of the whole switch, and the lab file does not let it be changed (switch.may)"
    return f"the driver {lab.switch.driver} does not set {word} of the switch"
