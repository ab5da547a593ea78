"""All mutants of what is in scope, in a fixed order, with ids that stay."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from testcases.mutants.mutant import CORE, Mutant
from testcases.mutants.operators import OPERATORS, parent
from testcases.mutants.scope import in_scope
from testcases.mutants.steps import STEPS
from testcases.mutants.tables import actions, arcs, is_table

_NOTES_CHANGE = ("self.changed.add(", "self._engine.changed.update(")
_OWN = ("operators.py", "steps.py", "tables.py", "generator.py", "scope.py")


def generate() -> list[Mutant]:
    """Every mutant. What comes to the same program is one mutant."""
    operators = (arcs, actions, *OPERATORS, *STEPS)
    return [mutant for path in sorted(CORE.glob("*.py")) for mutant in _Breaker(path, operators).mutants()]


def version() -> str:
    """What the generator is, in 12 hexadecimal digits: of its text and of Python's grammar version."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for name in _OWN:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()[:12]


class _Breaker:
    """One file."""

    def __init__(self, path: Path, operators: tuple) -> None:  # type: ignore[type-arg]
        self._path = path
        self._operators = operators
        self._text = path.read_bytes()
        starts = [0]
        for line in self._text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts
        self._count: Counter[tuple[str, str]] = Counter()
        self._seen: set[tuple[int, int, str]] = set()

    def mutants(self) -> Iterator[Mutant]:
        tree = ast.parse(self._text)
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                child.parent = node  # type: ignore[attr-defined]
        yield from self._walk(tree, "")

    def _walk(self, node: ast.AST, qualname: str) -> Iterator[Mutant]:
        if _says_nothing(node) or self._is_left_out(node, qualname):
            return
        qualname = _qualname(node, qualname)
        if in_scope(self._path.name, qualname):
            for operator in self._operators:
                for name, replaced, new in operator(node, self._code):
                    if not _crashes(replaced, name):
                        yield from self._mutant(qualname, name, replaced, new)
        for child in _children(node):
            yield from self._walk(child, qualname)

    def _is_left_out(self, node: ast.AST, qualname: str) -> bool:
        """Whether it is a variable of a class that `scope` leaves out; ids do not name such a variable."""
        if not isinstance(node, ast.Assign) or not isinstance(parent(node), ast.ClassDef):
            return False
        return not in_scope(self._path.name, f"{qualname}.{ast.unparse(node.targets[0])}")

    def _mutant(self, qualname: str, operator: str, node: ast.AST, new: str) -> Iterator[Mutant]:
        start, end = self._span(node)
        meaning = (start, end, ast.dump(ast.parse(new)))
        if new.encode() == self._text[start:end] or meaning in self._seen:
            return
        self._seen.add(meaning)
        self._count[qualname, operator] += 1
        identity = f"{self._path.name}:{qualname}:{operator}:{self._count[qualname, operator]}"
        line = getattr(node, "lineno", 0)
        lines = frozenset((_statement(node).lineno, *range(node.lineno, node.end_lineno + 1)))  # type: ignore[attr-defined]
        yield Mutant(identity, self._path.name, qualname, operator, line, lines, start, end, new)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        return (
            self._starts[node.lineno - 1] + node.col_offset,  # type: ignore[attr-defined]
            self._starts[node.end_lineno - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def _code(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._text[start:end].decode()


def _statement(node: ast.AST) -> ast.stmt:
    """The statement that a node is, or stands in."""
    while not isinstance(node, ast.stmt):
        outer = parent(node)
        assert outer is not None, "only statements stand at the top of a file"
        node = outer
    return node


def _qualname(node: ast.AST, outer: str) -> str:
    """Functions and classes by name; at the top of a file the name that is given a value."""
    name = ""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        name = node.name
    elif not outer and isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name = ast.unparse(target).partition(",")[0].strip("(")
    return ".".join(filter(None, (outer, name))) if name else outer


def _says_nothing(node: ast.AST) -> bool:
    """Imports, texts for people, what is for logs only, and names given to states."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "StateChanged":
        return True
    if isinstance(node, ast.Expr) and ast.unparse(node).startswith(_NOTES_CHANGE):
        return True  # what a snapshot is out of date of
    if isinstance(node, ast.If) and all(map(_says_nothing, (*node.body, *node.orelse))):
        return True  # a condition that only such a step has
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr):
        return True
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "__str__":
        return True
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.col_offset == 0


def _crashes(node: ast.AST, operator: str) -> bool:
    """Whether what an operator would give is a crash as soon as the file is read or an object is made."""
    if operator.startswith("element"):
        return is_table(node) or is_table(parent(node))
    made = isinstance(parent(node), ast.FunctionDef) and parent(node).name == "__init__"  # type: ignore[union-attr]
    return operator == "step" and made


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Without what only a type checker reads, and what is said of an error."""
    if isinstance(node, ast.Raise):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not (name == "slice" and isinstance(child, ast.Tuple)):
                yield child
