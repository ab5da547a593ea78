"""What a terminal line mixes into a dialogue, taken out: log messages, --More--, backspaces, line ends."""

from __future__ import annotations

import re

# Time stamps of IOS: `*Mar  1 00:05:12.123: `, `Mar  1 2024 00:05:12 UTC: `, `1w2d: `, `00:05:12: `.
_STAMP = r"(?:[*.]?[A-Z][a-z]{2} +\d+ (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]{3,4})?|\d[\d:.wdhy]*)"
_MESSAGE = re.compile(rf"(?:\d{{6,}}: )?(?:{_STAMP}: )?%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)*[0-7]-[A-Z0-9_]+: .*")
_START_OF_MESSAGE = re.compile(r"[*.%]|\d[\d:.wdhy]*(?:: |:|$)|[A-Z][a-z]{0,2}$|[A-Z][a-z]{2} +(?:\d|$)")
_HALF_AN_END = re.compile(r"\r[\r ]*\Z")
_MORE = "--More--"
_ERASURE = re.compile(r"^(?: *--More-- *)?[\x08 ]*\x08")


def is_message(line: str) -> bool:
    """Whether a line is a log message such as ``*Mar  1 00:05:12.123: %LINK-3-UPDOWN: ...``."""
    return _MESSAGE.fullmatch(line.strip()) is not None


class Cleaner:
    """Turns what comes from a terminal line, in any pieces, into lines that end in ``\\n``.

    Log messages are taken out, to ``messages``, but for lines that are in ``text``. The start of a line that
    may become one is held back until the line is complete, so a reader never sees half of one. ``--More--``
    and its erasure are taken out; ``paged`` is then True until it is set to False by who presses the key.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.text: set[str] = set()
        self.paged = False
        self._held = ""
        self._at_start = True  # of a line, for the reader

    def feed(self, piece: str) -> str:
        """The clean text that a piece adds."""
        text, self._held = self._held + piece, ""
        if half := _HALF_AN_END.search(text):
            text, self._held = text[: half.start()], half[0]
        text = re.sub(r"\r+\n|\n\r+", "\n", text.replace("\x00", ""))
        text = re.sub(r"\r +\r|\r", "\n", text)
        *whole, last = text.split("\n")
        return "".join(self._whole(line) for line in whole) + self._last(last)

    def _whole(self, line: str) -> str:
        if self._at_start:
            line = _ERASURE.sub("", line)
            if line.strip() == _MORE:
                return ""
            if is_message(line) and line.strip() not in self.text:
                self.messages.append(line.strip())
                return ""
        self._at_start = True
        return line + "\n"

    def _last(self, line: str) -> str:
        """The incomplete line at the end: given out, unless it may become something to take out."""
        if not line:
            return ""
        if self._at_start:
            bare = _ERASURE.sub("", line)
            if bare.strip() == _MORE:
                self.paged = True
                return ""
            if not bare.strip() or _MORE.startswith(bare.strip()) or _may_become_message(bare):
                self._held = line + self._held
                return ""
            line = bare
        self._at_start = False
        return line


def _may_become_message(line: str) -> bool:
    """A prompt or a question ends so that it cannot be the start of a message, but for one well under way."""
    if is_message(line):
        return True
    return not line.rstrip().endswith(("#", ">", "]")) and _START_OF_MESSAGE.match(line) is not None
