"""The commands that the documents name can be called so: programs, subcommands, options, targets of make."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache

import pytest

from testcases.selftest.documents.documents import DOCUMENTS, IDS, ROOT, Document, document
from testcases.selftest.runs.command import AGR_LAB

_CALL = re.compile(r"(?:^|[\s/(])agr-lab((?: [^|#;]*)?)")
_MODULE_CALL = re.compile(r"python3? -m ((?:agr|fixtures|harness|testcases)[\w.]*)([^|#;]*)")

each = pytest.mark.parametrize("doc", DOCUMENTS, ids=IDS)


@cache
def _help(*words: str) -> str:
    """What a command says of itself."""
    done = subprocess.run(
        [*words, "--help"], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


def _commands() -> list[str]:
    """The subcommands of agr-lab."""
    return re.findall(r"^ {4}(\w+)(?: {2}|$)", _help(AGR_LAB), re.M)


def _options(words: list[str]) -> list[str]:
    """Options among the words of a call, without their values."""
    return [word.strip("[](),.").partition("=")[0] for word in words if word.strip("[(").startswith("-")]


def _has(words: str, option: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", words) is not None


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


@each
def test_agr_lab(doc: Document) -> None:
    """Subcommands and options of agr-lab."""
    for code in doc.code:
        for call in _CALL.findall(code):
            words = _split(call)
            if not words or not re.fullmatch(r"[a-z]+", words[0]):
                for option in _options(words[:1]):
                    assert _has(_help(AGR_LAB), option), f"{doc.name}: {code}"
                continue
            assert words[0] in _commands(), f"{doc.name}: {code}"
            said = _help(AGR_LAB, words[0])
            for option in _options(words[1:]):
                assert _has(said, option), f"{doc.name}: {code}: {option}"


@each
def test_options_alone(doc: Document) -> None:
    """A span that begins with an option: agr-lab has it, or a module that the document runs."""
    alone = [code for code in doc.code if re.match(r"--[a-z]", code)]
    if not alone:
        return
    modules = {module for code in doc.code for module, _ in _MODULE_CALL.findall(code)}
    known = [_help(AGR_LAB, command) for command in _commands()]
    known += [_help(sys.executable, "-m", module) for module in sorted(modules)]
    for code in alone:
        (option,) = _options(_split(code)[:1])
        assert any(_has(said, option) for said in known), f"{doc.name}: {code}"


@each
def test_modules_that_are_run(doc: Document) -> None:
    """`python -m MODULE` with its options."""
    for code in doc.code:
        for module, rest in _MODULE_CALL.findall(code):
            said = _help(sys.executable, "-m", module)
            for option in _options(_split(rest)):
                assert _has(said, option), f"{doc.name}: {code}: {option}"


@each
def test_targets_of_make(doc: Document) -> None:
    """`make TARGET`."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    for code in doc.code:
        for target in re.findall(r"(?:^|sudo )make (\w+)", code):
            assert target in targets, f"{doc.name}: {code}"


def test_running_tells_all() -> None:
    """docs/running.md has every subcommand of agr-lab, and every option of `agr-lab run`."""
    told = " ".join(document("docs/running.md").code)
    for command in _commands():
        assert f"agr-lab {command}" in told
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _help(AGR_LAB, "run"))) - {"--help"}:
        assert _has(told, option), option
