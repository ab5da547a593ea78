"""What an answer of an IOS command line is: a refusal, a question, what was asked for. Pure functions.

What a user wrote (banners, descriptions) stands in answers too, so a word in the middle of one says nothing.
"""

from __future__ import annotations

import re

from harness.verdict import BenchError

_REFUSED = re.compile(
    r"%(?! ?(?:Access VLAN|Voice VLAN|Warning|Portfast|Generating|Saving|Applying)).*"
    r"|Command rejected.*|ERROR: .*|Command authorization failed.*",
    re.IGNORECASE,
)
"""What IOS says when it does not do a command: a line that starts with %, but for a few known remarks."""

_NOT_UNDERSTOOD = re.compile(
    r"% ?(?:Invalid|Incomplete|Ambiguous|Unknown|Unrecogni[sz]ed) (?:input|command)\b.*", re.IGNORECASE
)
_TIME = r"[*.]?\d\d?:\d\d:\d\d(?:\.\d+)? \S+ [A-Z][a-z]{2} [A-Z][a-z]{2} +\d+(?: \d{4})?"
_TIMESTAMP = re.compile(
    r"\A\s*(?:Load for five secs: [^\n]*\n)?"
    rf"(?:Time source is [^\n,]+, {_TIME}|No time source, {_TIME})[ ]*\n\n?"
)
_SAVE = re.compile(r"(?i)\bsave *\? *\[yes/no\]:?\Z")
_PROCEED = re.compile(r"(?i)\bproceed (?:with reload|ahead) *\? *\[confirm\]\Z")
QUESTION = (
    r"(?i:\[(?:confirm|yes|no|y|n|yes/no|y/n)\]|\((?:yes|y)/(?:no|n)\)|\[[^\]\n]*\]\?)"
    r"[?:]*[ ]*(?:\[\w+\])?[?:]*[ ]*\Z"
)
"""The end of a line that waits for an answer: ``[confirm]``, ``[yes/no]:``, ``[name]?``, ``(y/n)? [n]``."""


def refusal(answer: str) -> str:
    """The words of an answer that is a refusal, "" for any other: its first line says so.

    The line before, with a ``^`` under what was not understood, does not count.
    """
    words = next((line.strip() for line in answer.splitlines() if line.strip(" ^")), "")
    return words if _REFUSED.fullmatch(words) else ""


def not_understood(answer: str) -> bool:
    """Whether a refusal is about the command itself: there is none of this name, here or for this user."""
    return _NOT_UNDERSTOOD.fullmatch(refusal(answer)) is not None


def without_timestamp(answer: str) -> str:
    """An answer without the two lines that `exec prompt timestamp` puts before it."""
    return _TIMESTAMP.sub("", answer)


def question(text: str) -> str:
    """The question at the end of a text; "" for none."""
    last = text.rpartition("\n")[2]
    return last.strip() if re.search(QUESTION, last) else ""


def to_reload(asked: str) -> str:
    """The keys that answer a question of `reload` so that nothing is saved; "" for one that is not known.

    Not known is one that asks to go on in spite of something, as of a boot image that is not there.
    """
    if _SAVE.search(asked):
        return "no\r"
    return "\r" if _PROCEED.search(asked) else ""


def check_configuration(command: str, answer: str) -> None:
    """Raises BenchError for an answer to `show running-config` that is none, or not whole: without `end`."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    if lines[-1:] != ["end"]:
        said = " ".join(lines[-1:])[-100:] or "nothing"
        raise BenchError(
            f"`{command}`: the switch's answer is no whole configuration; its last line: {said!r}"
        )
