"""The manual pages are sound, and say all that the programs know: words, defaults, options, errors."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from agr.cli.file import read
from agr.cli.grammar import parse
from agr.cli.words import AGGREGATE_WORDS, FLAGS, OPTIONS, PORT_WORDS, VERBS, Word
from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin
from testcases.selftest.manual.pages import MAN, PAGES, Item, examples, items, section, source

_MACROS = {"Cm", "Ar", "Op", "Fl", "|", "Ns", "Er", ","}
VARIABLES = ("Variables of an interface", "Variables of a port")


def mandoc(*words: str) -> str:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not here (Debian: mandoc)")
    done = subprocess.run(["mandoc", *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def plain(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word not in _MACROS]


def documented() -> dict[str, Item]:
    """Items of agrconfig(8) by their word."""
    found = items("agrconfig.8", "Cm", "Interfaces and ports", "Flags", *VARIABLES)
    return {item.words[0]: item for item in found}


def test_these_are_all_pages() -> None:
    assert {path.name for path in MAN.iterdir()} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_sound(page: str) -> None:
    assert mandoc("-T", "lint", "-W", "warning", str(MAN / page)) == ""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders(page: str) -> None:
    text = re.sub(r".\x08", "", mandoc("-T", "utf8", "-O", "width=78", str(MAN / page)))
    assert max(map(len, text.splitlines())) <= 80
    html = " ".join(mandoc("-T", "html", str(MAN / page)).split())
    for title in re.findall(r"^\.Sh (.*)$", source(page), re.M):
        assert title in text
        assert f">{title}</a>" in html


@pytest.mark.parametrize("page", PAGES)
def test_a_page_refers_to_pages_that_are_there(page: str) -> None:
    for name, number in re.findall(r"^\.Xr (agr\S*) (\d)", source(page), re.M):
        assert f"{name}.{number}" in PAGES


def test_every_word_is_documented_and_no_other() -> None:
    known = {spelling for word in VERBS + FLAGS + AGGREGATE_WORDS + PORT_WORDS for spelling in word.spellings}
    assert set(documented()) == known


def test_every_option_is_documented_and_no_other() -> None:
    shown = {item.words[0] for item in items("agrconfig.8", "Fl", "Options")}
    assert shown == {word.word.removeprefix("-") for word in OPTIONS}


@pytest.mark.parametrize("word", [*VERBS, *AGGREGATE_WORDS, *PORT_WORDS], ids=lambda word: word.word)
def test_values_are_documented(word: Word) -> None:
    """Each value stands in the tag; what is no value of its own stands there as something to fill in."""
    _, *rest = plain(documented()[word.word].words)
    stands_for = [part for part in word.argument.strip("[]").split("|") if part and not part.islower()]
    assert set(word.values) <= set(rest)
    assert len(rest) == len(word.values) + len(stands_for)


@pytest.mark.parametrize(
    "admin", [AggregatorAdmin(), SystemAdmin(), PortAdmin()], ids=lambda a: type(a).__name__
)
def test_defaults_are_documented(admin: object) -> None:
    for field in fields(admin):  # type: ignore[arg-type]
        name = "system-id" if field.name == "system" else field.name.replace("_", "-")
        if name in ("link0", "link1", "key"):
            continue  # flags say it in words, the key is made of the interface's number
        said = re.search(r"The default is\s+(?:\.Cm )?(\S+?)\s?\.", documented()[name].text)
        value = getattr(admin, field.name)
        expected = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        assert said is not None and said[1] == ("auto" if value is None else str(expected)), name


def test_every_error_is_documented() -> None:
    """All that agr refuses by itself; the kernel's errors come with its own words."""
    raised = set()
    for path in Path(MAN.parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                raised |= set(re.findall(r"errno\.(E[A-Z]+)", ast.unparse(node.args[0])))
    explained = {word for item in items("agrconfig.8", "Er", "DIAGNOSTICS") for word in plain(item.words)}
    assert raised and raised <= explained


def test_every_option_of_the_daemon_is_documented() -> None:
    command = [sys.executable, "-m", "agr.daemon", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^  (?:-\w, )?--([a-z-]+)", told, re.M)) - {"help"}
    assert {item.words[0].removeprefix("-") for item in items("agrd.8", "Fl", "DESCRIPTION")} == known


@pytest.mark.parametrize("page", ["agr.4", "agrconfig.8"])
def test_examples_are_in_the_grammar(page: str) -> None:
    lines = [line.strip() for block in examples(page) for line in block.splitlines()]
    commands = [
        line.removeprefix("agrconfig ").split(" > ")[0] for line in lines if line.startswith("agrconfig ")
    ]
    assert len(commands) >= 3
    for command in commands:
        parse(command.split())


def test_the_configuration_files_example_is_in_the_grammar(tmp_path: Path) -> None:
    file = tmp_path / "agr.conf"
    file.write_text(examples("agr.conf.5")[0])
    assert len(read(str(file))) == 4


def test_exit_codes() -> None:
    assert re.findall(r"^\.It (\d)$", section("agrconfig.8", "EXIT STATUS"), re.M) == ["0", "1", "2"]
