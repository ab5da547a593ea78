"""LACPDUs that are not as they should be, and what becomes of them (43.4.12)."""

from __future__ import annotations

from collections.abc import Callable

from harness.case import Case, Match, where
from harness.pdu import Frame, PortInfo, lacpdu_frame
from harness.wire.station import Station

VERSION = 15
ACTOR, PARTNER, COLLECTOR, TERMINATOR = 16, 36, 56, 72
TLVS = {"Actor": ACTOR, "Partner": PARTNER, "Collector": COLLECTOR, "Terminator": TERMINATOR}
"""Octets of a frame at which its TLVs begin: TLV_type, and the length in the octet behind it (43.4.2.2)."""

LENGTH = 1
RIGHT_LENGTH = {"Actor": 20, "Partner": 20, "Collector": 16, "Terminator": 0}

RESERVED = {
    "Actor": slice(33, 36),
    "Partner": slice(53, 56),
    "Collector": slice(60, 72),
    "what follows the Terminator": slice(74, 124),
}

FIRST_KEY = 0x4001

Spoil = Callable[[bytearray], None]


class Spoiler:
    """A partner whose LACPDUs are spoiled, each with a key of its own and wanting an answer.

    It is never in sync, so that its LACPDUs are known by the Partner information that answers them.
    """

    def __init__(self, case: Case, station: Station) -> None:
        self.station = station
        self._case = case
        self._since = case.now()
        self._right = station.info
        self._said = [station.info]

    def send(self, spoil: Spoil) -> Frame:
        """Send one, its 124 octets as `spoil` leaves them."""
        info = self.station.info.change(key=FIRST_KEY + len(self._said))
        self._said.append(info)
        self.station.change(key=info.key)

        def make() -> bytes:
            frame = bytearray(lacpdu_frame(self.station.wire.tap.mac, info, PortInfo()))
            spoil(frame)
            return bytes(frame)

        return self.station.send(make)

    def spoil_no_more(self) -> None:
        """Be a willing, fast partner of the identity it had at first."""
        self.station.info = self._right.change(Timeout=1, Synchronization=1, Collecting=1, Distributing=1)
        self.station.start()

    def taken(self) -> Match:
        """An LACPDU that knows the partner as the last one had it, in every field."""
        return _known(self._said[-1])

    def was_taken(self, sent: Frame) -> bool:
        """Whether an LACPDU has said so since this one was sent."""
        return any(map(self.taken(), self.station.wire.received(sent.time)))

    def nothing_else_known(self, row: str) -> None:
        """FAIL where the implementation said something of its partner that this never said."""
        said = [_known(info) for info in self._said] + [_known(self._case.partner_defaults)]
        for frame in self.station.wire.received(self._since):
            if frame.is_lacpdu:
                right = any(known(frame) for known in said)
                words = "Partner information that was in a frame, field by field"
                self._case.check(right, words, frame.text(), row=row)


def _known(info: PortInfo) -> Match:
    """Partner information as it is recorded of this; Timeout is 1 as well while EXPIRED."""
    recorded = info.change(Synchronization=0)
    return where(
        f"an LACPDU with partner[{recorded.text()}]",
        lambda frame: frame.is_lacpdu and frame.partner in (recorded, recorded.change(Timeout=1)),
    )
