"""How statements are broken: each is left out, where what is left is a program that says something else.

What would only be a name without a value, or a crash wherever the code is run at all, is not tried: the
other operators show whether it is run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from testcases.mutants.operators import Code, Replacement, parent

_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.FunctionDef)


def step(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A call, a count, or a variable that is set."""
    if (
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        or isinstance(node, ast.AugAssign)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript))
    ):
        yield "step", node, "pass"


def jump(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A loop that is left or gone on with, what is deleted, a PDU that is refused.

    ValueError and RuntimeError are for whoever calls the core: no PDU comes of what they refuse.
    """
    if isinstance(node, ast.Continue | ast.Break):
        yield "jump", node, "pass"
    elif isinstance(node, ast.Delete):
        yield "deletion", node, "pass"
    elif isinstance(node, ast.Raise) and "IllegalPDU" in code(node):
        yield "raise", node, "pass"


def answer(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Nothing is returned, or what follows is done as well.

    At the end of a function that must return something there would be a crash alone.
    """
    if not isinstance(node, ast.Return):
        return
    outer = parent(node)
    if isinstance(outer, ast.FunctionDef) and outer.body[-1] is node:
        returned = ast.unparse(outer.returns) if outer.returns else ""
        if node.value is None or not ("None" in returned or returned == "bool"):
            return
    if not (isinstance(node.value, ast.Constant) and node.value.value is None and _is_last(node)):
        yield "return", node, "pass"


def _is_last(node: ast.AST) -> bool:
    """Whether nothing follows in its function: `return None` is nothing there."""
    outer = parent(node)
    while outer is not None and not isinstance(outer, ast.FunctionDef):
        if isinstance(outer, ast.For | ast.While):
            return False
        node, outer = outer, parent(outer)
    return isinstance(outer, ast.FunctionDef) and outer.body[-1] is node


def assignment(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A local name keeps the value that it had."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return
    function = _function(node)
    if function is None:
        return
    name = node.targets[0].id
    given = [argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)]
    stored = [
        each
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and each.id == name
    ]
    if name in given or len(stored) > 1:
        yield "assignment", node, "pass"


def _function(node: ast.AST) -> ast.FunctionDef | None:
    outer = parent(node)
    while outer is not None and not isinstance(outer, ast.FunctionDef):
        outer = parent(outer)
    return outer


def block(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """All that stands under a condition or in a loop, where that is more than one statement."""
    if not isinstance(node, ast.If | ast.For | ast.While):
        return
    if len(node.body) == 1 and not node.orelse and not isinstance(node.body[0], _COMPOUND):
        return
    if isinstance(node, ast.For):
        yield "never", node.iter, "()"
    else:
        yield "never", node.test, "False"


STEPS: tuple[Callable[[ast.AST, Code], Iterator[Replacement]], ...] = (
    step, jump, answer, assignment, block,
)  # fmt: skip
