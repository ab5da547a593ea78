"""LAG IDs, and the LAG that is served, as they should not be (43.3.2, 43.3.6, 43.4.14, 43.4.14.1)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

LAG = "core/lag.py"
SELECTION = "core/selection.py"
RECEIVE = "core/receive.py"

UNSELECT_ALL = """\
for other in port.aggregator.ports:
    other.select(Selected.UNSELECTED)"""

SELECTING = (
    broken(
        "a port that hears itself is in a LAG with itself",
        SELECTION,
        "_looped",
        "other.Actor_Port_Number <= port.Actor_Port_Number",
        "other.Actor_Port_Number < port.Actor_Port_Number",
        "SL-10",
        "43.4.14.1",
    ),
    broken(
        "only the first port is ever selected",
        SELECTION,
        "_select_port",
        "port.selected_lag_id = lag",
        """\
port.selected_lag_id = lag
chosen = chosen and port is port.aggregator.ports[0]""",
        "SL-01 SL-05",
        "43.3.6",
    ),
    broken(
        "the partner's system is not in the LAG ID",
        LAG,
        "lag_id",
        "_end(partner, aggregatable)",
        "_end(partner, aggregatable)._replace(system=bytes(6))",
        "SL-02",
        "43.3.6",
    ),
    broken(
        "the partner's system priority is not in the LAG ID",
        LAG,
        "lag_id",
        "_end(partner, aggregatable)",
        "_end(partner, aggregatable)._replace(system_priority=0)",
        "SL-03",
        "43.3.6",
    ),
    broken(
        "the partner's key is not in the LAG ID",
        LAG,
        "lag_id",
        "_end(partner, aggregatable)",
        "_end(partner, aggregatable)._replace(key=0)",
        "SL-04",
        "43.3.6",
    ),
    broken(
        "the partner's port is in the LAG ID of aggregatable links",
        LAG,
        "lag_id",
        "_end(partner, aggregatable)",
        "_end(partner, False)",
        "SL-05",
        "43.3.6",
    ),
    broken(
        "LACP stops on ports that are not selected",
        "core/periodic.py",
        "no_periodic",
        "not port.port_enabled",
        "not port.port_enabled"
        " or (port.Selected.name == 'UNSELECTED' and not port.Actor_Oper_Port_State.Expired)",
        "SL-08",
        "43.4.14",
    ),
    broken(
        "a partner that changes unselects all ports",
        RECEIVE,
        "update_Selected",
        "port.select(Selected.UNSELECTED)",
        UNSELECT_ALL,
        "SL-09",
        "43.4.14",
    ),
    broken(
        "a partner that falls silent unselects all ports",
        RECEIVE,
        "update_Default_Selected",
        "port.select(Selected.UNSELECTED)",
        UNSELECT_ALL,
        "SL-20",
        "43.4.14",
    ),
    broken(
        "a port stays in the LAG of a partner that fell silent",
        RECEIVE,
        "_default",
        "update_Default_Selected(port)\nrecordDefault(port)",
        "port.Partner_Oper_Port_State.Synchronization = True",
        "SL-20",
        "43.4.14",
    ),
    broken(
        "a port of a LAG that is not used says that it distributes",
        "core/transmit.py",
        "_pdu",
        "return lacpdu.LACPDU(actor=port.actor_information(), partner=port.partner_information(),"
        " collector_max_delay=port.aggregator.admin.collector_max_delay)",
        """\
actor = port.actor_information()
if port.Selected.name == 'UNSELECTED' and not port.Actor_Oper_Port_State.Defaulted:
    actor.state.Distributing = True
return lacpdu.LACPDU(actor=actor, partner=port.partner_information(),
    collector_max_delay=port.aggregator.admin.collector_max_delay)""",
        "SL-16",
        "43.4.14",
    ),
    broken(
        "a LAG without links keeps its place",
        SELECTION,
        "_lag_to_serve",
        "return min(candidates, key=lambda lag: _rank(candidates[lag]))",
        "return present or min(candidates, key=lambda lag: _rank(candidates[lag]))",
        "SL-14",
        "-",
    ),
    broken(
        "a LAG with a lower port number takes the place of its equal",
        SELECTION,
        "_lag_to_serve",
        "kept = _grade(candidates[present]) <= _grade(candidates[best])",
        "kept = _rank(candidates[present]) <= _rank(candidates[best])",
        "SL-15",
        "-",
    ),
    broken(
        "a port is not selected behind one with a higher number",
        SELECTION,
        "_select_port",
        "port.port_enabled and port.mux_state is MuxState.DETACHED",
        """\
port.port_enabled and port.mux_state is MuxState.DETACHED and not any(
    other.Selected is Selected.SELECTED and other.Actor_Port_Number > port.Actor_Port_Number
    for other in port.aggregator.ports
)""",
        "SL-21",
        "43.4.14",
    ),
    broken(
        "a partner with a zero key or port is not heard",
        "core/control_parser.py",
        "accept",
        "port.counters.LACPDUsRx += 1",
        """\
if not (pdu.actor.key and pdu.actor.port):
    raise IllegalPDU""",
        "SL-22",
        "43.4.14",
    ),
    broken(
        "Actor_System is always the first port's",
        "core/variables.py",
        "Aggregator.address",
        "return self.system_admin.address or self.Aggregator_MAC_address",
        "return self.system_admin.address or (self.ports[0].mac if self.ports else bytes(6))",
        "SL-23",
        "43.3.2",
    ),
    broken(
        "a port that is Individual itself shares the LAG of others",
        LAG,
        "lag_id",
        "actor.state.Aggregation and partner.state.Aggregation",
        "partner.state.Aggregation",
        "SL-24",
        "43.3.6",
    ),
    broken(
        "a port keeps its LAG when its own side of the LAG ID changes",
        SELECTION,
        "_belongs",
        "return port.Selected is Selected.UNSELECTED or port.selected_lag_id == lag",
        "return True",
        "SL-25",
        "43.4.14.1",
    ),
    broken(
        "an outage of all links ends with a new wait",
        SELECTION,
        "_lag_to_serve",
        "return present if _is_left(present, members) else None",
        "return None",
        "RX-04",
        "43.4.12",
    ),
)
