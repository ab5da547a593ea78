"""What a wire through the switch passes, found by probes both ways between its two ends."""

from __future__ import annotations

import secrets
import select
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from harness.host.location import Packets
from harness.lab.tunnel import LACP
from harness.pdu import PortInfo, lacpdu_frame, marker_frame, marker_response_frame
from harness.pdu.build import SLOW_PROTOCOLS_ADDRESS
from harness.verdict import BenchError

LOOK_AGAIN = 0.01
"""Seconds between two probes while the switch is waited for."""

TIMES = 3
"""Times that a probe is sent before it counts as blocked: one may meet a full queue."""

PASSAGE_TIME = 0.3
"""Seconds in which the switch passes a frame on, or does not."""

SIZES = (60, 61, 124, 590, 1513, 1514)
"""Octets without FCS: 64 to 1518 on the wire."""

LONGEST_TAGGED = 1518
"""Of a frame with tags: more than one are at the cost of the data."""

JUMBO = 9014

_EXPERIMENTAL = b"\x88\xb5"
_SLOW = b"\x88\x09"
_PRIORITY_TAG, _TAG, _SECOND_TAG = b"\x81\x00\xa0\x00", b"\x81\x00\xe0\x64", b"\x81\x00\x00\xc8"
_DEI_TAG = b"\x81\x00\xff\xfe"
_OTHER_SUBTYPES = (0, 3, 10, 11, 255)
_RESERVED = tuple(bytes.fromhex("0180c20000") + bytes([last]) for last in (0x00, 0x03, 0x0E))
"""Of spanning tree, 802.1X and LLDP: one that is not passed on shows the bridge."""


def probes(source: str, *, jumbo: bool) -> dict[str, list[bytes]]:
    """Frames from this address by their kind, no two alike, and unlike those of any other call."""
    mark = secrets.token_bytes(6)
    sender = bytes.fromhex(source.replace(":", ""))
    system = (b"\x02" + mark[1:]).hex(":")
    numbers = iter(range(1, 256))

    def frame(head: bytes, octets: int = 60) -> bytes:
        return (head + mark + bytes([next(numbers)])).ljust(octets, b"\0")

    def slow(after: bytes) -> bytes:
        return frame(bytes.fromhex(SLOW_PROTOCOLS_ADDRESS.replace(":", "")) + sender + after, 124)

    station = b"\x02" + mark[:5]
    plain, group = station + sender, b"\xff" * 6 + sender
    found = {
        LACP: [
            lacpdu_frame(source, PortInfo(system=system, key=1, port=1), PortInfo()),
            marker_frame(source, 1, system, 1),
            marker_response_frame(source, 1, system, 1),
            *(frame(plain + _EXPERIMENTAL, octets) for octets in SIZES),
            frame(group + _EXPERIMENTAL),
        ],
        "other_subtypes": [
            *(slow(_SLOW + bytes([subtype])) for subtype in _OTHER_SUBTYPES),
            slow(_EXPERIMENTAL),
        ],
        "reserved_groups": [frame(address + sender + _EXPERIMENTAL) for address in _RESERVED],
        "tagged_frames": [
            frame(plain + tag + _EXPERIMENTAL, octets)
            for tag in (_PRIORITY_TAG, _TAG, _TAG + _SECOND_TAG)
            for octets in (64, LONGEST_TAGGED)
        ],
    }
    found["dei"] = [frame(plain + _DEI_TAG + _EXPERIMENTAL, 64)]
    return found | ({"jumbo": [frame(plain + _EXPERIMENTAL, JUMBO)]} if jumbo else {})


class Ends:
    """The two ends of a wire through the switch, each captured."""

    def __init__(self, near: Packets, far: Packets) -> None:
        self._near, self._far = near, far

    def blocked(self, *, jumbo: bool) -> dict[str, str]:
        """The kinds of frames that do not pass unchanged, or one way alone: by kind, the first probe."""
        found: dict[str, str] = {}
        for source, target in ((self._near, self._far), (self._far, self._near)):
            by_kind = probes(source.mac, jumbo=jumbo)
            lost = _lost(source, target, [frame for frames in by_kind.values() for frame in frames])
            for kind, frames in by_kind.items():
                if left := [frame for frame in frames if frame in lost]:
                    words = f"from {source.interface} to {target.interface}: {left[0][:24].hex(' ')} ..."
                    found.setdefault(kind, f"{len(left)} of {len(frames)} probes, {words}")
        return found

    def learns(self) -> bool:
        """Whether a frame that is sent to an address stays away where frames from it came from."""
        mark = secrets.token_bytes(5)
        station, sender = b"\x02" + mark, bytes.fromhex(self._far.mac.replace(":", ""))
        here = (b"\xff" * 6 + station + _EXPERIMENTAL + mark).ljust(SIZES[0], b"\0")
        back = (station + sender + _EXPERIMENTAL + mark).ljust(SIZES[0], b"\0")
        return bool(_lost(self._far, self._near, [here]) or _lost(self._far, self._near, [back]))

    def passes_within(self, seconds: float) -> bool:
        """Whether a small frame goes through both ways before the time is over."""
        deadline = time.monotonic() + seconds
        return all(
            _passes_by(source, target, deadline)
            for source, target in ((self._far, self._near), (self._near, self._far))
        )


def reaction(
    ends: Ends,
    shut: Callable[[], None],
    no_shut: Callable[[], None],
    carrier: Callable[[], bool],
    patience: float,
) -> float:
    """Seconds from an order until carrier goes, or comes back and frames pass: whichever takes longer.

    ``carrier`` tells of the implementation's end. Raises BenchError where it keeps carrier for ``patience``
    seconds, or gets none.
    """
    start = time.monotonic()
    shut()
    _wait(lambda: not carrier(), patience, "keeps carrier though the switch's port is shut")
    down = time.monotonic() - start
    start = time.monotonic()
    no_shut()
    _wait(carrier, patience, "gets no carrier back from the switch's port")
    if not ends.passes_within(patience):
        raise BenchError(f"passes no frame {patience:g} s after the switch's port was set up again")
    return max(down, time.monotonic() - start)


def _wait(condition: Callable[[], bool], patience: float, words: str) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"{words} ({patience:g} s: limits.link_up)")
        time.sleep(LOOK_AGAIN)


def _passes_by(source: Packets, target: Packets, deadline: float) -> bool:
    while True:
        frame = probes(source.mac, jumbo=False)[LACP][-1]
        with suppress(OSError):  # a port that has no carrier yet
            source.offer(frame)
        if _seen(target, [frame], LOOK_AGAIN):
            return True
        if time.monotonic() > deadline:
            return False


def _lost(source: Packets, target: Packets, frames: Sequence[bytes]) -> set[bytes]:
    """Which of these frames do not come out, however often they are sent."""
    left = set(frames)
    for _ in range(TIMES):
        for frame in frames:
            if frame in left:
                with suppress(OSError):  # one that is too long for the interface
                    source.offer(frame)
        left -= _seen(target, left, PASSAGE_TIME)
        if not left:
            break
    return left


def _seen(target: Packets, frames: Iterable[bytes], seconds: float) -> set[bytes]:
    """Which of these came in, as soon as all have, or when the time is over."""
    wanted, found = set(frames), set[bytes]()
    deadline = time.monotonic() + seconds
    while wanted - found and (left := deadline - time.monotonic()) > 0:
        if select.select([target.fileno()], [], [], left)[0]:
            found |= wanted.intersection(_received(target))
    return found


def _received(target: Packets) -> Iterator[bytes]:
    while (got := target.receive()) is not None:
        _, data, outgoing = got
        if not outgoing:
            yield data
