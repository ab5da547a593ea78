"""Frames that are doubled, late, on a wrong link or on none (43.2.3, 43.2.4, 43A.3).

The data path of the simulated bench is broken, and what both kinds of bench have in common; where a bench has
kernel interfaces the daemon's data path in Python (fixtures/labs/python-path.yaml); the one in the kernel is
broken in `kernelpath`.
"""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

DISTRIBUTION = "core/distribution.py"
RECEIVE = "core/receive.py"
PACKET_PATH = "daemon/datapath/packetpath.py"


def path(name: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """One place of the simulated bench's data path is another; one of the rows must notice."""
    return Breakage(name, "agr_core.py", place, old, new, tuple(rows.split()), clause, simulated=True)


def kernel(name: str, file: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """The same of the daemon's data path in Python."""
    return Breakage(name, file, place, old, new, tuple(rows.split()), clause, kernel=True, data_path="python")


def hashed(name: str, more: str) -> Breakage:
    """These statements take in more of a frame than a conversation's own addresses."""
    old = "return (*_MAC_ADDRESSES.unpack_from(frame), tci, *addresses, *_MORE_ROUNDS)"
    return broken(name, DISTRIBUTION, "_words", old, f"{more}\n{old}", "FD-01", "43.2.4")


SENT = 'self._taken.append(("port", port, frame))'
CHOSEN = "port = self._paths[aggregate].choose(frame)"
RELEASED = 'self._taken += [("port", output.port, frame) for frame in released]'

TRAFFIC = (
    path(
        "a hash that differs from frame to frame",
        "_Path.choose",
        "return self._table[bucket]",
        """\
self._turn += 1
return self._table[(bucket + self._turn // 50) % BUCKETS]""",
        "FD-01 FD-06",
        "43.2.4",
    ),
    path(
        "data slows the cadence down",
        "Agr.send",
        CHOSEN,
        """\
from agr.core import periodic
periodic.Fast_Periodic_Time = 5.0
"""
        + CHOSEN,
        "PT-11",
        "43.4.13",
    ),
    path(
        "a frame in 10,000 is sent twice",
        "Agr.send",
        SENT,
        """\
self._taken.append(('port', port, frame))
self.frames_sent = getattr(self, 'frames_sent', 0) + 1
if self.frames_sent % 10_000 == 0:
    self._taken.append(('port', port, frame))""",
        "FD-03",
        "43.2.4",
    ),
    path(
        "a frame in 10,000 leaves after the next one",
        "Agr.send",
        SENT,
        """\
self.frames_sent = getattr(self, 'frames_sent', 0) + 1
late = self.__dict__.setdefault('late', {})
if self.frames_sent % 10_000 == 77:
    late[frame[:34]] = frame
    return
self._taken.append(('port', port, frame))
if frame[:34] in late:
    self._taken.append(('port', port, late.pop(frame[:34])))""",
        "FD-02",
        "43.2.4",
    ),
    path(
        "one in 1,000 of the tagged frames of TCP in IPv6 leaves after the next one",
        "Agr.send",
        SENT,
        """\
if frame[12:14] == b'\\x81\\x00' and frame[24:25] == b'\\x06':
    self.frames_sent = getattr(self, 'frames_sent', 0) + 1
    late = self.__dict__.setdefault('late', {})
    if self.frames_sent % 1_000 == 77:
        late[frame[:34]] = frame
        return
    self._taken.append(('port', port, frame))
    frame = late.pop(frame[:34], b'')
if frame:
    self._taken.append(('port', port, frame))""",
        "FD-02",
        "43.2.4",
    ),
    path(
        "a frame in 10,000 has another octet",
        "Agr.send",
        SENT,
        """\
self.frames_sent = getattr(self, 'frames_sent', 0) + 1
if self.frames_sent % 10_000 == 0:
    frame = frame[:-1] + bytes([frame[-1] ^ 1])
self._taken.append(('port', port, frame))""",
        "FD-02",
        "43.2.4",
    ),
    path(
        "a broadcast is sent on every link",
        "Agr.send",
        SENT,
        """\
self._taken.append(('port', port, frame))
if frame[:6] == b'\\xff' * 6:
    others = self._distributing - {port}
    self._taken += [('port', other, frame) for other in others]""",
        "FD-04",
        "43.2.4",
    ),
    path(
        "what was held leaves in the wrong order",
        "Agr._obey",
        RELEASED,
        "self._taken += [('port', output.port, frame) for frame in reversed(released)]",
        "FD-11 FD-12",
        "43A.3",
    ),
    path(
        "what was held is sent when later frames have gone",
        "Agr._obey",
        RELEASED,
        """\
late = self.__dict__.setdefault('late', [])
self._taken += late
late[:] = [('port', output.port, frame) for frame in released[:1]]
self._taken += [('port', output.port, frame) for frame in released[1:]]""",
        "FD-11 FD-12",
        "43A.3",
    ),
    path(
        "data leaves on a port that is not Distributing for 5 ms in a second",
        "Agr.send",
        CHOSEN,
        """\
port = self._paths[aggregate].choose(frame)
if now % 1 < 0.005:
    port = max(name for name, owner in self._members.items() if owner == aggregate)
    self._taken.append(('port', port, frame))
    return""",
        "MX-16",
        "43.4.15",
    ),
    path(
        "data leaves for 5 ms when a port attaches",
        "Agr.send",
        CHOSEN,
        """\
port = self._paths[aggregate].choose(frame)
attached = self.__dict__.setdefault('attached', {})
for one in self._system.status(now)['aggregates'][aggregate]['ports'].items():
    name, said = one
    if said['mux_state'] == 'ATTACHED' and now - attached.setdefault(name, now) < 0.005:
        self._taken.append(('port', name, frame))
        return""",
        "MX-16",
        "43.4.15",
    ),
    hashed(
        "layer 4 of IPv4 is hashed, though a later fragment has none",
        """\
if kind == _IPv4 and frame[packet + 9] in (6, 17) and len(frame) >= packet + 24:
    addresses = (*addresses, *Struct('<I').unpack_from(frame, packet + 20))""",
    ),
    hashed(
        "layer 4 of IPv4 is hashed where there is no fragment, in the place that it has without options",
        """\
if kind == _IPv4 and not frame[packet + 6] & 0x3F and not frame[packet + 7] and len(frame) >= packet + 24:
    addresses = (*addresses, *Struct('<I').unpack_from(frame, packet + 20))""",
    ),
    hashed(
        "layer 4 of IPv6 is hashed, though a later fragment has none",
        """\
if kind == _IPv6 and frame[packet + 6] == 44 and len(frame) >= packet + 52:
    addresses = (*addresses, *Struct('<I').unpack_from(frame, packet + 48))""",
    ),
    hashed(
        "what is behind the header of IPv6 is hashed, an extension header or ports",
        """\
if kind == _IPv6 and frame[packet + 6] == 0:
    addresses = (*addresses, *Struct('<I').unpack_from(frame, packet + 44))""",
    ),
    hashed(
        "what is behind the header of IPv4 is hashed, of whatever protocol",
        """\
if kind == _IPv4 and frame[packet + 9] not in (6, 17) and len(frame) >= packet + 24:
    addresses = (*addresses, *Struct('<I').unpack_from(frame, packet + 20))""",
    ),
    hashed(
        "the length of an LLC frame is hashed",
        """\
if kind < 0x0600:
    addresses = (kind,)""",
    ),
    hashed(
        "what is not IP is hashed as if it were",
        """\
if not addresses and len(frame) >= packet + 20:
    addresses = _IPv4_ADDRESSES.unpack_from(frame, packet + 12)""",
    ),
    path(
        "a conversation is collected on the link alone that it would leave on",
        "Agr.receive",
        "port in self._collecting",
        "port in self._collecting and port == self._paths[self._members[port]].choose(frame)",
        "FD-09",
        "43.2.3",
    ),
    path(
        "a conversation is collected on the link alone that it came on first",
        "Agr.receive",
        "port in self._collecting",
        "port in self._collecting"
        " and port == self.__dict__.setdefault('came', {}).setdefault(frame[:34], port)",
        "FD-08",
        "43.2.3",
    ),
    path(
        "five frames are delivered at once, the last one first",
        "Agr.receive",
        "self._taken.append(('client', self._members[port], frame))",
        """\
late = self.__dict__.setdefault('late', [])
late.insert(0, ('client', self._members[port], frame))
if len(late) == 5:
    self._taken += late
    late.clear()""",
        "FD-08",
        "43.2.3",
    ),
    path(
        "a frame in 100 waits 20 ms for the next ones",
        "Agr.receive",
        "self._taken.append(('client', self._members[port], frame))",
        """\
late = self.__dict__.setdefault('late', [])
self._taken += [item for at, item in late if at <= now - 0.02]
late[:] = [(at, item) for at, item in late if at > now - 0.02]
self.frames_received = getattr(self, 'frames_received', 0) + 1
if self.frames_received % 100 == 0:
    late.append((now, ('client', self._members[port], frame)))
else:
    self._taken.append(('client', self._members[port], frame))""",
        "FD-23",
        "43.2.3",
    ),
    path(
        "frames leave with the address of the port",
        "Agr.send",
        SENT,
        """\
frame = frame[:6] + self._macs[port] + frame[12:]
self._taken.append(('port', port, frame))""",
        "FD-17",
        "43.2.10.1",
    ),
    path(
        "a link that joins makes all conversations find their link anew, without a Marker",
        "_Path.choose",
        "return self._table[bucket]",
        """\
ports = sorted({port for port in self._table if port})
return ports[bucket % len(ports)] if ports else None""",
        "FD-11",
        "43A.3",
    ),
    path(
        "a link that is lost stays in the table",
        "_Path.assign",
        "self._table[bucket] = output.port",
        "self._table[bucket] = self._table[bucket] or output.port",
        "FD-13",
        "43.2.4",
    ),
    broken(
        "a link that is lost keeps its conversations",
        DISTRIBUTION,
        "Distributor.set_ports",
        "self.ports = tuple(sorted(ports))",
        "self.ports = tuple(sorted({*self.ports, *ports}))",
        "FD-13",
        "43.2.4",
    ),
    broken(
        "a link with a silent partner is left 2 s late, timeout short",
        RECEIVE,
        "timeout",
        "Short_Timeout_Time",
        "Short_Timeout_Time + 2",
        "FD-14",
        "43.3.12",
    ),
    broken(
        "a link with a silent partner is left 2 s late, timeout long",
        RECEIVE,
        "timeout",
        "Long_Timeout_Time",
        "Long_Timeout_Time + 2",
        "FD-14",
        "43.3.12",
    ),
    kernel(
        "a frame in 2,000 of a link is sent twice on the Python data path",
        PACKET_PATH,
        "PacketPath._send",
        "member.traffic.sent += 1",
        """\
member.traffic.sent += 1
if member.traffic.sent % 2_000 == 0:
    member.socket.send(frame)""",
        "FD-03",
        "43.2.4",
    ),
    kernel(
        "a frame in 2,000 is delivered twice on the Python data path",
        PACKET_PATH,
        "PacketPath._take_in",
        "self._client.send(frame)",
        "self._client.send(frame) and (member.traffic.received % 2_000 != 1_999 or self._client.send(frame))",
        "FD-08",
        "43.2.3",
    ),
    kernel(
        "a broadcast is sent on every link on the Python data path",
        PACKET_PATH,
        "PacketPath._distribute",
        "self._send(self._table[bucket], frame)",
        """\
if frame[_VNET_OCTETS:_VNET_OCTETS + 6] == b'\\xff' * 6:
    for member in self._ports.values():
        self._send(member, frame)
else:
    self._send(self._table[bucket], frame)""",
        "FD-04",
        "43.2.4",
    ),
    kernel(
        "what was held leaves in the wrong order on the Python data path",
        "daemon/datapath/heldframes.py",
        "HeldFrames.put",
        "self.queues[bucket].append(frame)",
        "self.queues[bucket].appendleft(frame)",
        "FD-11 FD-12",
        "43A.3",
    ),
)
