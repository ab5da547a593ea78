"""Rules of the slow protocols, and Marker Responses, as they should not be (43.2.9, 43.5.3, 43B)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

INTAKE = "core/intake.py"
MARKER = "core/marker.py"
SLOW = "core/slow.py"

SUBTYPE = "    subtype = frame[_SUBTYPE_AT]\n"
HEADER = "        Slow_Protocols_Multicast, source, Slow_Protocols_Type, MARKER_SUBTYPE, MARKER_VERSION\n"
ANSWER = "marker.encode(marker.response(received), source=port.mac)"
CONTROL = '    return reserved or int.from_bytes(frame[12:14], "big") == Slow_Protocols_Type\n'
ENCODED = '    return frame.ljust(SLOW_FRAME_LENGTH, b"\\0")\n'

SLOW_PROTOCOLS = (
    broken(
        "ten frames of the Marker Protocol a second",
        "core/constants.py",
        "MARKER_PROTOCOL_LIMIT = 5",
        "MARKER_PROTOCOL_LIMIT = 10",
        "SP-01",
        "43B.2",
    ),
    broken(
        "a Marker Response as long as its Marker",
        INTAKE,
        "marker.encode(marker.response(received), source=port.mac)))",
        "marker.encode(marker.response(received), source=port.mac) + bytes(64)))",
        "SP-02",
        "43B.2",
    ),
    broken(
        "frames of subtype 200 are answered",
        SLOW,
        SUBTYPE,
        SUBTYPE + "    if subtype == 200:\n        return Kind.MARKER\n",
        "SP-03",
        "43B.4",
    ),
    broken(
        "OAM is taken for the Marker Protocol",
        SLOW,
        SUBTYPE,
        SUBTYPE + "    if subtype == 3:\n        return Kind.MARKER\n",
        "SP-04",
        "43B.4",
    ),
    broken(
        "LACPDUs of any type are heard",
        SLOW,
        "        return Kind.UNKNOWN if to_us else Kind.DATA\n",
        "        return Kind.LACP if to_us else Kind.DATA\n",
        "SP-07",
        "43.2.9",
    ),
    broken(
        "what is not known is passed on to the other ports",
        INTAKE,
        "        port.counters.UnknownRx += 1\n    elif",
        "        port.counters.UnknownRx += 1\n"
        "        for other in port.aggregator.ports:\n"
        "            if other is not port:\n"
        "                other.emit(Transmit(other.name, frame))\n"
        "    elif",
        "SP-08",
        "43B.3",
    ),
    broken(
        "Marker Responses to the requester's own address",
        MARKER,
        HEADER,
        HEADER.replace("Slow_Protocols_Multicast", "marker.requester_system"),
        "MK-02",
        "43.5.3",
    ),
    broken(
        "Marker Responses from the aggregate's address",
        INTAKE,
        ANSWER,
        ANSWER.replace("port.mac", "port.aggregator.address"),
        "MK-03",
        "43.5.3.2",
    ),
    broken(
        "Marker PDUs of version 2",
        MARKER,
        HEADER,
        HEADER.replace("MARKER_VERSION", "2"),
        "MK-04",
        "43.5.3.2",
    ),
    broken(
        "Marker PDUs with another length in their TLV",
        MARKER,
        "        marker.kind,\n        _LENGTH,\n",
        "        marker.kind,\n        _LENGTH + 1,\n",
        "MK-05",
        "43.5.3",
    ),
    broken(
        "reserved octets of Marker PDUs are not zero",
        MARKER,
        ENCODED,
        ENCODED.replace("\\0", "\\xee"),
        "MK-07",
        "43.5.3.2",
    ),
    broken(
        "every port answers a Marker",
        INTAKE,
        "    port.emit(Transmit(port.name, marker.encode(marker.response",
        "    for each in port.aggregator.ports:\n"
        "        each.emit(Transmit(each.name, marker.encode(marker.response",
        "MK-12",
        "43.5.4",
    ),
    broken(
        "subtype 200 is the client's",
        SLOW,
        CONTROL,
        CONTROL.replace("reserved", 'frame[14:15] != b"\\xc8" and (reserved').replace("Type\n", "Type)\n"),
        "SP-11",
        "43B.5",
    ),
    broken(
        "a slow-protocol frame that is not for the port takes it out of service",
        INTAKE,
        "    if kind is Kind.UNKNOWN:\n",
        "    if kind is Kind.UNKNOWN:\n        port.port_enabled = False\n",
        "MK-21 SP-05 SP-06",
        "43.2.9",
    ),
    broken(
        "a Marker takes a port out of service that does not collect",
        INTAKE,
        "    rate = port.limits.marker\n",
        "    rate = port.limits.marker\n    port.port_enabled = port.collecting\n",
        "MK-25",
        "43.2.7",
    ),
    broken(
        "Collecting is said, and nothing is delivered",
        "core/mux.py",
        "    Enable_Collecting(port)\n    port.Actor_Oper_Port_State.Collecting = True\n    _stop",
        "    port.Actor_Oper_Port_State.Collecting = True\n    _stop",
        "MK-16",
        "43.5.2",
    ),
    broken(
        "LACPDUs sent are not counted",
        "core/transmit.py",
        "    port.counters.LACPDUsTx += 1\n",
        "",
        "MG-07",
        "30.7",
    ),
    Breakage(
        "LACPDUs of a flood are all heeded",
        "core/constants.py",
        "RECEIVED_LACPDU_LIMIT = 100",
        "RECEIVED_LACPDU_LIMIT = 1_000_000",
        ("SP-09",),
        "43.2.9",
        kernel=True,
    ),
)
