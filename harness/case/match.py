"""What a testcase looks for on a wire: a predicate with words for the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.pdu import Frame, PortInfo
from harness.pdu.info import BITS


@dataclass(frozen=True)
class Match:
    """Call it with a frame; `words` says what it looks for.

    ``later``: seconds by which it may come later than the clause has it, as the implementation declares.
    """

    words: str
    test: Callable[[Frame], bool]
    later: float = 0.0

    def __call__(self, frame: Frame) -> bool:
        return self.test(frame)

    def __and__(self, other: Match) -> Match:
        words, later = f"{self.words}, {other.words}", max(self.later, other.later)
        return Match(words, lambda frame: self(frame) and other(frame), later)


def where(words: str, test: Callable[[Frame], bool]) -> Match:
    """A match of the testcase's own making."""
    return Match(words, test)


def any_lacpdu() -> Match:
    """Any LACPDU."""
    return Match("an LACPDU", lambda frame: frame.is_lacpdu)


def any_slow() -> Match:
    """Any frame of the slow protocols, of whatever subtype and length."""
    return Match("a slow-protocol frame", lambda frame: frame.subtype is not None)


def _agrees(info: PortInfo, wanted: dict[str, Any]) -> bool:
    for name, value in wanted.items():
        seen = bool(info.state & info.state.__class__[name]) if name in BITS else getattr(info, name)
        if seen != (bool(value) if name in BITS else value):
            return False
    return True


def lacpdu(*, partner: dict[str, Any] | None = None, **actor: Any) -> Match:
    """An LACPDU whose Actor information has these fields or state bits, and its Partner information those.

    ``lacpdu(Synchronization=1, Collecting=0, partner={"key": 7})``
    """
    parts = [f"{name}={value}" for name, value in actor.items()]
    parts += [f"partner {name}={value}" for name, value in (partner or {}).items()]
    return Match(
        " ".join(["an LACPDU", *(["with", ", ".join(parts)] if parts else [])]),
        lambda frame: (
            frame.is_lacpdu and _agrees(frame.actor, actor) and _agrees(frame.partner, partner or {})
        ),
    )


def marker() -> Match:
    """A Marker PDU."""
    return Match("a Marker", lambda frame: frame.is_marker)


def marker_response(transaction_id: int | None = None) -> Match:
    """A Marker Response, to one transaction where it is given."""
    suffix = "" if transaction_id is None else f" with transaction {transaction_id}"
    return Match(
        f"a Marker Response{suffix}",
        lambda frame: (
            frame.marker is not None
            and frame.is_marker_response
            and transaction_id in (None, frame.marker.transaction_id)
        ),
    )


def data_frame() -> Match:
    """Any frame that is neither a slow protocol's nor addressed to 01-80-C2-00-00-0x."""
    return Match("a data frame", lambda frame: frame.is_data)


def data_with(payload: bytes) -> Match:
    """A data frame that contains these octets: a testcase's own traffic among others."""
    return Match(
        f"a data frame of the test's ({payload[:12].hex()})", lambda f: f.is_data and payload in f.data
    )
