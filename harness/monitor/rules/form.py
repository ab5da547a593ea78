"""Addresses and octets of the frames of slow protocols (43.2.10, 43.4.2.2, 43.5.3.2, 43B)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.monitor.rules.rule import FrameVerdict, Rule, each_wire
from harness.monitor.rules.scene import SLOW_ADDRESS, Scene, WireScene
from harness.pdu import Frame
from harness.pdu.layers import SLOW_PROTOCOLS_TYPE
from harness.profile.lacpdu import LENGTH, length_wrong, reserved_wrong, terminator_wrong, version_wrong

VERSION_AT = 15
"""Octet of an LACPDU's frame."""

LONGEST_MAC_FRAME = 1514
"""Octets without FCS, of a frame without a tag."""


def _octets(row: str, what: str, expected: bytes, *offsets: int) -> Rule:
    """These octets stand in every LACPDU at each of these offsets."""

    def judge(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        for frame in wire.slow:
            if frame.subtype == 1:
                pieces = [frame.data[at : at + len(expected)] for at in offsets]
                wrong = [piece.hex(" ") or "missing" for piece in pieces if piece != expected]
                yield frame, f"{what} {', '.join(wrong)}" if wrong else ""

    more = " ..." if len(expected) > 4 else ""
    return each_wire(row, f"{what} of every LACPDU: {expected[:4].hex(' ')}{more}", judge)


def _frames(row: str, title: str, wrong: Callable[[Frame], str]) -> Rule:
    """Something about every slow-protocol frame of the implementation."""

    def judge(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        for frame in wire.slow:
            yield frame, wrong(frame)

    return each_wire(row, title, judge)


def _destination(frame: Frame) -> str:
    return "" if frame.data[:6] == SLOW_ADDRESS else f"destination {frame.destination}"


def _source(frame: Frame) -> str:
    individual = not frame.data[6] & 1 and any(frame.data[6:12])
    return "" if individual else f"source {frame.source}"


def _whole(frame: Frame) -> str:
    if frame.subtype == 1 and len(frame.data) > VERSION_AT:
        return length_wrong(frame.data)
    right = frame.subtype not in (1, 2) or len(frame.data) == LENGTH
    return "" if right else f"{len(frame.data)} octets"


def _short_enough(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    longest = LENGTH if scene.profile.reading("slow_frame_length") == "octets_128" else LONGEST_MAC_FRAME
    for frame in wire.slow:
        yield frame, "" if len(frame.data) <= longest else f"{len(frame.data)} octets without FCS"


def _legal(frame: Frame) -> str:
    return "" if 1 <= (frame.subtype or 0) <= 10 else f"subtype {frame.subtype}"


def _untagged(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    for frame in wire.received:
        bare = frame.untagged()
        if bare.type == SLOW_PROTOCOLS_TYPE:
            yield frame, "" if bare is frame else f"a tag {frame.data[12:16].hex(' ')}"


def _by_edition(row: str, title: str, reading: str, wrong: Callable[[bytes, str], str]) -> Rule:
    """Something about every LACPDU that depends on a reading."""

    def judge(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        choice = scene.profile.reading(reading)
        for frame in wire.lacpdus:
            yield frame, wrong(frame.data, choice)

    return each_wire(row, title, judge)


RULES = (
    _frames("LF-01", "Slow-protocol frames go to 01-80-C2-00-00-02", _destination),
    _frames("LF-02", "Slow-protocol frames come from an individual address", _source),
    each_wire("LF-04", "Slow-protocol frames are untagged", _untagged),
    _by_edition("LF-06", "Version_Number is one that the edition has", "lacp_version", version_wrong),
    _octets("LF-07", "Actor_Information type and length", b"\x01\x14", 16),
    _octets("LF-08", "Partner_Information type and length", b"\x02\x14", 36),
    _octets("LF-09", "Collector_Information type and length", b"\x03\x10", 56),
    _by_edition("LF-10", "The Terminator is behind the last TLV", "version_2_tlvs", terminator_wrong),
    _octets("LF-11", "reserved octets after Actor_State and Partner_State", bytes(3), 33, 53),
    _octets("LF-12", "reserved octets of Collector_Information", bytes(12), 60),
    _by_edition("LF-13", "Reserved octets after the Terminator are 0", "version_2_tlvs", reserved_wrong),
    _frames("LF-14", "LACPDUs and Markers have 124 octets without FCS", _whole),
    each_wire("SP-02", "Slow-protocol frames are no longer than the edition has them", _short_enough),
    _frames("SP-03", "No illegal subtype is sent", _legal),
)
