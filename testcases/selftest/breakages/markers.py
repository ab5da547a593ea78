"""The Marker Responder, counters and states that are not what they should be (43.5, 30.7)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

PARSER = "core/control_parser.py"
MARKER = "core/marker.py"
STATUS = "core/status.py"

RESPONDER_AND_STATUS = (
    broken(
        "Markers of version 1 only",
        MARKER,
        "decode",
        "len(frame) < _HEADER.size + _MARKER.size",
        "len(frame) < _HEADER.size + _MARKER.size or frame[15] != MARKER_VERSION",
        "MK-08",
        "43.5.4",
    ),
    broken(
        "Markers with zeros in reserved octets only",
        MARKER,
        "decode",
        "len(frame) < _HEADER.size + _MARKER.size",
        "len(frame) < _HEADER.size + _MARKER.size or any(frame[34:124])",
        "MK-09",
        "43.5.4",
    ),
    broken(
        "Markers of 124 octets only",
        MARKER,
        "decode",
        "len(frame) < _HEADER.size + _MARKER.size",
        "len(frame) != SLOW_FRAME_LENGTH",
        "MK-10",
        "43.5.4",
    ),
    broken(
        "a Marker of a wrong length ends LACP on its port",
        PARSER,
        "accept",
        "kind = Kind.ILLEGAL",
        "kind, port.port_enabled = Kind.ILLEGAL, False",
        "MK-11",
        "43.5.4",
    ),
    broken(
        "each Marker answered twice",
        MARKER,
        "respond",
        "port.emit(Transmit(port.name, encode(response(received), source=port.mac)))",
        """\
for _ in range(2):
    port.emit(Transmit(port.name, encode(response(received), source=port.mac)))""",
        "MK-13",
        "43.5.4",
    ),
    broken(
        "Marker Responses are answered",
        PARSER,
        "_accept_marker",
        "marker.receive_response(port, received)",
        "marker.respond(port, now, received)",
        "MK-14",
        "43.5.4",
    ),
    broken(
        "unknown Marker PDUs are answered",
        PARSER,
        "_accept_marker",
        "port.counters.UnknownRx += 1",
        "marker.respond(port, now, received)",
        "MK-15",
        "43.5.4",
    ),
    broken(
        "Markers answered only while Distributing",
        MARKER,
        "respond",
        "port.port_enabled",
        "port.distributing",
        "MK-19",
        "43.5.4",
    ),
    broken(
        "Markers answered only while Collecting",
        MARKER,
        "respond",
        "port.port_enabled",
        "port.collecting",
        "MK-25",
        "43.2.7",
    ),
    broken(
        "no answer to a Marker behind others",
        MARKER,
        "respond",
        "rate.count_response(now)",
        "rate.count_response(now + 60)",
        "MK-13 MK-17 MK-18 MK-20",
        "43.5.4",
    ),
    broken(
        "LACPDUs sent are counted twice",
        "core/transmit.py",
        "transmit",
        "port.counters.LACPDUsTx += 1",
        "port.counters.LACPDUsTx += 2",
        "MG-01",
        "30.7.3.1",
    ),
    broken(
        "LACPDUs received are not counted",
        PARSER,
        "accept",
        "port.counters.LACPDUsRx += 1",
        "",
        "MG-01",
        "30.7.3.1",
    ),
    broken(
        "Markers are not counted",
        PARSER,
        "_accept_marker",
        "port.counters.MarkerPDUsRx += 1",
        "",
        "MG-02",
        "30.7.3.1",
    ),
    broken(
        "Marker Responses are not counted",
        MARKER,
        "respond",
        "port.counters.MarkerResponsePDUsTx += 1",
        "",
        "MK-24",
        "30.7.3.1",
    ),
    broken(
        "a generator's Markers are not counted",
        "core/marker.py",
        "_send_marker",
        "port.counters.MarkerPDUsTx += 1",
        "",
        "MK-24",
        "30.7.3.1",
    ),
    broken(
        "unknown frames are not counted",
        PARSER,
        "accept",
        "port.counters.UnknownRx += 1",
        "pass",
        "MG-03",
        "30.7.3.1",
    ),
    broken(
        "illegal frames are counted as unknown",
        PARSER,
        "accept",
        "port.counters.IllegalRx += 1",
        "port.counters.UnknownRx += 1",
        "MG-04",
        "30.7.3.1",
    ),
    broken(
        "a receive state that is not told as it is",
        STATUS,
        "_port_status",
        "str(port.receive_state)",
        "'CURRENT'",
        "MG-06",
        "30.7.4.1",
    ),
    broken(
        "a mux state that is not told as it is",
        STATUS,
        "_port_status",
        "str(port.mux_state)",
        "'DISTRIBUTING' if port.collecting else str(port.mux_state)",
        "MG-06",
        "30.7.4.1",
    ),
    broken(
        "said to be distributing while it only collects",
        STATUS,
        "_port_status",
        "port.distributing",
        "port.collecting",
        "MG-08",
        "30.7",
    ),
)

RESET = """\
from agr.core.counters import {kind}
port.{counters} = {kind}()"""
"""Counters of a port start again."""


def reset(name: str, file: str, place: str, old: str, counters: str = "counters") -> Breakage:
    """Counters of a port start at 0 when something happens to it."""
    again = RESET.format(kind=counters.capitalize(), counters=counters)
    return broken(name, file, place, old, f"{old}\n{again}", "MG-09", "30.7")


RECEIVE = "core/receive.py"

RESETS = (
    reset("counters start again without carrier", RECEIVE, "_stop", "port.current_while_timer.stop()"),
    reset(
        "counts of changes start again without carrier",
        RECEIVE,
        "_stop",
        "port.current_while_timer.stop()",
        "debug",
    ),
    reset("counters start again in INITIALIZE", RECEIVE, "_initialize", "port.port_moved = False"),
    reset("counters start again in DEFAULTED", RECEIVE, "_default", "recordDefault(port)"),
    reset(
        "counters start again with another partner",
        RECEIVE,
        "update_Selected",
        "port.select(Selected.UNSELECTED)",
    ),
    reset("counters start again where LACP is off", RECEIVE, "_disable_LACP", "recordDefault(port)"),
    reset("counters start again in DETACHED", "core/mux.py", "_detach", "port.wait_while_timer.stop()"),
    broken(
        "churn counts start again without carrier",
        RECEIVE,
        "_stop",
        "port.current_while_timer.stop()",
        """\
port.current_while_timer.stop()
port.debug.ActorChurnCount = port.debug.PartnerChurnCount = 0""",
        "CH-08",
        "30.7.4.1",
    ),
)

MARKERS = RESPONDER_AND_STATUS + RESETS
