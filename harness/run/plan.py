"""Which testcases a bench can run, and what it lacks for the others: known before the run."""

from __future__ import annotations

from harness.catalogue.claims import Spec
from harness.lab.pics import Pics
from harness.lab.schema import Lab
from harness.profile import readings

JUMBO = 9000
"""Octets of the MTU that a bench with jumbo frames has at least."""

REASONS = {
    "kernel": "kernel interfaces (the simulated bench has none)",
    "agr(4)": "an implementation with the command line of agr(4)",
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
    "crash": "an implementation whose processes the bench can kill and start",
    "cut": "wires whose carrier the bench can take",
}
"""Bench capabilities a testcase may need, in words."""


def capabilities(lab: Lab) -> set[str]:
    """What the lab file says that the bench has, as the words a testcase may need."""
    has = {name for name, value in lab.implementation.pics if value is True}
    has |= {f"{name}={choice}" for name, choice in lab.judged_by.choices.items()}
    if lab.implementation.pics.moved_conversations != "none":
        has.add("moved_conversations")
    if lab.implementation.pics.unanswered_markers is not None:
        has.add("unanswered_markers")
    has |= {"speeds", "without_carrier"} if lab.kind == "simulated" else {"kernel"}
    if any(wire.speeds for wire in lab.straight_wires):
        has.add("speeds")
    has |= lab.implementation.offers
    if lab.kind == "emulated":
        has.add("blocked")
    if lab.switch is not None:
        has |= {"switch", *lab.switch.ways}
    if lab.traffic is not None:
        has.add("traffic")
        if lab.traffic.tester.namespace != lab.implementation.namespace:
            has.add("tcp")
    if lab.mtu >= JUMBO:
        has.add("jumbo")
    testers = {wire.tester.namespace for wire in lab.straight_wires if wire.tester is not None}
    if None not in testers | {lab.implementation.namespace} and lab.implementation.namespace not in testers:
        has.add("namespace")
    if all(wire.cut != "none" for wire in lab.wires):
        has.add("cut")
    return has


def unknown_needs(spec: Spec) -> list[str]:
    """What a testcase asks for that no lab file, PICS or reading can say."""
    answers = {name for name, info in Pics.model_fields.items() if info.annotation is bool}
    known = answers | set(REASONS) | {"moved_conversations", "unanswered_markers"}
    return [
        need
        for need in spec.needs
        if need not in known
        and need
        not in {f"{name}={choice}" for name, reading in readings().items() for choice in reading.choices}
    ]


def lacks(lab: Lab, spec: Spec) -> str:
    """Why the testcase is NOT_APPLICABLE on this bench; empty when it can run."""
    missing, things = [], []
    has = capabilities(lab)
    speeds = {"speeds"} & set(spec.needs) & has
    straight = lab.straight_wires_for(speeds=bool(speeds))
    kind = "straight wires (T1) whose speed can be set" if speeds else "straight wires (T1)"
    for wanted, there, words in (
        (spec.wires, len(straight), kind),
        (spec.switch_wires, len(lab.switch_wires), "wires to the switch (T2)"),
    ):
        if there < wanted:
            missing.append(f"the bench has {there} {words}, the testcase needs {wanted}")
    for need in spec.needs:
        if need in has:
            continue
        if need in REASONS:
            things.append(REASONS[need])
        elif "=" in need:
            name = need.partition("=")[0]
            choice = lab.judged_by.reading(name)
            missing.append(f"the profile reads {name} as {choice}: {readings()[name].choices[choice]}")
        else:
            where = lab.where_answered(need)
            missing.append(f"the PICS of {lab.implementation.adapter} says no to {need} ({where})")
    if things:
        missing.append(f"the bench lacks {', '.join(things)}")
    return "; ".join(missing)
