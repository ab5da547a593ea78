"""agrconfig: configure agr interfaces, with the grammar of agr(4) and ifconfig(8).

What only some command lines need is imported where they need it: scripts call agrconfig many times.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Mapping

import agr
from agr.cli.client import Client, NotRunning, clean_up
from agr.cli.grammar import Action, Command, UsageError, parse
from agr.cli.words import SYNOPSIS, usage
from agr.control.protocol import Refusal
from agr.control.rundir import RunDirectory, run_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

DONE, REFUSED, USAGE_ERROR = 0, 1, 2
UNREAD = 128 + 13  # as shells say of a program that SIGPIPE ended


def main(arguments: list[str] | None = None) -> int:
    """Do a command line. Returns 0, 1 when something was refused (the message has the errno), 2 for usage.

    UNREAD where who reads its output has gone, as head does: silently.
    """
    try:
        result = _main(arguments)
        print(end="", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed
        return UNREAD
    return result


def command() -> NoReturn:
    """The program. It ends as it is: to take an interpreter down piece by piece is a good part of a call."""
    result = main()
    sys.stderr.flush()
    os._exit(result)


def _main(arguments: list[str] | None) -> int:
    try:
        command = parse(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        print(f"agrconfig: {error}\n{SYNOPSIS}", file=sys.stderr)
        return USAGE_ERROR
    if command.options & {"help", "version"}:
        print(usage() if "help" in command.options else f"agrconfig {agr.__version__}")
        return DONE
    try:
        directory = run_directory()
        client = Client(directory)
        try:
            return _carry_out(command, client, directory)
        finally:
            client.close()
    except Refusal as refused:
        who = "" if command.aggregate is None else f"{command.aggregate}: "
        print(f"agrconfig: {who}{refused.name}: {refused.message}", file=sys.stderr)
    except _ActionError as error:
        print(f"agrconfig: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        pass
    return REFUSED


class _ActionError(Exception):
    """An action of a command line was refused; the message names it."""


def _carry_out(command: Command, client: Client, directory: RunDirectory) -> int:
    if command.file is not None:
        return _run_file(command.file, client, directory)
    if command.actions:
        for action in command.actions:
            _do(action, client, directory)
    else:
        _show(command, client)
    return DONE


def _run_file(path: str, client: Client, directory: RunDirectory) -> int:
    """Do all lines of a file. What is so already is left alone; a refusal ends its line, not the others."""
    from agr.cli.file import FileError, is_so, read

    try:
        lines = read(path)
    except FileError as error:
        print("\n".join(f"agrconfig: {message}" for message in error.args[0]), file=sys.stderr)
        return USAGE_ERROR
    result = DONE
    for line in lines:
        try:
            for action in line.actions:
                if not is_so(action.request, _existing(line.aggregate, client)):
                    _do(action, client, directory)
        except _ActionError as error:
            print(f"agrconfig: {line.place}: {error}", file=sys.stderr)
            result = REFUSED
    return result


def _existing(aggregate: str, client: Client) -> Mapping[str, Any] | None:
    """The status of an aggregate; None where there is none."""
    try:
        status: dict[str, Any] = client.ask({"do": "status", "aggregate": aggregate})
    except NotRunning:
        return None
    except Refusal as refused:
        if refused.number == errno.ENXIO:
            return None
        raise
    found: Mapping[str, Any] = status["aggregates"][aggregate]
    return found


def _do(action: Action, client: Client, directory: RunDirectory) -> None:
    request = action.request
    aggregate: str = request["aggregate"]
    try:
        if request["do"] == "create":
            client.create(request)
            return
        try:
            result = client.ask(request)
        except NotRunning:
            if request["do"] != "destroy" or not clean_up(directory, aggregate):
                raise _absent(aggregate) from None
            return
        for warning in (result or {}).get("warnings", ()):
            print(f"agrconfig: {aggregate}: {action.words}: warning: {warning}", file=sys.stderr)
    except Refusal as refused:
        raise _ActionError(f"{aggregate}: {action.words}: {refused.name}: {refused.message}") from None


def _show(command: Command, client: Client) -> None:
    named = {} if command.aggregate is None else {"aggregate": command.aggregate}
    try:
        status = client.ask({"do": "status", **named})
    except NotRunning:
        if command.aggregate is not None:
            raise _absent(command.aggregate) from None
        status = {"agrd": None, "aggregates": {}}
    if "json" in command.options:
        print(json.dumps(status, indent=2))
    elif "prometheus" in command.options:
        from agr.cli.prometheus import page

        print(page(status, time.time()), end="")
    elif status["aggregates"]:
        from agr.cli.status import render

        print(render(status, verbose="verbose" in command.options))


def _absent(aggregate: str) -> Refusal:
    text = f"there is no agr interface here: no agrd runs; agrconfig {aggregate} create starts it"
    return Refusal(errno.ENXIO, text)
