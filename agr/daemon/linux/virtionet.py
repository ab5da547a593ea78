"""Frames behind a virtio-net header (PACKET_VNET_HDR): their layout, and their VLAN tag put back."""

from __future__ import annotations

import struct

VNET_OCTETS = 10  # struct virtio_net_hdr
NO_OFFLOADS = bytes(VNET_OCTETS)
ADDRESSES_END = VNET_OCTETS + 12
TAG_OCTETS = 4
LARGEST_FRAME = 1 << 19  # a segmented TCP stream may come in one piece of this size
# Of struct tpacket_auxdata (PACKET_AUXDATA).
TAG_IS_VALID = 1 << 4
_TAG_TYPE_IS_VALID = 1 << 6
_VLAN_TYPE = 0x8100
_NEEDS_CHECKSUM = 1


def put_tag_back(frame: memoryview, status: int, kind: int, tci: int) -> None:
    """Put a VLAN tag back that the kernel took out of a frame.

    ``frame`` is TAG_OCTETS of room, the header and the frame: header and addresses move to the front, and
    offsets in the header grow. ``status``, ``kind`` (TPID) and ``tci`` are those of struct tpacket_auxdata.
    """
    frame[:ADDRESSES_END] = bytes(frame[TAG_OCTETS : TAG_OCTETS + ADDRESSES_END])
    kind = kind if status & _TAG_TYPE_IS_VALID else _VLAN_TYPE
    struct.pack_into(">HH", frame, ADDRESSES_END, kind, tci)
    flags, header_octets, checksum_start = struct.unpack_from("=BxHxxH", frame)
    if header_octets:
        struct.pack_into("=H", frame, 2, header_octets + TAG_OCTETS)
    if flags & _NEEDS_CHECKSUM:
        struct.pack_into("=H", frame, 6, checksum_start + TAG_OCTETS)
