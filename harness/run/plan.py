"""Which testcases a bench can run, and what it lacks for the others: known before the run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from harness.bench.arrangement import arrangements
from harness.catalogue.claims import Spec
from harness.dut.abilities import VALUE_OF, VARIABLE_OF, WORDS, Abilities, abilities_of, running, word_of
from harness.dut.fixed import FixedSection, entry, misfit
from harness.dut.implementation import FIGURES, VARIABLES, Variable
from harness.dut.switch import SwitchSection
from harness.lab.pics import Pics
from harness.lab.schema import Lab, Wire
from harness.lab.tunnel import KINDS, LACP
from harness.profile import readings
from harness.switch import Switch, driver_of
from harness.switch.switch import SETTINGS, WHOLE_SWITCH

SETTING = "switch:"
"""Before a word of `SETTINGS`: what a testcase needs that sets it on the switch."""

JUMBO = 9000
"""Octets of the MTU that a bench with jumbo frames has at least."""

REASONS = {
    "kernel": "kernel interfaces, all of them of this machine: traffic at speed is sent and counted here",
    "switch": "a managed switch",
    "ssh": "the switch's SSH",
    "console": "the switch's serial console",
    "tester_port": "a tester port behind the switch",
    "tcp": "a tester port behind the switch in another network namespace than the implementation",
    "jumbo": f"tester ports with an MTU of {JUMBO} (mtu)",
    "speeds": "wires whose speed and duplex the bench can set",
    "without_carrier": "wires that bring a frame to a port without carrier",
    "namespace": "a namespace of the tester's beside the implementation's",
    "blocked": "ports of its own making, whose sending it can block",
    "cut": "wires whose carrier the bench can take",
    **{kind: f"wires that pass {KINDS[kind]}" for kind in KINDS if kind not in (LACP, "jumbo")},
}
"""Bench capabilities a testcase may need, in words."""

ADMITTED_BY = {
    "kernel": "a bench of interfaces (kind: emulated or hardware), all of them of this machine",
    "switch": "a managed switch (switch)",
    "ssh": "the switch's SSH (switch.ssh)",
    "console": "the switch's serial console (switch.console)",
    "tester_port": "a tester's port at the switch (traffic)",
    "tcp": "a tester's port at the switch (traffic), here and in another namespace than the implementation",
    "jumbo": f"mtu: {JUMBO}, on ports that take it",
    "speeds": "wires with speeds: true",
    "without_carrier": "a simulated bench",
    "namespace": "namespaces for the tester's ports and for the implementation",
    "blocked": "an emulated bench",
    "cut": "a way to take the carrier of each wire (cut)",
}
"""What there must be for a testcase that needs it, where this is more than the words for it."""

_ANSWERED = {
    "gives_way": "fewer_links",
    "moved_conversations": "moved_conversations",
    "unanswered_markers": "unanswered_markers",
}
"""What a testcase may need by answers of the PICS that are not yes or no, and which answer says so."""

BESIDE_A_SWITCH = {"switch", "ssh", "console", "tester_port", "tcp"}
"""What a bench has of a switch that is not itself what is judged."""

JUDGED = "the switch is what is under test, and no other implementation is plugged into it"
NOT_JUDGED = "another implementation, with wires to the switch (T2)"

_READ = {"counters": "counters", "churn": "states"}
"""Words of the PICS that a testcase sees in the status, and the figure there."""


def capabilities(lab: Lab) -> set[str]:
    """What the bench has, as the words a testcase may need: by the lab file, the PICS and the adapter."""
    has = of_the_implementation(lab.implementation.pics, abilities_of(lab))
    has |= {f"{name}={choice}" for name, choice in lab.judged_by.choices.items()}
    has |= {"speeds", "without_carrier"} if lab.kind == "simulated" else {"kernel"}
    if by_hand(lab) is not None:  # one LAG a testcase, and what is simulated keeps its speeds
        has -= {"speeds", "several_aggregates"}
    if any(wire.speeds for wire in lab.straight_wires):
        has.add("speeds")
    if lab.kind == "emulated" and not lab.switch_is_judged:
        has.add("blocked")
    if lab.switch is not None and not lab.switch_is_judged:
        has |= {"switch", *lab.switch.ways}
        has |= {f"{SETTING}{word}" for word in driver_of(lab.switch).settable(lab.switch)}
    if lab.traffic is not None:
        has.add("tester_port")
        if lab.traffic.tester.namespace != lab.implementation.namespace:
            has.add("tcp")
    if _has_one_client(lab):
        has.discard("several_aggregates")
    has |= KINDS.keys() - blocked(lab) - ({"jumbo"} if lab.mtu < JUMBO else set())
    if lab.implementation.elsewhere or any(port.elsewhere for port in lab.own_ports):
        has -= {"kernel", "tcp"}
    testers = {wire.tester.namespace for wire in lab.straight_wires if wire.tester is not None}
    if None not in testers | {lab.implementation.namespace} and lab.implementation.namespace not in testers:
        has.add("namespace")
    if all(wire.cut != "none" for wire in lab.wires):
        has.add("cut")
    return has


def by_hand(lab: Lab) -> FixedSection | None:
    """What has been set up by hand, and stays as it is; None where LAGs are made for testcases."""
    section = lab.implementation
    return section if isinstance(section, FixedSection) else None


def _has_one_client(lab: Lab) -> bool:
    """Whether the lab file has a MAC client for one aggregate alone of a switch that is under test."""
    section = lab.implementation
    return isinstance(section, SwitchSection) and (section.vlan is None or len(lab.tester_wires) < 2)


def blocked(lab: Lab) -> set[str]:
    """The kinds of frames that the wires through the switch of a bench as it is arranged do not pass."""
    return {kind for wire in lab.wires if wire.tunnel is not None for kind in wire.tunnel.blocked}


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


def alone(lab: Lab, spec: Spec) -> list[str]:
    """What a testcase does to all of this lab's implementation, in words of `WHOLE`: it then runs while no
    other testcase has another aggregate of the same implementation. Empty where it may run beside others."""
    own = abilities_of(lab).own
    return [word for word in spec.whole if word not in own]


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


class Lack(NamedTuple):
    """What a bench lacks for a testcase, in a sentence, and what there must be for it to run."""

    reason: str
    admitted_by: str


def arrangement(lab: Lab, spec: Spec) -> Lab:
    """The bench as it is to be arranged for a testcase: as the file has it where that is enough.

    Where none has all that the testcase needs, the arrangement with the fewest lacks.
    """
    if by_hand(lab) is not None:
        return min(arrangements(lab), key=lambda way: len(_lacking(way, spec)))
    if not spec.wires or len(wires_of(lab, spec)) >= spec.wires:
        return lab
    plain, *through = arrangements(lab)
    lacking = [(len(_lacking(way, spec)), way) for way in (*through, plain)]
    return min(lacking, key=lambda one: one[0])[1]


def lacks(lab: Lab, spec: Spec) -> str:
    """Why the testcase is NOT_APPLICABLE on this bench; empty when it can run, if only for some rows."""
    return "; ".join(lack.reason for lack in lacking(lab, spec))


def lacking(lab: Lab, spec: Spec) -> list[Lack]:
    """What the bench lacks for a testcase, arranged as is best for it."""
    return _lacking(arrangement(lab, spec), spec, lab)


def _lacking(lab: Lab, spec: Spec, whole: Lab | None = None) -> list[Lack]:
    """What it lacks as it is arranged; ``whole`` is the lab as its file has it."""
    has = capabilities(lab)
    section = by_hand(lab)
    if section is not None:
        missing = _lacking_by_hand(lab, whole or lab, section, spec, has)
    else:
        missing = [*_wires_missing(lab, spec), *_needs_missing(lab, spec.needs, has)]
    by_row = [_needs_missing(lab, needs, has) for needs in spec.row_needs.values()]
    by_row = [found for found in by_row if found]
    if not missing and by_row and len(by_row) == len(spec.rows):
        missing = [lack for found in by_row for lack in found]
    return list(dict.fromkeys(missing))


def _lacking_by_hand(
    lab: Lab, whole: Lab, section: FixedSection, spec: Spec, has: Container[str]
) -> list[Lack]:
    """What is lacking where a testcase has one LAG that has been set up by hand.

    What another entry of `configured` would admit is said by that entry, in one.
    """
    lag = section.configured[0]
    wanted = _wanted(lab, spec)
    values = {name: value for name, (_, value) in wanted.items()}
    words = {word for word, _ in wanted.values()}
    missing = _needs_missing(lab, [need for need in spec.needs if need not in words], has)
    reasons, ports = [], lag.ports
    if too_few := list(_wires_missing(whole, spec)):
        missing += too_few
    elif len(lab.straight_wires) < spec.wires or len(lab.switch_wires) < spec.switch_wires:
        wires = [*whole.straight_wires[: spec.wires], *whole.switch_wires[: spec.switch_wires]]
        ports = [wire.port for wire in wires]
        reasons.append(f"the LAG of {', '.join(lag.ports)} has not {_number(len(ports))} ports")
    if differences := lag.differences(values):
        reasons.append(misfit(lag, differences))
    return [Lack("; ".join(reasons), entry(ports, values)), *missing] if reasons else missing


def values_wanted(lab: Lab, spec: Spec) -> dict[str, Variable]:
    """The variables that a testcase sets to one value when it makes its aggregate, and the value."""
    return {name: value for name, (_, value) in _wanted(lab, spec).items()}


def lacks_of_lag(lab: Lab, spec: Spec, whole: Lab) -> bool:
    """Whether a lab with the wires of one LAG that has been set up by hand lacks anything for a testcase.

    ``whole`` is the lab as its file has it.
    """
    return bool(_lacking(lab, spec, whole))


def _wanted(lab: Lab, spec: Spec) -> dict[str, tuple[str, Variable]]:
    """The variables that a testcase sets to one value when it makes its aggregate, each with the word that
    says that it can be set. One that it sets to several values, or that the PICS denies, is none of them."""
    found: dict[str, list[tuple[str, Variable]]] = {}
    for word in spec.needs:
        if word in VALUE_OF:
            found.setdefault(VARIABLE_OF[word], []).append((word, VALUE_OF[word]))
    pics = lab.implementation.pics
    for name, value in spec.values.items():
        own = pics.key(int(value)) if name == "key" else value
        if setting := word_of(name, own):
            found.setdefault(name, []).append((setting, own))
    return {name: told[0] for name, told in found.items() if len(told) == 1 and getattr(pics, told[0][0])}


def rows_short(lab: Lab, spec: Spec) -> dict[str, list[Lack]]:
    """The rows that a testcase claims and that are not applicable on a bench, each with what it lacks.

    The bench is taken as it is arranged.
    """
    has = capabilities(lab)
    found = {row: _needs_missing(lab, needs, has) for row, needs in spec.row_needs.items()}
    return {row: lacks for row, lacks in found.items() if lacks}


def rows_lacking(lab: Lab, spec: Spec) -> dict[str, str]:
    """The same rows, each with the reason in one sentence."""
    found = rows_short(lab, spec).items()
    return {row: "; ".join(lack.reason for lack in lacks) for row, lacks in found}


def wires_of(lab: Lab, spec: Spec) -> list[Wire]:
    """The straight wires that a testcase may use: those through the switch only where they are wires."""
    wires = lab.straight_wires_for(speeds=_forced(lab, spec))
    return [wire for wire in wires if wire.tunnel is None or wire.tunnel.fit]


def _forced(lab: Lab, spec: Spec) -> bool:
    return "speeds" in spec.needs and (lab.kind == "simulated" or any(w.speeds for w in lab.straight_wires))


def _wires_missing(lab: Lab, spec: Spec) -> Iterator[Lack]:
    if spec.switch_wires and lab.switch_is_judged:
        yield Lack(JUDGED, NOT_JUDGED)
        return
    straight = len(wires_of(lab, spec))
    if straight < spec.wires:
        short = spec.wires - straight
        kind = "straight wires (T1)" + (" whose speed can be set" if _forced(lab, spec) else "")
        through = sum(wire.tunnel is not None for wire in wires_of(lab, spec))
        how = f", {through} of them through the switch" if through else ""
        unfit = [wire for wire in lab.straight_wires if wire.tunnel is not None and not wire.tunnel.fit]
        if unfit:
            how = f": those through the switch do not pass {KINDS[LACP]}"
        yield Lack(
            f"the bench has {straight} {kind}{how}, the testcase needs {spec.wires}",
            f"{_number(short)} straight {'wire' if short == 1 else 'wires'} (T1) more",
        )
    there = len(lab.switch_wires)
    if there < spec.switch_wires:
        short = spec.switch_wires - there
        yield Lack(
            f"the bench has {there} wires to the switch (T2), the testcase needs {spec.switch_wires}",
            f"{_number(short)} {'wire' if short == 1 else 'wires'} to the switch (T2) more",
        )


def _needs_missing(lab: Lab, needs: Sequence[str], has: Container[str]) -> list[Lack]:
    return [_without(lab, need) for need in needs if need not in has]


def _without(lab: Lab, need: str) -> Lack:
    """Why there is not what a testcase needs by this word."""
    if need in blocked(lab):
        words = KINDS[need]
        return Lack(
            f"a wire through the switch does not pass {words}", f"a switch whose tunnel passes {words}"
        )
    if need == "several_aggregates" and _has_one_client(lab):
        words = "the lab file has no MAC client, or no VLAN, for a second aggregate"
        return Lack(words, "tester_ports, implementation.vlan")
    if lab.switch_is_judged and (need in BESIDE_A_SWITCH or need.startswith(SETTING)):
        return Lack(JUDGED, NOT_JUDGED)
    if (
        need == "several_aggregates"
        and by_hand(lab) is not None
        and lab.implementation.pics.several_aggregates
    ):
        words = "the testcase makes several aggregates, and has one LAG that has been set up by hand"
        return Lack(words, "an adapter that makes aggregates")
    if lab.switch_is_judged and need == "reload":
        return _setting_missing(lab, need)
    if need.startswith(SETTING):
        return _setting_missing(lab, need.removeprefix(SETTING))
    if need in REASONS:
        return Lack(f"the bench lacks {REASONS[need]}", ADMITTED_BY.get(need, REASONS[need]))
    if "=" in need:
        name, _, wanted = need.partition("=")
        choice = lab.judged_by.reading(name)
        words = f"the profile reads {name} as {choice}: {readings()[name].choices[choice]}"
        return Lack(words, f"readings.{name}: {wanted}")
    return _of_the_implementation_missing(lab, need)


def _of_the_implementation_missing(lab: Lab, need: str) -> Lack:
    """Why there is not what a testcase needs of the implementation: by its PICS, its adapter, or both."""
    implementation, abilities = lab.implementation, abilities_of(lab)
    pics, word, answer = implementation.pics, _READ.get(need, need), _ANSWERED.get(need, need)
    if need not in _ANSWERED and getattr(pics, need, None) is not False:
        return Lack(abilities.without(word), abilities.admitted_by(word))
    able = abilities.offers(need, lambda other: other == need or getattr(pics, other, None) is True)
    able &= need not in _READ or abilities.can(word)
    where = lab.where_answered(answer)
    return Lack(
        f"the PICS of {implementation.adapter} says no to {need} ({where})",
        f"pics.{answer}" if able else f"pics.{answer}, and {abilities.admitted_by(word)}",
    )


def _setting_missing(lab: Lab, word: str) -> Lack:
    """Why a testcase that sets this on the switch is not applicable."""
    if lab.switch is None:
        return Lack(f"the bench lacks {REASONS['switch']}", ADMITTED_BY.get("switch", REASONS["switch"]))
    driver = driver_of(lab.switch)
    method = SETTINGS[word]
    if word in WHOLE_SWITCH and getattr(driver, method) is not getattr(Switch, method):
        words = f"{word} is of the whole switch, and the lab file does not let it be changed (switch.may)"
        if word == "reload":
            words = "others may use the switch, and the lab file does not let it be reloaded (switch.may)"
        return Lack(words, f"switch.may: [{word}]")
    if word == "reload":
        return Lack(
            f"the driver {lab.switch.driver} does not reload the switch", "a switch driver that reloads"
        )
    words = f"the driver {lab.switch.driver} does not set {word} of the switch"
    return Lack(words, f"a switch driver that sets {word}")


def _number(count: int) -> str:
    return ("", "one", "two", "three", "four")[count] if count < 5 else str(count)
