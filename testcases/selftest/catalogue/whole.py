"""What testcases do to all of an implementation, found in their code: in the function, in what is given to
it, and in the functions, classes and tables of the suite that it uses."""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from types import FunctionType
from typing import Any

from harness.catalogue.claims import Spec
from harness.run.plan import unknown_needs
from harness.switch.switch import SETTINGS, WHOLE_SWITCH

OF_THE_DUT = {
    "crash": "restart",
    "revive": "restart",
    "reload": "restart",
    "renew": "restart",
    "reset": "names",
    "run": "names",
    "existing": "names",
    "interface": "names",
    "memory": "memory",
}
"""Methods of `Dut`, and the word of `WHOLE` for each."""

ANYWHERE = {
    **{SETTINGS[word]: "switch" for word in WHOLE_SWITCH},
    "generated": "load",
    "generated_by_client": "load",
    "transfer": "load",
}
"""Functions, classes and methods, whatever they are called on."""

NEEDS = {
    "crash": "restart",
    "restart": "restart",
    "reload": "restart",
    "agr(4)": "names",
    "shared_system": "system-id",
    "set_system_priority": "system-priority",
    "kernel": "load",
    "tcp": "load",
    **{f"switch:{word}": "switch" for word in WHOLE_SWITCH},
}
"""What a testcase needs, or asks `case.can` for, that does any of this: it can do none of it unsaid
(`harness.dut.acts`)."""

SHOWS_ALL = "agrconfig"
"""The command of the implementation that shows all aggregates, and not one that it names: the word is "host"
then, in place of "names"."""

SETTING_OF_THE_SWITCH = "setting"
"""The function whose argument is a word of `SETTINGS`: what is needed of the switch."""

SUITE = ("testcases.conformance", "harness.case")
"""Packages whose code is read."""


def whole(
    function: Callable[..., None], given: Mapping[str, Any], spec: Spec, suite: Sequence[str] = SUITE
) -> set[str]:
    """The words of `WHOLE` for a testcase: its function, the parameters that are given to it, its claim.

    Code of the packages ``suite`` is read, and no other.
    """
    code = _Code(given, tuple(suite))
    code.follow(function)
    for value in given.values():
        code.follow(value)
    needs = (tuple(text.split()) for text in code.texts)
    said = {word for words in needs if not unknown_needs(Spec((), needs=words)) for word in words}
    needed = {NEEDS[word] for word in {*spec.all_needs, *said} & NEEDS.keys()}
    found = code.found | needed
    return found - {"names"} | {"host"} if "names" in found and SHOWS_ALL in code.texts else found


class _Code:
    """Code that has been read: ``found`` are the words of its calls, ``texts`` its texts."""

    def __init__(self, given: Mapping[str, Any], suite: tuple[str, ...]) -> None:
        self._suite = suite
        self.found: set[str] = set()
        self.texts: set[str] = set()
        self._keys = {value for value in given.values() if isinstance(value, str)}
        self._seen: set[int] = set()
        self._used: set[str] = set()  # names of attributes
        self._methods: dict[str, list[object]] = defaultdict(list)  # of classes that were followed

    def follow(self, thing: object) -> None:
        """Read a function of the suite, those methods of a class that are used, or what a table has."""
        if id(thing) in self._seen:
            return
        self._seen.add(id(thing))
        if isinstance(thing, str):
            self.texts.add(thing)
        elif isinstance(thing, FunctionType):
            self._read(inspect.unwrap(thing))
        elif isinstance(thing, type):
            if thing.__module__.startswith(self._suite) and thing.__name__ != "Case":
                for name, value in vars(thing).items():
                    self._methods[name].append(getattr(value, "__func__", value))
                    if name in self._used or name.startswith("__"):
                        self.follow(self._methods[name][-1])
        else:
            for part in self._parts(thing):
                self.follow(part)

    def _parts(self, thing: object) -> Iterable[object]:
        """What a table holds; of one whose key is given to the testcase, what stands there."""
        if isinstance(thing, Mapping):
            chosen = self._keys & {key for key in thing if isinstance(key, str)}
            return [thing[key] for key in chosen] if chosen else [*thing, *thing.values()]
        if isinstance(thing, list | tuple | set | frozenset):
            return thing
        if isinstance(thing, property):
            return [thing.fget]
        if is_dataclass(thing):
            return [getattr(thing, field.name) for field in fields(thing)]
        return []

    def _read(self, function: FunctionType) -> None:
        made = function.__code__.co_filename.startswith("<")  # by a dataclass
        if made or not function.__module__.startswith(self._suite):
            return
        of_the_switch: set[ast.AST] = set()
        for node in _code_of(function):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == SETTING_OF_THE_SWITCH:
                of_the_switch |= set(node.args)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.texts |= {node.value} if node not in of_the_switch else set()
            elif isinstance(node, ast.Name):
                self.follow(function.__globals__.get(node.id))
            elif isinstance(node, ast.Attribute):
                self._used.add(node.attr)
                for method in self._methods[node.attr]:
                    self.follow(method)
            self.found |= _words_of(node)
        for cell in function.__closure__ or ():
            self.follow(cell.cell_contents)


@cache
def _functions(file: str) -> Mapping[int, Sequence[ast.FunctionDef | ast.Lambda]]:
    """Those of a file by the line that they begin in, where the first decorator is."""
    found = defaultdict(list)
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", [])
            found[min([node.lineno, *(one.lineno for one in decorators)])].append(node)
    return found


def _code_of(function: FunctionType) -> Iterator[ast.AST]:
    """What a function's body is made of, without decorators, signature and docstring."""
    code = function.__code__
    for node in _functions(code.co_filename)[code.co_firstlineno]:
        if isinstance(node, ast.Lambda):
            yield from ast.walk(node.body)
        elif node.name == function.__name__:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield from chain.from_iterable(map(ast.walk, body))


def _words_of(node: ast.AST) -> set[str]:
    """The word of `WHOLE` for what is called here."""
    if isinstance(node, ast.Name):
        return {ANYWHERE[node.id]} if node.id in ANYWHERE else set()
    if not isinstance(node, ast.Attribute):
        return set()
    owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
    words = OF_THE_DUT if owner == "dut" else ANYWHERE
    return {words[node.attr]} if node.attr in words else set()
