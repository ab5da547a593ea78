"""How expressions are broken: each operator gives, for a node of the tree, the texts that may replace it.

An operator is called with the node and with `code`, which gives the text of a node. What it yields is
(name of the operator, node to replace, new text). Every node knows the one that it stands in (`parent`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Replacement = tuple[str, ast.AST, str]
Code = Callable[[ast.AST], str]

BOUNDARY: dict[type[ast.cmpop], str] = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
_SIGN: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
INVERSE: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip

SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


def parent(node: ast.AST) -> ast.AST | None:
    """The node that a node stands in, which the generator has noted; None at the top of a file."""
    return getattr(node, "parent", None)


def comparison(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """The other way round, and with or without what is equal."""
    if not isinstance(node, ast.Compare):
        return
    if len(node.ops) > 1:
        yield from _chain(node, code)
        return
    left, right, kind = code(node.left), code(node.comparators[0]), type(node.ops[0])
    yield "inverted", node, f"({left} {INVERSE[kind]} {right})"
    if kind in BOUNDARY:
        yield "boundary", node, f"({left} {BOUNDARY[kind]} {right})"


def _chain(node: ast.Compare, code: Code) -> Iterator[Replacement]:
    """`low <= value <= high`, where one of the bounds is taken in or left out."""
    terms = [code(each) for each in (node.left, *node.comparators)]
    for place, operator in enumerate(node.ops):
        others = [*map(type, node.ops)]
        words = [BOUNDARY[kind] if at == place else _SIGN[kind] for at, kind in enumerate(others)]
        if type(operator) in BOUNDARY:
            rest = "".join(f" {word} {term}" for word, term in zip(words, terms[1:], strict=True))
            yield "boundary", node, f"({terms[0]}{rest})"


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


def logic(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """`and` for `or`, and the other way round."""
    if not isinstance(node, ast.BoolOp):
        return
    terms = [f"({code(each)})" for each in node.values]
    yield "logic", node, f"({(' or ' if isinstance(node.op, ast.And) else ' and ').join(terms)})"


def extreme(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """The least for the greatest, any for all."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SWAPPED:
        yield "extreme", node.func, SWAPPED[node.func.id]


def sign(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """What is negative is positive: an order is the other way round."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", node, f"({code(node.operand)})"


def branch(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A condition is another way round, where no other operator sees to that."""
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield "inverted", node.test, f"(not ({code(node.test)}))"
    if isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield "unfiltered", test, "True"


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


def truth(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """True for False, and the other way round."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "truth", node, str(not node.value)


def null(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """A value where there is none."""
    if isinstance(node, ast.Constant) and node.value is None and _is_value(node):
        yield "null", node, "0"


def text(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Another word. What has a blank in it is for people; a word in a list is `word`'s, a key `element`'s."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or " " in node.value:
        return
    if _is_value(node) or isinstance(parent(node), ast.Compare):
        yield "text", node, f"{code(node)[:-1]}_{code(node)[-1]}"


def _is_value(node: ast.AST) -> bool:
    """Whether a constant is what a name or a key is given, or what a function returns."""
    outer = parent(node)
    if isinstance(outer, ast.Dict):
        return node in outer.values
    return isinstance(outer, ast.Assign | ast.AnnAssign | ast.Return | ast.IfExp)


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


def element(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """One element less in a tuple, a list, a set or a dictionary, where its key names the mutant."""
    if isinstance(node, ast.Dict):
        said = [f"{code(key)}: {code(value)}" if key else f"**{code(value)}" for key, value in _items(node)]
        around = "{}"
    elif isinstance(node, ast.Set):
        said, around = [*map(code, node.elts)], "{}"
    elif isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        said, around = [*map(code, node.elts)], "()" if isinstance(node, ast.Tuple) else "[]"
    else:
        return
    for place in range(len(said)):
        rest = said[:place] + said[place + 1 :]
        comma = "," if around == "()" and len(rest) == 1 else ""
        empty = isinstance(node, ast.Set) and not rest
        name = _key(node.keys[place]) if isinstance(node, ast.Dict) else ""
        new = "set()" if empty else f"{around[0]}{', '.join(rest)}{comma}{around[1]}"
        yield f"element {name}".strip(), node, new


def _key(node: ast.expr | None) -> str:
    """The key of a dictionary's item, where that is a text."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _items(node: ast.Dict) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    return zip(node.keys, node.values, strict=True)


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


def filling(node: ast.AST, code: Code) -> Iterator[Replacement]:
    """Another octet than the one that fills up a frame."""
    if isinstance(node, ast.Constant) and node.value == b"\0":
        yield "octet", node, 'b"\\1"'


OPERATORS: tuple[Callable[[ast.AST, Code], Iterator[Replacement]], ...] = (
    comparison, negation, predicate, logic, extreme, sign, branch, number, truth, null, text, field, word,
    element, octets, big_endian, filling,
)  # fmt: skip
