"""The words of agrconfig as one table: the grammar, the usage, completion and the manual's test read it."""

from __future__ import annotations


class Word:
    """A word, what follows it, and what it means.

    In ``argument`` capitals stand for something (N: a number, PORT: an interface), small letters for
    themselves, | is a choice, [] may be left out. ``off``: the word with a - before it is its opposite.
    """

    def __init__(self, word: str, argument: str, meaning: str, off: bool = False) -> None:
        self.word = word
        self.argument = argument
        self.meaning = meaning
        self.off = off

    @property
    def spellings(self) -> tuple[str, ...]:
        """The word, and its opposite where it has one."""
        return (self.word, f"-{self.word}") if self.off else (self.word,)

    @property
    def values(self) -> tuple[str, ...]:
        """The words that may follow it, as on and off."""
        return tuple(part for part in self.argument.strip("[]").split("|") if part.islower())


OPTIONS = (
    Word("-a", "", "all agr interfaces: the default"),
    Word("-v", "", "all that is known of them"),
    Word("--json", "", "the same for programs"),
    Word("--prometheus", "", "the same as a Prometheus text page"),
    Word("-f", "FILE", "do the lines of a configuration file, agr.conf(5)"),
    Word("-h", "", "this text"),
    Word("--version", "", "the version"),
)
VERBS = (
    Word("create", "", "make the interface agrN"),
    Word("destroy", "[force]", "remove it; force: with its ports"),
    Word("agrport", "PORT", "attach interface PORT; -agrport: detach it", off=True),
    Word("port", "PORT", "the variables that follow are PORT's"),
)
FLAGS = (
    Word("link0", "", "round robin; -link0: by hash, the default", off=True),
    Word("link1", "", "without LACP; -link1: with it, the default", off=True),
)
AGGREGATE_WORDS = (
    Word("activity", "active|passive", "LACP_Activity"),
    Word("address", "MAC|auto", "its MAC address; auto: the first port's"),
    Word("collector-max-delay", "N", "tens of microseconds, told to the partner"),
    Word("control", "independent|coupled", "of Collecting and Distributing"),
    Word("defaulted", "down|individual", "what a port without a partner does"),
    Word("key", "N", "administrative key"),
    Word("max-links", "N", "links active at once, 0: no limit; more stand by"),
    Word("min-links", "N", "with fewer links none is active"),
    Word("system-id", "MAC|auto", "system identifier; auto: the first port's MAC"),
    Word("system-priority", "N", "the lower the number, the higher the priority"),
    Word("timeout", "long|short", "partners send every 30 s, or every second"),
)
PORT_WORDS = (
    Word("individual", "on|off", "the port is never aggregated with others"),
    Word("lacp", "on|off", "LACP_Enabled"),
    Word("partner-key", "N", "of a partner that is not heard (Partner_Admin)"),
    Word("partner-port", "N", "the same: its port number"),
    Word("partner-port-priority", "N", "the same: of its port"),
    Word("partner-state", "N|auto", "the same: its state, as 0x3c"),
    Word("partner-system", "MAC|auto", "the same: its system identifier; auto: null"),
    Word("partner-system-priority", "N", "the same: of its system"),
    Word("port-priority", "N", "the lower the number, the higher the priority"),
)

AGGREGATE_VARIABLES = tuple(word.word for word in AGGREGATE_WORDS + FLAGS)
PORT_VARIABLES = tuple(word.word for word in PORT_WORDS)

SYNOPSIS = """\
usage: agrconfig [-a | agrN] [-v | --json | --prometheus]
       agrconfig agrN WORD ...
       agrconfig -f FILE
       agrconfig -h | --version"""


def usage() -> str:
    """All words with what they mean, no line wider than 80 columns."""
    blocks = (
        ("options", OPTIONS),
        ("words, done in order", VERBS + FLAGS),
        ("variables of agrN", AGGREGATE_WORDS),
        ("variables of a port, behind port PORT", PORT_WORDS),
    )
    lines = [SYNOPSIS]
    for head, words in blocks:
        lines += ["", f"{head}:"]
        for word in words:
            said = f"{'[-]' if word.off else ''}{word.word} {word.argument}"
            lines.append(f"  {said:<28} {word.meaning}")
    return "\n".join(lines)
