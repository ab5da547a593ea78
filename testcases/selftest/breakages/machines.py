"""Mux machine and slow-protocol rules as they should not be (43.2.9, 43.4.8, 43.4.15, 43B)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

INTAKE = "core/intake.py"
MUX = "core/mux.py"
SLOW = "core/slow.py"

SUBTYPE = "    subtype = frame[_SUBTYPE_AT]\n"

MACHINES = (
    broken(
        "a port that is attached again goes on collecting",
        MUX,
        "    port.Actor_Oper_Port_State.Synchronization = True\n"
        "    _stop_distributing(port, now)\n    _stop_collecting(port, now)\n",
        "    port.Actor_Oper_Port_State.Synchronization = True\n    _stop_distributing(port, now)\n",
        "MX-09 MX-14",
        "43.4.15",
    ),
    broken(
        "what is received is delivered though Collecting is over",
        MUX,
        "    if port.collecting and port.leave_state not in",
        "    if False and port.leave_state not in",
        "MX-14",
        "43.4.15",
    ),
    broken(
        "Collecting is said before it is so",
        MUX,
        "    Enable_Collecting(port)\n    port.Actor_Oper_Port_State.Collecting = True\n    _stop",
        "    port.Actor_Oper_Port_State.Collecting = True\n    _stop",
        "MX-15",
        "43.4.15",
    ),
    broken(
        "data is sent though Distributing is over",
        MUX,
        "    Disable_Distributing(port)\n    port.Actor_Oper_Port_State.Distributing = False\n",
        "    port.Actor_Oper_Port_State.Distributing = False\n",
        "MX-16",
        "43.4.15",
    ),
    broken(
        "coupled control waits for a partner that collects",
        MUX,
        "(_ATTACHED, _partner_in_sync, _COLLECTING_DISTRIBUTING)",
        "(_ATTACHED, _partner_collects, _COLLECTING_DISTRIBUTING)",
        "MX-20",
        "43.4.15",
    ),
    broken(
        "a port that waits takes attached ones out",
        MUX,
        "    port.wait_while_timer.start(now, Aggregate_Wait_Time)\n",
        "    port.wait_while_timer.start(now, Aggregate_Wait_Time)\n"
        "    for other in port.aggregator.ports:\n"
        "        if other.collecting:\n            other.select(Selected.UNSELECTED)\n",
        "MX-22",
        "43.4.8",
    ),
    broken(
        "each port attaches when its own wait is over",
        MUX,
        "return port.Selected is Selected.SELECTED and port.aggregator.Ready",
        "return port.Selected is Selected.SELECTED and port.Ready_N",
        "MX-03",
        "43.4.8",
    ),
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
)
