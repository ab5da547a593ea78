"""How code is broken: each operator gives, for a node of the syntax tree, the texts that may replace it.

An operator is called with the node and with `code`, which gives the text of a node. What it yields is
(name of the operator, node to replace, new text).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Replacement = tuple[str, ast.AST, str]
Code = Callable[[ast.AST], str]

BOUNDARY: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
INVERSE: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


def comparison(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """The other way round, and with or without what is equal."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    left, right, kind = code(node.left), code(node.comparators[0]), type(node.ops[0])
    yield "inverted", node, f"({left} {INVERSE[kind]} {right})"
    if kind in BOUNDARY:
        yield "boundary", node, f"({left} {BOUNDARY[kind]} {right})"


def negation(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """`not` is left out."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "negation", node, f"({code(node.operand)})"


def predicate(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """What says yes or no says the opposite, where no other operator sees to that."""
    said = _answer(node)
    if said is not None and not isinstance(said, ast.Compare | ast.UnaryOp | ast.Constant):
        yield "predicate", said, f"(not ({code(said)}))"


def _answer(node: ast.AST) -> ast.expr | None:
    """What a function that says yes or no returns at its end, or the condition of an arc."""
    if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name):
        last = node.body[-1]
        return last.value if node.returns.id == "bool" and isinstance(last, ast.Return) else None
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("Condition"):
        holds = node.args[-1]
        return holds.body if isinstance(holds, ast.Lambda) else None
    return None


def branch(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A condition is another way round, where no other operator sees to that."""
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield "inverted", node.test, f"(not ({code(node.test)}))"
    if isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield "unfiltered", test, "True"


def statement(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A step is left out."""
    if (
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        or isinstance(node, ast.AugAssign)
        or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript))
    ):
        yield "step", node, "pass"


def number(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A number is larger or smaller."""
    if not isinstance(node, ast.Constant):
        return
    if type(node.value) is int:
        yield "larger", node, str(node.value + 1)
        if node.value > 1:
            yield "smaller", node, str(node.value - 1)
    elif type(node.value) is float:
        yield "larger", node, str(node.value + 1.0)
        yield "smaller", node, str(node.value - 1.0 if node.value > 1.0 else node.value / 2)


def _makes_record(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "pack"
    return isinstance(node.func, ast.Name) and (node.func.id == "cls" or node.func.id[:1].isupper())


def field(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A field of a record, or one of several values that are compared, is nothing."""
    if isinstance(node, ast.Call) and _makes_record(node):
        values = [*node.args, *[keyword.value for keyword in node.keywords]]
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        values = node.elts
    else:
        return
    for value in values:
        if isinstance(value, ast.Attribute) and not code(value)[0].isupper():
            yield "nothing", value, f"type({code(value)})()"


def word(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """One word less in a list of words."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1 and all(_is_text(each) for each in node.elts):
        for left_out in node.elts:
            rest = [code(each) for each in node.elts if each is not left_out]
            yield "word", node, f"({', '.join(rest)},)"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def octets(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Octets in the other order, or the last of them another."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return
    said = node.args[0]
    if not isinstance(said, ast.Constant) or not isinstance(said.value, str):
        return
    if node.func.attr == "Struct":
        yield "octet order", said, code(said).replace("!", "<")
    elif node.func.attr == "fromhex":
        yield "octet", said, code(said)[:-2] + ("0" if said.value[-1] != "0" else "1") + code(said)[-1]


def big_endian(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """`int.from_bytes` from the other end."""
    if _is_text(node) and isinstance(node, ast.Constant) and node.value == "big":
        yield "octet order", node, '"little"'


OPERATORS: tuple[Callable[[ast.AST, Code], Iterator[Replacement]], ...] = (
    comparison, negation, predicate, branch, statement, number, field, word, octets, big_endian,
)  # fmt: skip
