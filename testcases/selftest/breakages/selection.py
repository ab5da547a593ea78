"""LAG IDs, and the LAG that is served, as they should not be (43.3.2, 43.3.6, 43.4.14, 43.4.14.1)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

LAG = "core/lag.py"
SELECTION = "core/selection.py"
RECEIVE = "core/receive.py"

PARTNER = "port.Partner_Oper_System_Priority, port.Partner_Oper_System, port.Partner_Oper_Key, *partner_port"
UNSELECTS_ALL = "for other in port.aggregator.ports:\n            other.select(Selected.UNSELECTED)\n"

SELECTING = (
    broken(
        "only the first port is ever selected",
        SELECTION,
        "        port.select(Selected.SELECTED if chosen else Selected.STANDBY)",
        "        chosen = chosen and port is port.aggregator.ports[0]\n"
        "        port.select(Selected.SELECTED if chosen else Selected.STANDBY)",
        "SL-01 SL-05",
        "43.3.6",
    ),
    broken(
        "the partner's system is not in the LAG ID",
        LAG,
        PARTNER,
        "port.Partner_Oper_System_Priority, bytes(6), port.Partner_Oper_Key, *partner_port",
        "SL-02",
        "43.3.6",
    ),
    broken(
        "the partner's system priority is not in the LAG ID",
        LAG,
        PARTNER,
        "0, port.Partner_Oper_System, port.Partner_Oper_Key, *partner_port",
        "SL-03",
        "43.3.6",
    ),
    broken(
        "the partner's key is not in the LAG ID",
        LAG,
        PARTNER,
        "port.Partner_Oper_System_Priority, port.Partner_Oper_System, 0, *partner_port",
        "SL-04",
        "43.3.6",
    ),
    broken(
        "the partner's port is in the LAG ID of aggregatable links",
        LAG,
        "_ANY_PORT if aggregatable else (port.Partner_Oper_Port_Priority,",
        "_ANY_PORT if not port else (port.Partner_Oper_Port_Priority,",
        "SL-05",
        "43.3.6",
    ),
    broken(
        "LACP stops on ports that are not selected",
        "core/periodic.py",
        "        or not port.port_enabled\n",
        "        or not port.port_enabled\n"
        '        or (port.Selected.name == "UNSELECTED" and not port.Actor_Oper_Port_State.Expired)\n',
        "SL-08",
        "43.4.14",
    ),
    broken(
        "a partner that changes unselects all ports",
        RECEIVE,
        "    if Identity.of(pdu.actor) != Identity.of(port.partner_information()):\n"
        "        port.select(Selected.UNSELECTED)\n",
        "    if Identity.of(pdu.actor) != Identity.of(port.partner_information()):\n        " + UNSELECTS_ALL,
        "SL-09",
        "43.4.14",
    ),
    broken(
        "a partner that falls silent unselects all ports",
        RECEIVE,
        "    if Identity.of(port.Partner_Admin) != Identity.of(port.partner_information()):\n"
        "        port.select(Selected.UNSELECTED)\n",
        "    if Identity.of(port.Partner_Admin) != Identity.of(port.partner_information()):\n        "
        + UNSELECTS_ALL,
        "SL-20",
        "43.4.14",
    ),
    broken(
        "a LAG without links keeps its place",
        SELECTION,
        "    return min(candidates, key=lambda lag: _rank(candidates[lag]))\n",
        "    return present or min(candidates, key=lambda lag: _rank(candidates[lag]))\n",
        "SL-14",
        "-",
    ),
    broken(
        "a LAG with a lower port number takes the place of its equal",
        SELECTION,
        "kept = _grade(candidates[present]) <= _grade(candidates[best])",
        "kept = _rank(candidates[present]) <= _rank(candidates[best])",
        "SL-15",
        "-",
    ),
    broken(
        "a port is not selected behind one with a higher number",
        SELECTION,
        "        port.port_enabled and port.mux_state is MuxState.DETACHED\n",
        "        port.port_enabled and port.mux_state is MuxState.DETACHED\n"
        "        and not any(other.Selected is Selected.SELECTED\n"
        "                    and other.Actor_Port_Number > port.Actor_Port_Number\n"
        "                    for other in port.aggregator.ports)\n",
        "SL-21",
        "43.4.14",
    ),
    broken(
        "a partner with a zero key or port is not heard",
        "core/intake.py",
        "            port.counters.LACPDUsRx += 1\n",
        "            if not (pdu.actor.key and pdu.actor.port):\n                raise IllegalPDU\n",
        "SL-22",
        "43.4.14",
    ),
    broken(
        "Actor_System is always the first port's",
        "core/aggregator.py",
        "        return self.system_admin.address or self.Aggregator_MAC_address\n",
        "        return self.system_admin.address or (self.ports[0].mac if self.ports else bytes(6))\n",
        "SL-23",
        "43.3.2",
    ),
    broken(
        "a port that is Individual itself shares the LAG of others",
        LAG,
        "    aggregatable = port.Actor_Oper_Port_State.Aggregation and port.Partner",
        "    aggregatable = port.Partner",
        "SL-24",
        "43.3.6",
    ),
    broken(
        "a port keeps its LAG when its own side of the LAG ID changes",
        SELECTION,
        "    return port.Selected is Selected.UNSELECTED or port.lag_id == lag\n",
        "    return True\n",
        "SL-25",
        "43.4.14.1",
    ),
    broken(
        "an outage of all links ends with a new wait",
        SELECTION,
        "        return present if _is_left(present, members) else None\n",
        "        return None\n",
        "RX-04",
        "43.4.12",
    ),
)
