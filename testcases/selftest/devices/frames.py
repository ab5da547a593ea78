"""Devices whose Control Parser takes more frames, and whose LACPDUs have more in them."""

from __future__ import annotations

from harness.pdu import SLOW_PROTOCOLS_ADDRESS, Frame
from harness.reference.intake import SHORTEST
from testcases.selftest.devices.device import Device

MULTICAST = bytes.fromhex(SLOW_PROTOCOLS_ADDRESS.replace(":", ""))
RESERVED = {MULTICAST[:5] + bytes([last]) for last in (0x00, 0x03, 0x0E)}
"""01-80-C2-00-00-00, -03 and -0E, to which editions since 2014 let LACPDUs go."""

TYPE, TAG = b"\x88\x09", b"\x81\x00"


def to_its_own_address(frame: bytes, port: bytes) -> bytes:
    """A slow-protocol frame to the port's own address is one to the group address."""
    return MULTICAST + frame[6:] if frame[:6] == port and frame[12:14] == TYPE else frame


def to_other_groups(frame: bytes, port: bytes) -> bytes:
    """So is one to another of the reserved addresses."""
    return MULTICAST + frame[6:] if frame[:6] in RESERVED and frame[12:14] == TYPE else frame


def without_tag(frame: bytes, port: bytes) -> bytes:
    """A tag before a slow protocol's type does not count."""
    return frame[:12] + frame[16:] if frame[12:14] == TAG and frame[16:18] == TYPE else frame


def without_zeros(frame: bytes, port: bytes) -> bytes | None:
    """An LACPDU whose Actor's key or port number is the null value is dropped."""
    seen = Frame(0.0, frame, True, "")
    whole = seen.is_lacpdu and len(frame) >= SHORTEST
    return None if whole and 0 in (seen.actor.key, seen.actor.port) else frame


def version_2(frame: bytes, port: bytes) -> bytes:
    """An LACPDU of version 2, with the Port Algorithm TLV (type 4, length 6) before its Terminator."""
    if frame[14] != 1:
        return frame
    algorithm = bytes.fromhex("04060080c201")
    return frame[:15] + b"\x02" + frame[16:72] + algorithm + frame[72 : len(frame) - len(algorithm)]


FRAMES = (
    Device(
        "takes LACPDUs to its own address",
        "43.2.9",
        "whether the Control Parser looks at the address (reading slow_address)",
        takes=to_its_own_address,
    ),
    Device(
        "takes LACPDUs to other groups",
        "43.2.9",
        "the same, of the other reserved addresses",
        takes=to_other_groups,
    ),
    Device(
        "takes tagged LACPDUs",
        "43.2.9, 43B.2",
        "whether a tag keeps a slow protocol's frame from its machine",
        takes=without_tag,
    ),
    Device(
        "drops partners with zeros",
        "43.3.4, 43.3.5",
        "what becomes of a partner whose key or port number is the null value (PICS zero_partner)",
        takes=without_zeros,
        pics={"zero_partner": "drop"},
    ),
    Device(
        "the edition of 2014, version 1",
        "802.1AX-2014 5.3",
        "version 2 is an option",
        edition="802.1AX-2014",
    ),
    Device(
        "the edition of 2014, version 2",
        "802.1AX-2014 5.3.1",
        "version 2, with a TLV of its own",
        sends=version_2,
        edition="802.1AX-2014",
    ),
)
