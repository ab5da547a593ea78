"""What bridges keep to themselves, and so do aggregates that should not: BPDUs, EAPOL, LLDP (43.2.9)."""

from __future__ import annotations

from testcases.selftest.breakages import kernelpath
from testcases.selftest.breakages.traffic import CHOSEN, PACKET_PATH, SENT, kernel, path

RECEIVED = "is_for_client(kind) and port in self._collecting"
BPDU = "frame[:6] == bytes.fromhex('0180c2000000')"
RESERVED = "frame[:5] == bytes.fromhex('0180c20000') and frame[5] < 16"

RESERVED_ADDRESSES = (
    path(
        "frames to reserved addresses never reach the client",
        "Agr.receive",
        RECEIVED,
        f"{RECEIVED} and not ({RESERVED})",
        "FD-20",
        "43.2.9",
    ),
    path(
        "BPDUs never reach the client",
        "Agr.receive",
        RECEIVED,
        f"{RECEIVED} and not ({BPDU})",
        "FD-21",
        "43.2.9",
    ),
    path(
        "frames to reserved addresses do not leave",
        "Agr.send",
        CHOSEN,
        f"if {RESERVED}:\n    return\n{CHOSEN}",
        "FD-20",
        "43.2.9",
    ),
    path(
        "BPDUs are the client's on the first port alone",
        "Agr.receive",
        RECEIVED,
        f"{RECEIVED} and (not ({BPDU}) or port == min(self._collecting))",
        "FD-22",
        "43.2.9",
    ),
    path(
        "a BPDU leaves on each link, for it is to all bridges",
        "Agr.send",
        SENT,
        f"""\
self._taken.append(('port', port, frame))
if {BPDU}:
    self._taken += [('port', other, frame) for other in self._distributing - {{port}}]""",
        "FD-21",
        "43.2.9",
    ),
    path(
        "BPDUs leave on the first link that there was alone",
        "Agr.send",
        SENT,
        f"""\
first = self.__dict__.setdefault('first', port)
if not ({BPDU}) or port == first:
    self._taken.append(('port', port, frame))""",
        "FD-21",
        "43.2.9",
    ),
    path(
        "no BPDU leaves while a link waits to join",
        "Agr.send",
        CHOSEN,
        f"if {BPDU} and len(self._distributing) < len(self._members):\n    return\n{CHOSEN}",
        "FD-22",
        "43.2.9",
    ),
    kernel(
        "frames to reserved addresses never reach the client on the Python data path",
        PACKET_PATH,
        "PacketPath._take_in",
        "not member.collecting",
        "not member.collecting or frame[_VNET_OCTETS:_VNET_OCTETS + 5] == bytes.fromhex('0180c20000')",
        "FD-20 FD-21",
        "43.2.9",
    ),
    kernelpath.broken(
        "frames to reserved addresses never reach the client",
        kernelpath.PROGRAM,
        "agr_rx",
        "if (is_control(skb, frame))",
        "if (is_control(skb, frame) || is_link_local(frame))",
        "FD-20 FD-21",
        "43.2.9",
    ),
    kernelpath.broken(
        "frames to reserved addresses do not leave",
        kernelpath.PROGRAM,
        "agr_tx",
        "if (is_slow(skb, frame))",
        "if (is_link_local(frame))",
        "FD-20 FD-21",
        "43.2.9",
    ),
)
