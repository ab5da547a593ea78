"""Frames written out octet by octet, beside 43.4.2.2 and 43.5.3.2."""

from __future__ import annotations

LACPDU_FRAME = bytes.fromhex(
    "0180c2000002 021122334455 8809 01 01"
    "01 14 8001 02a1a2a3a4a5 0102 0304 0506 3d 000000"
    "02 14 0708 02b1b2b3b4b5 090a 0b0c 0d0e c2 000000"
    "03 10 1112" + "00" * 12 + "00 00" + "00" * 50
)

MARKER_FRAME = bytes.fromhex(
    "0180c2000002 02aa00000001 8809 02 01 01 10 0102 02c1c2c3c4c5 03040506 0000 00 00" + "00" * 90
)

# What re0 of a `Lab` answers to it
MARKER_RESPONSE_FRAME = bytes.fromhex(
    "0180c2000002 020000000100 8809 02 01 02 10 0102 02c1c2c3c4c5 03040506 0000 00 00" + "00" * 90
)
