"""`python -m harness.reference`: the tables, with the clause and the sources of each line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain

from rich.console import Console
from rich.table import Table

from harness.reference import admin, functions, intake, keys, selection
from harness.reference.churn import ACTOR_CHURN, PARTNER_CHURN
from harness.reference.marker import RESPONDER
from harness.reference.mux import COUPLED, INDEPENDENT
from harness.reference.periodic import PERIODIC
from harness.reference.receive import RECEIVE
from harness.reference.sources import UNCONFIRMED, sources
from harness.reference.table import Machine, Rule
from harness.reference.transmit import TRANSMIT

MACHINES = (
    RECEIVE, PERIODIC, INDEPENDENT, COUPLED, ACTOR_CHURN, PARTNER_CHURN, TRANSMIT, RESPONDER,
)  # fmt: skip

RULES = tuple(chain(functions.RULES, selection.RULES, keys.RULES, admin.RULES, intake.RULES))


def cited(name: str) -> str:
    """The public sources of a transition or rule, a line each."""
    return "\n".join(source.text() for source in sources()[name]) or UNCONFIRMED


def machine_table(machine: Machine) -> Table:
    """The table of one machine: (state, condition) -> (actions, next state)."""
    table = Table(title=f"{machine.name} machine ({machine.clause})", title_justify="left", show_lines=True)
    for heading in ("", "state", "condition", "actions", "next state", "sources"):
        table.add_column(heading, overflow="fold")
    for arrow in machine.transitions:
        actions = "\n".join(action.words for action in machine.entry[arrow.to])
        table.add_row(arrow.id, arrow.state, arrow.condition.words, actions, arrow.to, cited(arrow.id))
    return table


def rules_table(rules: tuple[Rule, ...]) -> Table:
    """The table of the requirements that clauses have in words."""
    table = Table(title="Functions and rules", title_justify="left", show_lines=True)
    for heading in ("", "clause", "rule", "sources"):
        table.add_column(heading, overflow="fold")
    for rule in rules:
        table.add_row(rule.id, rule.clause, rule.words, cited(rule.id))
    return table


def tables() -> Iterator[Table]:
    """Every table, in the order of the clauses."""
    yield from map(machine_table, MACHINES)
    yield rules_table(RULES)


def main() -> None:
    """Print them; `--width` columns wide where the output is no terminal."""
    parser = argparse.ArgumentParser(prog="python -m harness.reference", description=__doc__)
    parser.add_argument("--width", type=int, help="columns (the terminal's; 200 where there is none)")
    width = parser.parse_args().width
    console = Console(width=width) if width else Console()
    if not width and not console.is_terminal:
        console = Console(width=200)
    for table in tables():
        console.print(table)


if __name__ == "__main__":
    main()
