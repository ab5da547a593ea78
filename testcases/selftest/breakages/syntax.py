"""Finds code by the function that it stands in and by what it says, and puts other code in its place.

Layout and comments do not count: Python is compared as syntax trees, C as tokens.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from textwrap import dedent
from typing import TypeVar

from testcases.selftest.breakages.breakage import Change

Found = TypeVar("Found")
Replacement = Callable[[list[ast.stmt]], None]

_C_TOKEN = re.compile(r"\w+|[^\w\s]")


class Stale(Exception):
    """Code to replace does not stand exactly once where it should: the breakage must follow agr."""


def changed_python(source: str, changes: Iterable[Change]) -> str:
    """The module with every change made. Raises Stale, with what is amiss, where one does not fit."""
    tree = ast.parse(source)
    for change in changes:
        before = ast.dump(tree)
        _replace(tree, change)
        if ast.dump(tree) == before:
            raise Stale(f"{change.place}: {change.new!r} changes nothing")
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def changed_c(source: str, changes: Iterable[Change]) -> str:
    """The same of a file of C, each function of which ends with a brace in the first column."""
    for change in changes:
        definition = re.compile(
            rf"^[^\n;#]*\b{change.place}\([^;{{]*\)\s*\{{.*?^\}}", re.MULTILINE | re.DOTALL
        )
        function = _only(definition.finditer(source), change.place, "its own definition")
        code = re.compile(r"\s*".join(map(re.escape, _C_TOKEN.findall(change.old))))
        old = _only(code.finditer(source, *function.span()), change.place, change.old)
        source = source[: old.start()] + change.new.strip() + source[old.end() :]
    return source


def _only(found: Iterable[Found], place: str, what: str) -> Found:
    listed = list(found)
    if len(listed) != 1:
        raise Stale(f"{place} holds {what!r} {len(listed)} times, not once")
    return listed[0]


def _replace(tree: ast.Module, change: Change) -> None:
    place = _only(
        (node for name, node in _places(tree, "") if name == change.place), "the file", change.place
    )
    old, new = (ast.parse(dedent(code)).body for code in (change.old, change.new))
    replace = _only([*_statements(place, old), *_expressions(place, old)], change.place, change.old)
    replace(new)


def _places(node: ast.AST, outer: str) -> Iterator[tuple[str, ast.AST]]:
    """Functions and classes by qualified name; at the top of the module also what is given a value."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{outer}.{child.name}".lstrip(".")
            yield name, child
            yield from _places(child, name)
        elif isinstance(child, ast.Assign | ast.AnnAssign) and not outer:
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in targets:
                yield from ((name.id, child) for name in ast.walk(target) if isinstance(name, ast.Name))
        else:
            yield from _places(child, outer)


def _statements(place: ast.AST, old: list[ast.stmt]) -> Iterator[Replacement]:
    """Where these statements stand one after the other."""
    wanted = [ast.dump(statement) for statement in old]
    for block in _lists(place):
        said = [ast.dump(node) if isinstance(node, ast.stmt) else "" for node in block]
        for at in range(len(said) - len(wanted) + 1):
            if said[at : at + len(wanted)] == wanted:
                yield _put_statements(block, at, len(wanted))


def _put_statements(block: list[ast.AST], at: int, count: int) -> Replacement:
    def put(new: list[ast.stmt]) -> None:
        block[at : at + count] = new
        if not block:
            block.append(ast.Pass())

    return put


def _expressions(place: ast.AST, old: list[ast.stmt]) -> Iterator[Replacement]:
    """Where this expression stands, but as a statement of its own."""
    if len(old) != 1 or not isinstance(old[0], ast.Expr):
        return
    wanted = ast.dump(old[0].value)
    for node in ast.walk(place):
        if isinstance(node, ast.Expr):
            continue
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and ast.dump(value) == wanted:
                yield _put_value(node, field)
    for values in _lists(place):
        for at, value in enumerate(values):
            if isinstance(value, ast.expr) and ast.dump(value) == wanted:
                yield _put_element(values, at)


def _put_value(node: ast.AST, field: str) -> Replacement:
    def put(new: list[ast.stmt]) -> None:
        setattr(node, field, _expression(new))

    return put


def _put_element(values: list[ast.AST], at: int) -> Replacement:
    def put(new: list[ast.stmt]) -> None:
        values[at : at + 1] = [_expression(new)] if new else []

    return put


def _expression(code: list[ast.stmt]) -> ast.expr:
    if len(code) != 1 or not isinstance(code[0], ast.Expr):
        raise Stale(f"{ast.unparse(code)!r} cannot stand for an expression")
    return code[0].value


def _lists(place: ast.AST) -> Iterator[list[ast.AST]]:
    for node in ast.walk(place):
        yield from (value for _, value in ast.iter_fields(node) if isinstance(value, list))
