"""Random frames for a port, and which counter of 30.7.3.1 each belongs to, told from the clauses alone."""

from __future__ import annotations

import random
from collections.abc import Callable

from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME

_SLOW_ADDRESS = bytes.fromhex("0180c2000002")
_SLOW_TYPE = b"\x88\x09"
_TAGGED = (b"\x81\x00", b"\x88\xa8")
_HEADER = 14
_LONGEST = 1514

# 43.4.2.2: where the LACPDU has the lengths of its three TLVs, and what they are; the last TLV's end
_LACPDU_LENGTHS = {17: 20, 37: 20, 57: 16}
_LACPDU_END = 72
# 43.5.3.2: the Marker's one TLV
_MARKER_END = 32

Generator = random.Random


def counter(frame: bytes) -> str | None:
    """The counter that ``frame`` adds one to; None for a frame that is not the slow protocols'."""
    to_us, kind = frame[:6] == _SLOW_ADDRESS, frame[12:14]
    if kind in _TAGGED or not (to_us or kind == _SLOW_TYPE):
        return None  # 43B: slow protocols are not tagged
    if not to_us or kind != _SLOW_TYPE:
        return "UnknownRx"
    subtype = frame[_HEADER] if len(frame) > _HEADER else 0
    if subtype == 1:
        return _lacpdu(frame)
    if subtype == 2:
        return _marker(frame)
    return "UnknownRx" if 3 <= subtype <= 10 else "IllegalRx"


def _lacpdu(frame: bytes) -> str:
    whole = len(frame) >= _LACPDU_END and all(frame[at] == octets for at, octets in _LACPDU_LENGTHS.items())
    return "LACPDUsRx" if whole else "IllegalRx"


def _marker(frame: bytes) -> str:
    if len(frame) < _MARKER_END:
        return "IllegalRx"
    names = {1: "MarkerPDUsRx", 2: "MarkerResponsePDUsRx"}
    name = names.get(frame[16], "UnknownRx")
    return "IllegalRx" if frame[16] in names and frame[17] != 16 else name


def random_frame(draw: Generator) -> bytes:
    """A frame that a port of agr must take for one of the slow protocols', or nearly so."""
    return draw.choice(_MAKERS)(draw)


def _lacp(draw: Generator) -> bytes:
    return _mutated(draw, LACPDU_FRAME)


def _markers(draw: Generator) -> bytes:
    frame = bytearray(MARKER_FRAME)
    frame[16] = draw.choice((1, 2, draw.randrange(256)))
    return _mutated(draw, bytes(frame))


def _other_subtype(draw: Generator) -> bytes:
    frame = bytearray(LACPDU_FRAME)
    frame[_HEADER] = draw.randrange(256)
    return _mutated(draw, bytes(frame))


def _noise(draw: Generator) -> bytes:
    return LACPDU_FRAME[:_HEADER] + draw.randbytes(draw.randrange(_LONGEST - _HEADER))


def _elsewhere(draw: Generator) -> bytes:
    """To another address with the slow protocols' type."""
    return draw.randbytes(6) + LACPDU_FRAME[6 : draw.randrange(_HEADER, len(LACPDU_FRAME))]


def _other_type(draw: Generator) -> bytes:
    """To the slow protocols' address with another type."""
    kind = draw.choice((draw.randbytes(2), *_TAGGED))
    return LACPDU_FRAME[:12] + kind + draw.randbytes(draw.randrange(4, 200))


def _mutated(draw: Generator, frame: bytes) -> bytes:
    return draw.choice(_MUTATIONS)(draw, frame)


def _as_it_is(draw: Generator, frame: bytes) -> bytes:
    return frame


def _octets_changed(draw: Generator, frame: bytes) -> bytes:
    changed = bytearray(frame)
    for _ in range(draw.randint(1, 8)):
        changed[draw.randrange(_HEADER, len(changed))] = draw.randrange(256)
    return bytes(changed)


def _bits_flipped(draw: Generator, frame: bytes) -> bytes:
    changed = bytearray(frame)
    for _ in range(draw.randint(1, 3)):
        changed[draw.randrange(_HEADER, 60)] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(draw: Generator, frame: bytes) -> bytes:
    return frame[: draw.randrange(_HEADER, len(frame))]


def _longer(draw: Generator, frame: bytes) -> bytes:
    return frame + draw.randbytes(draw.randrange(1, _LONGEST - len(frame)))


_MUTATIONS: tuple[Callable[[Generator, bytes], bytes], ...] = (
    _as_it_is,
    _octets_changed,
    _bits_flipped,
    _cut,
    _longer,
)
_MAKERS: tuple[Callable[[Generator], bytes], ...] = (
    _lacp,
    _lacp,
    _markers,
    _other_subtype,
    _noise,
    _elsewhere,
    _other_type,
)
