"""agrconfig's grammar, after agr(4) and ifconfig(8): turns a command line into requests."""

from __future__ import annotations

from agr.cli.words import AGGREGATE_WORDS, FLAGS, OPTIONS, PORT_WORDS, VERBS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Request = dict[str, Any]

_OPTIONS = {
    "-v": "verbose",
    "--json": "json",
    "--prometheus": "prometheus",
    "-h": "help",
    "--help": "help",
    "--version": "version",
}
_SHOWING = {"verbose", "json", "prometheus"}
_FLAGS = {spelling: word for word in FLAGS for spelling in word.spellings}
_VARIABLES = {word.word: word for word in AGGREGATE_WORDS}
_PORT_VARIABLES = {word.word: word for word in PORT_WORDS}
_WORDS = [spelling for word in VERBS + FLAGS + AGGREGATE_WORDS + PORT_WORDS for spelling in word.spellings]
_NEEDED = {"PORT": "the name of an interface", "MAC": "a MAC address", "N": "a number"}


class UsageError(Exception):
    """A command line that is not in the grammar; the message says where."""


class Action:
    """A request, and the operator's own words for it, which messages repeat."""

    def __init__(self, words: str, request: Request) -> None:
        self.words = words
        self.request = request


class Command:
    """What is asked for. Without ``actions``: the status of ``aggregate``, or of all where that is None.

    ``options`` are "verbose", "json", "prometheus", "help" and "version".
    """

    def __init__(
        self, aggregate: str | None, actions: tuple[Action, ...], file: str | None, options: set[str]
    ) -> None:
        self.aggregate = aggregate
        self.actions = actions
        self.file = file
        self.options = options


def parse(arguments: list[str]) -> Command:
    """Read a command line, without the program's name. Raises UsageError."""
    chosen: set[str] = set()
    words: list[str] = []
    everything, file = False, None
    rest = iter(arguments)
    for argument in rest:
        if argument in _OPTIONS:
            chosen.add(_OPTIONS[argument])
        elif argument == "-a" and not words:
            everything = True
        elif argument == "-f" and not words:
            file = next(rest, None)
            if file is None:
                raise UsageError("-f needs the name of a file")
        elif argument.startswith("-") and not words:
            raise UsageError(f"{argument}: unknown option{_meant(argument, [word.word for word in OPTIONS])}")
        else:
            words.append(argument)
    if everything and words:
        raise UsageError("-a means all agr interfaces: it takes no name")
    if len(words) > 1 and chosen:
        raise UsageError(
            "-v, --json and --prometheus are for status: they go with no other word than the interface"
        )
    if len(chosen & _SHOWING) > 1:
        raise UsageError("-v, --json and --prometheus: only one of them")
    if file is not None and (words or chosen or everything):
        raise UsageError("-f FILE goes with no other word: the file says what to do")
    return Command(words[0] if words else None, actions(words), file, chosen)


def actions(words: list[str]) -> tuple[Action, ...]:
    """What the words behind an agr interface's name, the first of them, ask for. Raises UsageError."""
    return tuple(_Reader(words[0], words[1:]).read()) if words else ()


class _Reader:
    """Goes through the words of one aggregate. ``_port``: whose variables follow, since `port PORT`."""

    def __init__(self, aggregate: str, words: list[str]) -> None:
        self._aggregate = aggregate
        self._rest = words
        self._port: str | None = None
        self._port_unused = False

    def read(self) -> list[Action]:
        """All actions, in order. Raises UsageError."""
        actions = []
        while self._rest:
            word = self._rest.pop(0)
            if word == "port":
                self._port, self._port_unused = self._next(word, "PORT"), True
            else:
                actions.append(self._one(word))
        if self._port_unused:
            raise UsageError(f"port {self._port}: no variable of a port follows")
        return actions

    def _one(self, word: str) -> Action:
        request: Request = {"do": word, "aggregate": self._aggregate}
        if word == "create":
            return Action(word, request)
        if word == "destroy":
            if self._rest[:1] != ["force"]:
                return Action(word, request)
            return Action(f"{word} {self._rest.pop(0)}", {**request, "force": True})
        if word in ("agrport", "-agrport"):
            port = self._next(word, "PORT")
            return Action(f"{word} {port}", {**request, "port": port})
        if word in _FLAGS:
            value = "off" if word.startswith("-") else "on"
            return Action(word, {**request, "do": "set", "variable": _FLAGS[word].word, "value": value})
        return self._variable(word, {**request, "do": "set", "variable": word})

    def _variable(self, word: str, request: Request) -> Action:
        if word in _PORT_VARIABLES:
            value = self._next(word, _PORT_VARIABLES[word].argument)
            if self._port is None:
                raise UsageError(f"{word} is a variable of a port: write port PORT {word} {value}")
            self._port_unused = False
            return Action(
                f"port {self._port} {word} {value}", {**request, "value": value, "port": self._port}
            )
        if word not in _VARIABLES:
            raise UsageError(f"{word}: unknown word{_meant(word, _WORDS)}")
        value = self._next(word, _VARIABLES[word].argument)
        return Action(f"{word} {value}", {**request, "value": value})

    def _next(self, word: str, argument: str) -> str:
        if not self._rest:
            raise UsageError(f"{word} needs {_NEEDED.get(argument, argument.replace('|', ' or '))}")
        return self._rest.pop(0)


def _meant(word: str, words: list[str]) -> str:
    """A guess at what was meant, for the end of a message."""
    import difflib

    near = difflib.get_close_matches(word, words, 1)
    return f"; did you mean {near[0]}?" if near else ""
