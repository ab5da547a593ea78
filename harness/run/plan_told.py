"""What `agr-lab plan` says of a lab: which testcases can run on it, what it lacks for the others."""

from __future__ import annotations

from collections import Counter

from harness.bench.arrangement import tunnels
from harness.lab.schema import Lab
from harness.run.collecting import SuiteItem
from harness.run.commands import commands
from harness.run.plan import Lack, arrangement, lacking, rows_short
from harness.run.questions import foreseen
from harness.run.slices import slices_in_words, why_alone

Plan = tuple[SuiteItem, list[Lack]]
"""A testcase, and what a lab lacks for it."""


def plans_of(lab: Lab, collected: list[SuiteItem]) -> list[Plan]:
    """Each testcase with what the lab lacks for it; what can run first."""
    plans = [(found, lacking(lab, found.spec)) for found in collected]
    return sorted(plans, key=lambda plan: (bool(plan[1]), plan[0].spec.rows))


def tell_plan(lab: Lab, plans: list[Plan], *, ask: bool) -> None:
    """Print it; with what an operator would admit."""
    can = [found for found, lacks in plans if not lacks]
    print(f"{lab.file}: {len(can)} of {len(plans)} testcases can run on bench {lab.name}")
    alone = {found.nodeid: why_alone(lab, found.spec) for found in can} if lab.is_sliced else {}
    if lab.is_sliced:
        print(f"in {slices_in_words(lab)}; {sum(map(bool, alone.values()))} of them alone at the end")
    ways = {found.nodeid: arrangement(lab, found.spec) for found in can}
    if through := [tunnels(way) for way in ways.values() if tunnels(way)]:
        wires = ", ".join(f"{wire.name}: {wire.way.words}" for wire in max(through, key=len))
        print(f"{len(through)} of them on straight wires through the switch ({wires})")
    if ask:
        more, questions = foreseen(lab, [found.spec for found, _ in plans])
        print(
            f"{more} more with `agr-lab run --ask`: the operator is asked {questions} times to set something"
        )
    print(f"judged by {lab.judged_by}: {lab.judged_by.constants.title}")
    for sentence in lab.judged_by.reservations:
        print(f"      {sentence}")
    for found, lacks in plans:
        print(f"{'-' if lacks else '+'} {found.shown}")
        if why := alone.get(found.nodeid):
            print(f"      alone: {why}")
        for lack in lacks:
            print(f"      not applicable: {lack.reason}; admitted by: {lack.admitted_by}")
        for row, of_row in rows_short(ways[found.nodeid], found.spec).items() if not lacks else ():
            for lack in of_row:
                print(f"      {row} is not applicable: {lack.reason}; admitted by: {lack.admitted_by}")
    single = Counter(lacks[0].admitted_by for _, lacks in plans if len(lacks) == 1)
    if single:
        print("What alone would admit testcases, and how many:")
    for words, number in single.most_common():
        print(f"{number:6}  {words}")


def planned(lab: Lab, found: SuiteItem, lacks: list[Lack]) -> dict[str, object]:
    """A testcase of the plan, as JSON has it."""
    return {
        "lab": lab.file,
        "testcase": found.nodeid,
        "rows": found.spec.rows,
        "title": found.title,
        "lacks": "; ".join(lack.reason for lack in lacks),
        "admitted_by": [lack.admitted_by for lack in lacks],
        "alone": why_alone(lab, found.spec) if lab.is_sliced and not lacks else "",
    }


def tell_commands(lab: Lab, *, several: bool) -> None:
    """Print every line that a run may send to the switch, of one of several labs with its name."""
    if several:
        print(f"{lab.file}, to its switch:")
    for purpose, lines in commands(lab):
        print(f"{purpose}:")
        for line in lines:
            print(f"{'    ' if line.startswith(('interface ', 'exit')) else '      '}{line}")
    print("what was changed is put back: by `no` and the same words, `default` of a port, or the line before")
