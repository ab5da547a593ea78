"""agrconfig's words, after agr(4) and ifconfig(8): turns a command line into requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

AGGREGATE_VARIABLES = (
    "activity",
    "collector-max-delay",
    "control",
    "defaulted",
    "key",
    "link0",
    "link1",
    "max-links",
    "min-links",
    "system-id",
    "system-priority",
    "timeout",
)
PORT_VARIABLES = ("individual", "lacp", "port-priority")

USAGE = """\
usage: agrconfig agrN create
       agrconfig agrN [-]agrport PORT
       agrconfig agrN [-]link0 | [-]link1
       agrconfig agrN VARIABLE VALUE ...
       agrconfig agrN port PORT VARIABLE VALUE ...
       agrconfig agrN destroy
       agrconfig [-a | agrN] [-v | --json]
Several of these words may follow one agrN; they are done in order.
variables of agrN: activity active|passive, timeout long|short, control independent|coupled, key N,
       system-id MAC|auto, system-priority N, collector-max-delay N (tens of microseconds), min-links N,
       max-links N (0: no limit), defaulted down|individual
variables of a port: port-priority N, individual on|off, lacp on|off"""


class UsageError(Exception):
    """A command line that is not in the grammar; the message says where."""


class Command(NamedTuple):
    """What is asked for. Without ``requests``: the status of ``aggregate``, or of all where that is None.

    Each request comes with the operator's own words for it, for messages.
    """

    aggregate: str | None = None
    requests: tuple[tuple[str, dict[str, str]], ...] = ()
    verbose: bool = False
    json: bool = False
    help: bool = False
    version: bool = False


def parse(arguments: list[str]) -> Command:
    """Read a command line, without the program's name. Raises UsageError."""
    options = {"-v": "verbose", "--json": "json", "-h": "help", "--help": "help", "--version": "version"}
    chosen: dict[str, bool] = {}
    words: list[str] = []
    everything = False
    for argument in arguments:
        if argument in options:
            chosen[options[argument]] = True
        elif argument == "-a" and not words:
            everything = True
        elif argument.startswith("-") and not words:
            raise UsageError(f"{argument}: unknown option")
        else:
            words.append(argument)
    if everything and words:
        raise UsageError("-a means all agr interfaces: it takes no name")
    if len(words) > 1 and chosen:
        raise UsageError("-v and --json are for status: they go with no other word than the interface")
    requests = _requests(words[0], words[1:]) if words else ()
    return Command(words[0] if words else None, requests, **chosen)


def _requests(aggregate: str, words: list[str]) -> tuple[tuple[str, dict[str, str]], ...]:
    requests: list[tuple[str, dict[str, str]]] = []
    port: str | None = None
    unused = False
    rest = iter(words)
    for word in rest:
        request = {"aggregate": aggregate}
        if word in ("create", "destroy"):
            said, request["do"] = word, word
        elif word in ("agrport", "-agrport"):
            request["port"] = _next(rest, word, "the name of an interface")
            said, request["do"] = f"{word} {request['port']}", word
        elif word.removeprefix("-") in ("link0", "link1"):
            flag = word.removeprefix("-")
            request |= {"do": "set", "variable": flag, "value": "on" if word == flag else "off"}
            said = word
        elif word == "port":
            port, unused = _next(rest, word, "the name of a port"), True
            continue
        elif word in AGGREGATE_VARIABLES or word in PORT_VARIABLES:
            value = _next(rest, word, "a value")
            request |= {"do": "set", "variable": word, "value": value}
            said = f"{word} {value}"
            if word in PORT_VARIABLES:
                if port is None:
                    raise UsageError(f"{word} is a variable of a port: write port PORT {word} {value}")
                request["port"], unused = port, False
                said = f"port {port} {said}"
        else:
            raise UsageError(f"{word}: unknown word")
        requests.append((said, request))
    if unused:
        raise UsageError(f"port {port}: no variable of a port follows")
    return tuple(requests)


def _next(rest: Iterator[str], word: str, what: str) -> str:
    value = next(rest, None)
    if value is None:
        raise UsageError(f"{word} needs {what}")
    return value
