"""How a table of states is broken: an arc is missing or leads elsewhere, an action of a state is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from testcases.mutants.operators import Code, Replacement, parent

ARCS = ("arcs", "_COMMON")


def arcs(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Arcs of a machine."""
    table = _arc_table(node)
    if not isinstance(table, ast.Tuple):
        return
    found = [each for each in table.elts if isinstance(each, ast.Tuple) and len(each.elts) == 3]
    states = list(dict.fromkeys(code(end) for arc in found for end in (arc.elts[0], arc.elts[2])))
    states = [state for state in states if state != "ANY"]
    for arc in found:
        source, condition, target = (code(part) for part in arc.elts)
        others = [state for state in states[states.index(target) :] + states if state not in (source, target)]
        yield "arc missing", arc, f"({source}, Condition('never', lambda _: False), {target})"
        yield "arc elsewhere", arc, f"({source}, {condition}, {others[0]})"


def is_table(node: ast.AST | None) -> bool:
    """Whether it is a table of arcs."""
    return isinstance(node, ast.Tuple) and _arc_table(parent(node)) is node


def _arc_table(node: ast.AST | None) -> ast.AST | None:
    """The table of arcs that an argument or a variable is given."""
    if (isinstance(node, ast.keyword) and node.arg in ARCS) or (
        isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in ARCS
    ):
        return node.value
    return None


def actions(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Actions of a state: `entry={STATE: (one, other)}`."""
    if not isinstance(node, ast.Dict):
        return
    for listed in node.values:
        if isinstance(listed, ast.Tuple) and all(isinstance(each, ast.Name) for each in listed.elts):
            for left_out in listed.elts:
                rest = [code(each) for each in listed.elts if each is not left_out]
                yield "action missing", listed, f"({''.join(each + ', ' for each in rest)})"
