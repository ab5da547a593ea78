"""docs/transitions.md, of what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.reference.table import ANY, Machine, Transition
from testcases.selftest.transitions import ROOT
from testcases.selftest.transitions.figures import FIGURES, MISSING
from testcases.selftest.transitions.measure import NOBODY, RESTLESS, STATUS, WIRE

RECORD = Path(__file__).with_name("measured.json")
PAGE = ROOT / "docs" / "transitions.md"

Measured = Mapping[str, Any]

INTRODUCTION = """\
# Transitions of the figures, and who sees them

Of each arrow of the figures of clause 43.4: whether a testcase of the suite takes it, and what shows that it
is there and leads where it should. It is measured on the reference model, whose tables say what the figures
say (`harness/reference/`), and which agr's tables are held against
(`testcases/selftest/core/test_figures.py`): each arrow is taken away, and led into each other state in turn,
and the testcases that take it are run. Those that look at frames alone come first.

- **wire**: a testcase that looks at frames alone fails.
- **status**: none of these fails, and one that reads the status as well does.
- **nobody**: of 60 testcases of either kind that take it, the figure's own first, none fails. Below each
  table stands why.
- **not reached**: no testcase takes the arrow.

On the Churn Detection machines nothing in a frame depends, so that only the status is looked at.

An arrow that is led elsewhere so that the machines never come to rest is no figure, and not counted.
`python -m testcases.selftest.transitions` measures anew and writes this page; a self-test repeats a part.
"""


def read() -> Measured:
    """What was measured last."""
    found: Measured = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def write(found: Measured) -> None:
    """Keep what was measured."""
    RECORD.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def page(found: Measured) -> str:
    """The whole page."""
    parts = [INTRODUCTION, *_summary(found)]
    for title, machine in FIGURES.items():
        parts += _figure(title, machine, found)
    return "\n".join(parts) + "\n"


def _summary(found: Measured) -> Iterator[str]:
    yield "| figure | arrows | wire | status | nobody | not reached |\n|---|---|---|---|---|---|"
    for title, machine in FIGURES.items():
        kinds = [_kind(found[one.id]) for one in machine.transitions]
        counts = " | ".join(str(kinds.count(kind)) for kind in (WIRE, STATUS, NOBODY, "not reached"))
        yield f"| {title} | {len(kinds)} | {counts} |"
    yield "\nAn arrow counts by what shows that it is there."


def _kind(said: Measured) -> str:
    return str(said["variants"][MISSING][0]) if said["taken"] else "not reached"


def _figure(title: str, machine: Machine, found: Measured) -> Iterator[str]:
    yield f"\n## {title} ({machine.clause.partition(',')[0]})\n"
    yield "| arrow | from | to | when | missing | led elsewhere |\n|---|---|---|---|---|---|"
    for one in machine.transitions:
        yield _row(one, found[one.id])
    reasons = [f"- {one.id}: {WHY[one.id]}" for one in machine.transitions if one.id in WHY]
    if reasons:
        yield "\n" + "\n".join(reasons)


def _row(one: Transition, said: Measured) -> str:
    state = "any" if one.state == ANY else one.state
    head = f"| {one.id} | {state} | {one.to} | {one.condition.words} |"
    if not said["taken"]:
        return f"{head} not reached | |"
    kind, *by = said["variants"][MISSING]
    shown = f"{kind}: `{by[0]}`" if by else f"{kind}; `{said['taken']}` takes it"
    return f"{head} {shown} | {_elsewhere(said['variants'])} |"


def _elsewhere(who: Mapping[str, list[str]]) -> str:
    """How many are seen by whom; those that are not on the wire by name."""
    others = {to: by[0] for to, by in who.items() if to != MISSING and by[0] != RESTLESS}
    kinds = list(others.values())
    if not kinds:
        return "never at rest"
    parts = [f"{kinds.count(WIRE)} of {len(kinds)} wire"]
    for kind in (STATUS, NOBODY):
        names = [to for to, by in others.items() if by == kind]
        if names:
            parts.append(f"{kind}: {', '.join(names)}")
    return "; ".join(parts)


WHY: Mapping[str, str] = {
    "RX2": "a port is made without a link, so that RX3 leads on from any other state at once.",
    "RX6": "from EXPIRED and DEFAULTED, RX7 and RX8 lead on to LACP_DISABLED at once.",
    "RX7": "from INITIALIZE, PORT_DISABLED and DEFAULTED, RX2, RX6 and RX8 lead on to LACP_DISABLED at once.",
    "RX8": "from INITIALIZE, PORT_DISABLED and EXPIRED, RX2, RX6 and RX7 lead on to LACP_DISABLED at once.",
    "RX9": "from all of them RX2, RX6, RX7 and RX8 lead on to LACP_DISABLED at once.",
    "RX10": "INITIALIZE and PORT_DISABLED lead on to EXPIRED at once (RX2, RX5); there is no partner "
    "that could be forgotten.",
    "RX13": "all of them lead on to EXPIRED at once (RX2, RX5, RX10), and from there to CURRENT (RX11).",
    "RX15": "PORT_DISABLED leads on to EXPIRED at once (RX5), and keeps the partner as EXPIRED does.",
    "PT2": "while LACP_Enabled is FALSE the Transmit machine sends nothing (43.4.16); the period that "
    "goes on is over within a second when LACP is back, as a new one is.",
    "PT3": "while the condition holds no other arrow is followed; when it ends, the first period is as long.",
    "PT5": "the first LACPDU comes at once then (PT8, PT10), which no clause forbids.",
    "PT7": "SLOW_PERIODIC leads on to PERIODIC_TX at once (PT8) while the partner has the Short Timeout.",
    "PT10": "NO_PERIODIC leads on to FAST_PERIODIC at once (PT5).",
    "PT11": "from NO_PERIODIC and FAST_PERIODIC, PT5 and PT6 lead on to SLOW_PERIODIC at once.",
    "MX3": "from all of them MX9, MX7 and MX5 lead on to DETACHED at once, as the port is UNSELECTED.",
    "MC3": "from both MC7 and MC5 lead on to DETACHED at once, as the port is UNSELECTED.",
    "AC5": "ACTOR_CHURN_MONITOR leads on to NO_ACTOR_CHURN at once (AC3).",
    "PC5": "PARTNER_CHURN_MONITOR leads on to NO_PARTNER_CHURN at once (PC3).",
}
"""Why an arrow that is away or leads elsewhere is seen by status alone, or by nobody: by its id."""
