"""Completion in bash and zsh offers the words of the grammar's table, where they belong, and interfaces."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import pytest

from agr.cli.words import AGGREGATE_WORDS, FLAGS, OPTIONS, PORT_WORDS, VERBS, Word
from testcases.selftest.daemon.lab import Namespace

COMPLETION = Path(str(files("agr").joinpath("completion")))
SHOWING = {"-v", "--json", "--prometheus"}
# What a shell is told, with the directory and the words: it prints what it offers in place of the last one.
ASK = {
    "bash": """\
. "$1/agrconfig.bash"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_agrconfig
printf '%s\\n' "${COMPREPLY[@]}"
""",
    # Outside of a line editor: its widgets for words and files, which go by what is typed already
    "zsh": """\
fpath=($1 $fpath); shift
autoload -U _agrconfig
compadd() { shift; print -l -- ${(M)@:#$PREFIX*} }
_files() { print -l -- $PREFIX*(N) }
words=("$@") CURRENT=$# PREFIX=${@[-1]}
_agrconfig
""",
}


class Offered(Protocol):
    """What a shell offers at the end of ``line``, the words behind agrconfig, here or on ``host``."""

    def __call__(self, line: str, host: Namespace | None = None, where: Path | None = None) -> set[str]: ...


@pytest.fixture(params=ASK)
def offered(request: pytest.FixtureRequest) -> Offered:
    shell = str(request.param)
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")

    def ask(line: str, host: Namespace | None = None, where: Path | None = None) -> set[str]:
        start = [shell, *(["-f"] if shell == "zsh" else []), "-c", ASK[shell], shell]
        command = [*start, str(COMPLETION), "agrconfig", *line.split(" ")]
        if host is not None:
            command = host.command(*command)
        done = subprocess.run(command, capture_output=True, text=True, cwd=where)
        assert done.stderr == ""
        return set(done.stdout.split())

    return ask


def spellings(*tables: tuple[Word, ...]) -> set[str]:
    return {spelling for table in tables for word in table for spelling in word.spellings}


OF_AN_AGGREGATE = spellings(VERBS, FLAGS, AGGREGATE_WORDS)
OF_A_PORT = spellings(PORT_WORDS)


def agr_interfaces() -> set[str]:
    names = {path.name for path in Path("/sys/class/net").iterdir()}
    return {name for name in names if name.startswith("agr") and "." not in name}


def test_first_word(offered: Offered) -> None:
    assert offered("") == {word.word for word in OPTIONS} | agr_interfaces()
    assert offered("--") == {"--json", "--prometheus", "--version"}


def test_words_of_an_aggregate(offered: Offered) -> None:
    assert offered("agr0 ") == OF_AN_AGGREGATE | SHOWING
    assert offered("agr0 create ") == OF_AN_AGGREGATE
    assert offered("agr0 create key 7 link0 mi") == {"min-links"}
    assert offered("agr0 -l") == {"-link0", "-link1"}


@pytest.mark.parametrize("word", [*AGGREGATE_WORDS, *PORT_WORDS], ids=lambda word: word.word)
def test_values(offered: Offered, word: Word) -> None:
    before = "port re0 " if word in PORT_WORDS else ""
    assert offered(f"agr0 {before}{word.word} ") == set(word.values)
    after = OF_AN_AGGREGATE | (OF_A_PORT if word in PORT_WORDS else set())
    assert offered(f"agr0 {before}{word.word} x ") == after


def test_variables_of_a_port_follow_a_port(offered: Offered) -> None:
    assert offered("agr0 port re0 ") == OF_AN_AGGREGATE | OF_A_PORT
    assert offered("agr0 port re0 lacp off ind") == {"individual"}
    assert offered("agr0 agrport re0 ind") == set()


def test_force_follows_destroy_only(offered: Offered) -> None:
    assert offered("agr0 destroy f") == {"force"}
    assert offered("agr0 destroy force f") == set()
    assert offered("agr0 create f") == set()


def test_a_value_that_is_spelled_like_a_word_is_a_value(offered: Offered) -> None:
    assert offered("agr0 agrport port ind") == set()


def test_options(offered: Offered) -> None:
    for option in SHOWING:
        assert offered(f"{option} ") == agr_interfaces()
        assert offered(f"{option} agr0 ") == set()
    assert offered("-a ") == SHOWING
    assert offered("-h ") == set()


def test_files(offered: Offered, tmp_path: Path) -> None:
    (tmp_path / "agr.conf").touch()
    assert offered("-f ag", where=tmp_path) == {"agr.conf"}
    assert offered("-f agr.conf ", where=tmp_path) == set()


def test_interfaces_and_ports(
    offered: Offered, host: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    assert offered("", host) >= {"agr0"}
    assert "agr0.m" not in offered("", host)
    assert {"re0", "re1"} <= offered("agr0 agrport ", host)
    assert "agr0" not in offered("agr0 agrport ", host) and "lo" not in offered("agr0 agrport ", host)
    status = tmp_path / "status"
    status.write_text(host.agrconfig("agr0"))
    program = tmp_path / "agrconfig"
    program.write_text(f"#!/bin/sh\n[ $# = 1 ] && [ $1 = agr0 ] && exec cat {status}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for word in ("-agrport", "port"):
        assert offered(f"agr0 {word} ", host) == {"re0"}
        assert {"re0", "re1"} <= offered(f"agr1 {word} ", host), "whoever may not ask is offered all"
