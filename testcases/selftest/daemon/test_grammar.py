"""agrconfig's grammar: agr(4), ifconfig(8)."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from agr.cli import main as agrconfig
from agr.cli.grammar import UsageError, parse
from agr.cli.words import AGGREGATE_VARIABLES, PORT_VARIABLES, usage
from agr.core.admin import AggregatorAdmin, PortAdmin, SystemAdmin


def requests(line: str) -> list[dict[str, Any]]:
    return [action.request for action in parse(line.split()).actions]


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("agr0 create", {"do": "create", "aggregate": "agr0"}),
        ("agr0 destroy", {"do": "destroy", "aggregate": "agr0"}),
        ("agr0 destroy force", {"do": "destroy", "aggregate": "agr0", "force": True}),
        ("agr0 agrport re0", {"do": "agrport", "aggregate": "agr0", "port": "re0"}),
        ("agr0 -agrport re0", {"do": "-agrport", "aggregate": "agr0", "port": "re0"}),
        ("agr0 link0", {"do": "set", "aggregate": "agr0", "variable": "link0", "value": "on"}),
        ("agr0 -link0", {"do": "set", "aggregate": "agr0", "variable": "link0", "value": "off"}),
        ("agr0 link1", {"do": "set", "aggregate": "agr0", "variable": "link1", "value": "on"}),
        ("agr0 -link1", {"do": "set", "aggregate": "agr0", "variable": "link1", "value": "off"}),
        ("agr0 system-id auto", {"do": "set", "aggregate": "agr0", "variable": "system-id", "value": "auto"}),
        ("agr0 timeout short", {"do": "set", "aggregate": "agr0", "variable": "timeout", "value": "short"}),
        (
            "agr0 port re4 individual on",
            {"do": "set", "aggregate": "agr0", "variable": "individual", "value": "on", "port": "re4"},
        ),
    ],
)
def test_one_request(line: str, request_: dict[str, str]) -> None:
    assert requests(line) == [request_]


def test_words_are_done_in_order() -> None:
    line = "agr0 create key 258 agrport re0 agrport re1 link0"
    assert [action.words for action in parse(line.split()).actions] == [
        "create",
        "key 258",
        "agrport re0",
        "agrport re1",
        "link0",
    ]


def test_a_port_stays_chosen_for_its_variables() -> None:
    assert [
        (request.get("port"), request["variable"])
        for request in requests("agr0 port re4 individual on timeout short lacp off port re5 lacp on")
    ] == [("re4", "individual"), (None, "timeout"), ("re4", "lacp"), ("re5", "lacp")]


@pytest.mark.parametrize(
    ("line", "aggregate", "options"),
    [
        ("", None, set()),
        ("-a", None, set()),
        ("agr0", "agr0", set()),
        ("agr0 -v", "agr0", {"verbose"}),
        ("-v agr0", "agr0", {"verbose"}),
        ("--json", None, {"json"}),
        ("-a -v", None, {"verbose"}),
        ("--help", None, {"help"}),
    ],
)
def test_status(line: str, aggregate: str | None, options: set[str]) -> None:
    command = parse(line.split())
    assert (command.aggregate, command.options, command.actions) == (aggregate, options, ())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("agr0 agrport", "agrport"),
        ("agr0 timeout", "timeout"),
        ("agr0 frobnicate", "frobnicate"),
        ("agr0 force", "force"),
        ("agr0 timeuot short", "did you mean timeout"),
        ("--jsn", "did you mean --json"),
        ("agr0 port re4", "re4"),
        ("agr0 port re4 timeout short", "re4"),
        ("agr0 individual on", "individual"),
        ("agr0 -timeout short", "-timeout"),
        ("-x agr0", "-x"),
        ("-a agr0", "-a"),
        ("-v agr0 create", "-v"),
    ],
)
def test_what_is_no_command_line(line: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=named):
        parse(line.split())
    assert agrconfig.main(line.split()) == 2
    assert capsys.readouterr().err.startswith("agrconfig: ")


def test_the_variables_are_the_cores() -> None:
    def words(*classes: type) -> set[str]:
        names = {field.name for admin in classes for field in fields(admin)}
        return {"system-id" if name == "system" else name.replace("_", "-") for name in names}

    assert set(AGGREGATE_VARIABLES) == words(AggregatorAdmin, SystemAdmin)
    assert set(PORT_VARIABLES) == words(PortAdmin)


def test_usage_has_every_word_and_fits_a_terminal() -> None:
    lines = usage().splitlines()
    assert max(map(len, lines)) <= 80
    said = {line.split()[0].removeprefix("[-]") for line in lines if line.startswith("  ")}
    assert {*AGGREGATE_VARIABLES, *PORT_VARIABLES, "create", "destroy", "agrport", "port", "-v"} <= said


def test_without_root_one_clear_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("AGR_RUNDIR", str(tmp_path))
    assert agrconfig.main(["agr0", "create"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("agrconfig: agr0: create: EPERM: ")
    assert said.count("\n") == 1


def test_who_may_not_use_the_socket_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def connect(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("socket.socket.connect", connect)
    for words in ([], ["agr0", "create"], ["agr0", "timeout", "short"]):
        assert agrconfig.main(words) == 1
        said = capsys.readouterr().err
        assert "EACCES: " in said and "sudo" in said
        assert said.count("\n") == 1


@pytest.mark.parametrize("words", [("-h",), ("--version",)])
def test_output_that_nobody_reads_ends_it_silently(words: tuple[str, ...]) -> None:
    """As other programs end before head: 128 and SIGPIPE."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "agr.cli", *words]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
