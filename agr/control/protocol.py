"""The protocol of the control socket: one JSON object a line, a request and its answer.

Requests are {"do": VERB, ...}: create, destroy (with "force": true, ports are no hindrance), agrport,
-agrport, set, status. An answer is {"result": ...}, where a result may have "warnings" for people,
or {"error": {"name": "EBUSY", "number": 16, "message": "..."}}.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# An answer longer than this many octets is not one. The status of a port takes some 4,000.
ANSWER_LIMIT = 1 << 26


class Refusal(Exception):
    """A request that was not done; nothing has changed. ``number`` is an errno, ``message`` is for people."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message

    @property
    def name(self) -> str:
        """The errno's name, as EBUSY."""
        return errno.errorcode.get(self.number, f"E{self.number}")


def encode(message: Mapping[str, Any]) -> bytes:
    """One line of JSON."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object in a line. Raises Refusal (EBADMSG) when there is none."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise Refusal(errno.EBADMSG, f"not a line of JSON: {error}") from None
    if not isinstance(message, dict):
        raise Refusal(errno.EBADMSG, "not a JSON object")
    return message


def ending_answer() -> dict[str, Any]:
    """agrd ends and takes no more requests: ask a new one."""
    return {"ending": True}


def is_ending(answer: Mapping[str, Any]) -> bool:
    """Whether it is `ending_answer`."""
    return bool(answer.get("ending"))


def error_answer(refused: Refusal) -> dict[str, Any]:
    """The answer that reports ``refused``."""
    return {"error": {"name": refused.name, "number": refused.number, "message": refused.message}}


def result_of(answer: Mapping[str, Any]) -> Any:
    """The result in an answer. Raises Refusal when it reports an error."""
    error = answer.get("error")
    if error is not None:
        raise Refusal(int(error["number"]), str(error["message"]))
    return answer.get("result")
