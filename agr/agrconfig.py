"""agrconfig: configure agr interfaces, with the grammar of agr(4) and ifconfig(8)."""

from __future__ import annotations

import errno
import json
import os
import sys

import agr
from agr.cli_client import Client, NotRunning, clean_up
from agr.cli_grammar import USAGE, Command, UsageError, parse
from agr.cli_status import render
from agr.daemon.protocol import Refused
from agr.daemon.rundir import RunDirectory, run_directory

DONE, REFUSED, USAGE_ERROR = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do a command line. Returns 0, 1 when something was refused (the message has the errno), 2 for usage."""
    try:
        command = parse(sys.argv[1:] if arguments is None else arguments)
    except UsageError as error:
        print(f"agrconfig: {error}\n{USAGE}", file=sys.stderr)
        return USAGE_ERROR
    if command.help or command.version:
        print(USAGE if command.help else f"agrconfig {agr.__version__}")
        return DONE
    if os.geteuid() != 0:
        print("agrconfig: EPERM: must be run as root (sudo agrconfig ...)", file=sys.stderr)
        return REFUSED
    try:
        directory = run_directory()
        client = Client(directory)
        try:
            _configure(command, client, directory) if command.requests else _show(command, client, directory)
        finally:
            client.close()
    except Refused as refused:
        who = "" if command.aggregate is None else f"{command.aggregate}: "
        print(f"agrconfig: {who}{refused.name}: {refused.message}", file=sys.stderr)
        return REFUSED
    except _Failed as failed:
        print(f"agrconfig: {failed}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return REFUSED
    return DONE


class _Failed(Exception):
    """A request of several was refused; the message names it."""


def _configure(command: Command, client: Client, directory: RunDirectory) -> None:
    for said, request in command.requests:
        try:
            _do(request, client, directory)
        except Refused as refused:
            raise _Failed(f"{command.aggregate}: {said}: {refused.name}: {refused.message}") from None


def _do(request: dict[str, str], client: Client, directory: RunDirectory) -> None:
    if request["do"] == "create":
        client.create(request)
        return
    try:
        client.ask(request)
    except NotRunning:
        if request["do"] != "destroy" or request["aggregate"] not in clean_up(directory):
            raise _absent(request["aggregate"], directory) from None


def _show(command: Command, client: Client, directory: RunDirectory) -> None:
    named = {} if command.aggregate is None else {"aggregate": command.aggregate}
    try:
        status = client.ask({"do": "status", **named})
    except NotRunning:
        if command.aggregate is not None:
            raise _absent(command.aggregate, directory) from None
        status = {"agrd": None, "aggregates": {}}
    if command.json:
        print(json.dumps(status, indent=2))
    elif status["aggregates"]:
        print(render(status, verbose=command.verbose))


def _absent(aggregate: str, directory: RunDirectory) -> Refused:
    if directory.journal.exists():
        text = f"agrd was killed; agrconfig {aggregate} destroy, or the next create, removes what it left"
    else:
        text = f"there is no agr interface here: no agrd runs; agrconfig {aggregate} create starts it"
    return Refused(errno.ENXIO, text)


if __name__ == "__main__":
    sys.exit(main())
