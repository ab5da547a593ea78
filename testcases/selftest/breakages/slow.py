"""Rules of the slow protocols, and Marker Responses, as they should not be (43.2.9, 43.5.3, 43B)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

PARSER = "core/control_parser.py"
MARKER = "core/marker.py"


SLOW_PROTOCOLS = (
    broken(
        "ten frames of the Marker Protocol a second",
        "core/constants.py",
        "MARKER_PROTOCOL_LIMIT",
        "5",
        "10",
        "SP-01",
        "43B.2",
    ),
    broken(
        "every Marker of a flood is answered",
        "core/constants.py",
        "MARKER_PROTOCOL_LIMIT",
        "5",
        "1000",
        "MK-20",
        "43B",
    ),
    broken(
        "a Marker Response as long as its Marker",
        MARKER,
        "respond",
        "encode(response(received), source=port.mac)",
        "encode(response(received), source=port.mac) + bytes(64)",
        "SP-02",
        "43B.2",
    ),
    broken(
        "frames of subtype 200 are answered",
        PARSER,
        "parse",
        "subtype = frame[_SUBTYPE_AT]",
        """\
subtype = frame[_SUBTYPE_AT]
if subtype == 200:
    return Kind.MARKER""",
        "SP-03",
        "43B.4",
    ),
    broken(
        "OAM is taken for the Marker Protocol",
        PARSER,
        "parse",
        "subtype = frame[_SUBTYPE_AT]",
        """\
subtype = frame[_SUBTYPE_AT]
if subtype == 3:
    return Kind.MARKER""",
        "SP-04",
        "43B.4",
    ),
    broken(
        "LACPDUs of any type are heard",
        PARSER,
        "parse",
        "return Kind.UNKNOWN if to_us else Kind.DATA",
        "return Kind.LACP if to_us else Kind.DATA",
        "SP-07",
        "43.2.9",
    ),
    broken(
        "what is not known is passed on to the other ports",
        PARSER,
        "accept",
        "port.counters.UnknownRx += 1",
        """\
port.counters.UnknownRx += 1
for other in port.aggregator.ports:
    if other is not port:
        other.emit(Transmit(other.name, frame))""",
        "SP-08",
        "43B.3",
    ),
    broken(
        "Marker Responses to the requester's own address",
        MARKER,
        "encode",
        "Slow_Protocols_Multicast",
        "marker.requester_system",
        "MK-02",
        "43.5.3",
    ),
    broken(
        "Marker Responses from the aggregate's address",
        MARKER,
        "respond",
        "encode(response(received), source=port.mac)",
        "encode(response(received), source=port.aggregator.address)",
        "MK-03",
        "43.5.3.2",
    ),
    broken(
        "Marker PDUs of version 2",
        MARKER,
        "encode",
        "MARKER_VERSION",
        "2",
        "MK-04",
        "43.5.3.2",
    ),
    broken(
        "Marker PDUs with another length in their TLV",
        MARKER,
        "encode",
        "_LENGTH",
        "_LENGTH + 1",
        "MK-05",
        "43.5.3",
    ),
    broken(
        "reserved octets of Marker PDUs are not zero",
        MARKER,
        "encode",
        "return frame.ljust(SLOW_FRAME_LENGTH, b'\\x00')",
        "return frame.ljust(SLOW_FRAME_LENGTH, b'\\xee')",
        "MK-07",
        "43.5.3.2",
    ),
    broken(
        "every port answers a Marker",
        MARKER,
        "respond",
        "port.emit(Transmit(port.name, encode(response(received), source=port.mac)))",
        """\
for each in port.aggregator.ports:
    each.emit(Transmit(each.name, encode(response(received), source=port.mac)))""",
        "MK-12",
        "43.5.4",
    ),
    broken(
        "illegal subtypes are the client's",
        PARSER,
        "is_for_client",
        "(Kind.DATA, Kind.UNKNOWN)",
        "(Kind.DATA, Kind.UNKNOWN, Kind.ILLEGAL)",
        "SP-11",
        "43B.5",
    ),
    broken(
        "a slow-protocol frame that is not for the port takes it out of service",
        PARSER,
        "accept",
        "port.counters.UnknownRx += 1",
        """\
port.port_enabled = False
port.counters.UnknownRx += 1""",
        "MK-21 SP-05 SP-06",
        "43.2.9",
    ),
    broken(
        "a Marker takes a port out of service that does not collect",
        MARKER,
        "respond",
        "rate = port.limits.marker",
        """\
rate = port.limits.marker
port.port_enabled = port.collecting""",
        "MK-25",
        "43.2.7",
    ),
    broken(
        "Collecting is said, and nothing is delivered",
        "core/mux.py",
        "_collect",
        "Enable_Collecting(port)",
        "",
        "MK-16",
        "43.5.2",
    ),
    broken(
        "LACPDUs sent are not counted",
        "core/transmit.py",
        "transmit",
        "port.counters.LACPDUsTx += 1",
        "",
        "MG-07",
        "30.7",
    ),
    Breakage(
        "while there is a flood on one port no port is read",
        "daemon/runner.py",
        "CoreRunner._pause",
        "self._ignore(intake.sock)",
        """\
self._ignore(intake.sock)
for name, other in self._intakes.items():
    if other is not intake and other.pause is None:
        self._ignore(other.sock)
        other.pause = self._loop.call_later(5.0, self._listen, name)""",
        ("SP-09",),
        "43.2.9",
        kernel=True,
    ),
)
