"""Text that is safe to show: in XML, in HTML and on a terminal."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

TEXT_LIMIT = 64 * 1024
"""Characters that a report shows of one testcase, all its texts together."""

RUN_LIMIT = 4 * 1024 * 1024
"""Characters that a report shows of a whole run; where that is not enough each testcase has a fair share."""

LINE_LIMIT = 300
"""Characters of a text that is shown on a line: a message in a list, an attribute."""

# What XML 1.0 (section 2.2) forbids, what a terminal obeys (C0, DEL, C1), what turns the reading direction.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The same text with line ends as "\\n" and every control character spelled out, such as "\\x1b".

    Console transcripts and frames reach reports through messages, so nothing in them may steer the reader's
    terminal or break a document. Tabs and line ends stay.
    """
    return _UNSAFE.sub(_spelled, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """`printable`, with every run of white space made one blank."""
    return " ".join(printable(text).split())


def short_line(text: str, limit: int = LINE_LIMIT) -> str:
    """`one_line` of at most ``limit`` characters; what is longer has " … " for its middle.

    How a message begins says what was expected, how it ends often why.
    """
    most = 8 * limit  # white space folds, and no more need be looked at
    if len(text) <= 2 * most and len(line := one_line(text)) <= limit:
        return line
    end = one_line(text[-most:])[-(limit // 3) :]
    head = one_line(text[:most])[: limit - len(end) - 3]
    return f"{head.rstrip()} … {end.lstrip()}"


def cut(text: str, room: int, whole: str = "") -> str:
    """Its first ``room`` characters at most, up to the end of a line where one is near, and what was cut.

    ``whole`` is where all of it stands, "" for nowhere.
    """
    if len(text) <= room:
        return text
    where = f", the whole is in {whole}" if whole else ""
    notice = f"\n... cut: {{:,}} of {len(text):,} characters shown{where}"
    head = text[: max(0, room - len(notice) - len(f"{room:,}"))]
    border = head.rfind("\n", len(head) // 2)
    head = head[:border] if border > 0 else head
    return head + notice.format(len(head))


def duration(seconds: float) -> str:
    """A time span for people: "0.02 s", "3.2 s", "2 min 13 s"."""
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(iso: str) -> str:
    """An ISO 8601 time for people: "2026-05-04 03:02:01 UTC"; what is no such time stays as it is."""
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return one_line(iso)
    if when.tzinfo is None:
        return when.strftime("%Y-%m-%d %H:%M:%S")
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def rows_short(rows: list[str]) -> str:
    """Row ids with runs of three and more folded: "LF-05..10 LF-13"."""
    folded: list[list[str]] = []
    for row in rows:
        if folded and _follows(folded[-1][-1], row):
            folded[-1].append(row)
        else:
            folded.append([row])
    words = [[f"{run[0]}..{run[-1].rpartition('-')[2]}"] if len(run) > 2 else run for run in folded]
    return " ".join(word for run in words for word in run)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file or leave the old one: nobody reads half a report. OSError as from the system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)  # mkstemp makes it private; a report is read by others
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def not_written(error: OSError, *paths: Path) -> str:
    """That files of one folder were not written, why, and what to do."""
    folder = paths[0].parent
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    todo = f"make room where {folder} is" if full else f"see who may write {folder}"
    names = ", ".join(map(str, paths))
    verb, them = ("was", "it") if len(paths) == 1 else ("were", "them")
    old = ", ".join(path.name for path in paths if path.is_file())
    earlier = f"; what is there of {old} is an earlier run's" if old else ""
    why = f"{error.strerror or error}{earlier}"
    return f"{names} {verb} not written: {why}. To have {them}: {todo}, and run again"


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _follows(earlier: str, later: str) -> bool:
    group, _, number = earlier.rpartition("-")
    next_group, _, next_number = later.rpartition("-")
    return (
        group == next_group
        and number.isdecimal()
        and next_number.isdecimal()
        and int(next_number) == int(number) + 1
    )
