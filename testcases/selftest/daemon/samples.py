"""Frames by whose they are: LACP's and the Marker Protocol's, or the client's (43.2.9, 43B.5)."""

from __future__ import annotations

SLOW = bytes.fromhex("0180c2000002 020000000001 8809 01") + bytes(45)
KEPT = [SLOW[:14] + bytes([subtype]) + SLOW[15:] for subtype in (0, 1, 2, 11, 255)]
"""LACP's, the Marker Protocol's, and illegal ones."""

LLDP = bytes.fromhex("0180c200000e 020000000001 88cc") + bytes(46)
UNSUPPORTED = SLOW[:14] + b"\x05" + SLOW[15:]
CLIENTS = [
    UNSUPPORTED,
    LLDP,
    LLDP[:5] + b"\x00" + LLDP[6:],
    LLDP[:5] + b"\x02" + LLDP[6:],
    LLDP[:12] + b"\x81\x00\x00\x05" + LLDP[12:],
    b"\2" + SLOW[1:],
    SLOW[:5] + b"\x03" + SLOW[6:],
    SLOW[:12] + b"\x81\x00\x00\x05" + SLOW[12:],
]
"""What else goes to reserved addresses, or has the slow protocols' type; the first only inwards."""
