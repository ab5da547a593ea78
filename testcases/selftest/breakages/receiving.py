"""Receive machines and LACPDU decoders that do what they should not (43.4.8, 43.4.9, 43.4.12)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

RECEIVE = "core/receive.py"
CODEC = "core/lacpdu.py"

PARTNER_DIFFERS = "Identity.of(pdu.actor) != Identity.of(port.partner_information())"
ECHO_DIFFERS = "Identity.of(known) != Identity.of(actual)"
BITS = '("LACP_Activity", "LACP_Timeout", "Synchronization")'

STATES = (
    broken(
        "a port that begins is in sync",
        "core/variables.py",
        "Port.__init__",
        "self.Actor_Oper_Port_State = PortState()",
        "self.Actor_Oper_Port_State = PortState(Synchronization=True)",
        "RX-01",
        "43.4.12",
    ),
    broken(
        "links without LACP may be in one LAG",
        RECEIVE,
        "_disable_LACP",
        "port.Partner_Oper_Port_State.Aggregation = False",
        "port.Partner_Oper_Port_State.Aggregation = True",
        "RX-32",
        "43.4.12 LACP_DISABLED",
    ),
    broken(
        "what came without carrier is heard when there is carrier again",
        "core/engine.py",
        "Engine.receive",
        "not port.port_enabled or not port.LACP_Enabled",
        "False",
        "RX-02",
        "43.4.12",
    ),
    broken(
        "a silent partner is in sync again when EXPIRED is over",
        RECEIVE,
        "_default",
        "update_Default_Selected(port)\nrecordDefault(port)",
        "port.Partner_Oper_Port_State.Synchronization = any(port.Partner_Oper_System)",
        "RX-03",
        "43.4.12",
    ),
    broken(
        "the partner is forgotten with the carrier",
        RECEIVE,
        "RECEIVE",
        "(_lose_synchronization, _stop)",
        "(_default, _stop)",
        "RX-04 RX-41",
        "43.4.12",
    ),
    broken(
        "a link that comes up is DEFAULTED",
        RECEIVE,
        "RECEIVE",
        "(_PORT_DISABLED, LACP_enabled, _EXPIRED)",
        "(_PORT_DISABLED, LACP_enabled, _DEFAULTED)",
        "RX-05",
        "43.4.12",
    ),
    broken(
        "the partner's Timeout stays in EXPIRED",
        RECEIVE,
        "_expire",
        "port.Partner_Oper_Port_State.LACP_Timeout = True",
        "",
        "RX-42",
        "43.4.12",
    ),
    broken(
        "the partner is in sync in EXPIRED",
        RECEIVE,
        "RECEIVE",
        "(_lose_synchronization, _expire)",
        "(_expire,)",
        "RX-07",
        "43.4.12",
    ),
    broken(
        "the timeout is the partner's",
        RECEIVE,
        "timeout",
        "port.Actor_Oper_Port_State",
        "port.Partner_Oper_Port_State",
        "RX-11",
        "43.4.12",
    ),
    broken(
        "EXPIRED lasts 1 s less",
        RECEIVE,
        "_expire",
        "port.current_while_timer.start(now, Short_Timeout_Time)",
        "port.current_while_timer.start(now, Short_Timeout_Time - 1.0)",
        "RX-12",
        "43.4.12",
    ),
    broken(
        "EXPIRED lasts 1 s less where nobody was ever heard",
        RECEIVE,
        "_expire",
        "port.current_while_timer.start(now, Short_Timeout_Time)",
        "port.current_while_timer.start(now, Short_Timeout_Time - 0.99 * (port.debug.LastRxTime is None))",
        "RX-12",
        "43.4.12",
    ),
    broken(
        "EXPIRED lasts 1 s more",
        RECEIVE,
        "_expire",
        "port.current_while_timer.start(now, Short_Timeout_Time)",
        "port.current_while_timer.start(now, Short_Timeout_Time + 1.0)",
        "RX-12",
        "43.4.12",
    ),
    broken(
        "a DEFAULTED port still says who its partner was",
        RECEIVE,
        "recordDefault",
        "port.set_partner(port.Partner_Admin)",
        "",
        "RX-13",
        "43.4.12",
    ),
    broken(
        "no wait for a partner that was heard before",
        "core/mux.py",
        "_wait",
        "Aggregate_Wait_Time",
        "0.0 if port.debug.PartnerChangeCount else Aggregate_Wait_Time",
        "RX-14",
        "43.4.12",
    ),
    broken(
        "an EXPIRED port hears nothing",
        RECEIVE,
        "RECEIVE",
        "(_EXPIRED, received, _CURRENT)",
        "",
        "RX-15",
        "43.4.12",
    ),
    broken(
        "a DEFAULTED port hears nothing",
        RECEIVE,
        "RECEIVE",
        "(_DEFAULTED, received, _CURRENT)",
        "",
        "RX-16",
        "43.4.12",
    ),
    broken(
        "EXPIRED ends the LAG",
        RECEIVE,
        "_expire",
        "port.Actor_Oper_Port_State.Expired = True",
        """\
port.Actor_Oper_Port_State.Expired = True
port.select(Selected.UNSELECTED)""",
        "RX-39",
        "43.4.12",
    ),
    broken(
        "an LACPDU that knows nothing right does not restart the timeout",
        RECEIVE,
        "_record",
        "port.current_while_timer.start(now, timeout(port))",
        """\
if _matched(port, pdu):
    port.current_while_timer.start(now, timeout(port))""",
        "RX-38",
        "43.4.12",
    ),
    broken(
        "a Marker restarts the timeout",
        "core/control_parser.py",
        "_accept_marker",
        "port.counters.MarkerPDUsRx += 1",
        """\
port.counters.MarkerPDUsRx += 1
port.current_while_timer.start(now, 3.0)""",
        "RX-38",
        "43.4.12",
    ),
    broken(
        "a timeout that becomes short counts at once",
        "core/system.py",
        "System._apply_admin",
        "state.LACP_Timeout = admin.LACP_Timeout",
        """\
state.LACP_Timeout = admin.LACP_Timeout
if state.LACP_Timeout and port.current_while_timer.deadline:
    port.current_while_timer.start(self._engine.now, 3.0)""",
        "RX-40",
        "43.4.12",
    ),
    broken(
        "LACP runs where it is off",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.full_duplex and not self.aggregator.admin.link1",
        "RX-32",
        "43.4.12",
    ),
    broken(
        "what was known before LACP was off is known after it",
        RECEIVE,
        "_disable_LACP",
        "recordDefault(port)",
        "",
        "RX-32",
        "43.4.12",
    ),
    broken(
        "nobody sees that a partner has moved",
        "core/engine.py",
        "Engine.receive",
        "other.port_moved = True",
        "pass",
        "RX-33",
        "43.4.8",
    ),
    broken(
        "a port that hears itself ends the LAG of the others",
        "core/selection.py",
        "refusal",
        "_looped(port)",
        "any(map(_looped, port.aggregator.ports))",
        "RX-34",
        "43.4.14.1",
    ),
)

FUNCTIONS = (
    broken(
        "any echo matches",
        RECEIVE,
        "_matched",
        "return Identity.of(pdu.partner) == Identity.of(port.actor_information())",
        "return True",
        "RX-17",
        "43.4.9",
    ),
    broken(
        "a partner is in sync that does not say so",
        RECEIVE,
        "recordPDU",
        "pdu.actor.state.Synchronization",
        "",
        "RX-17",
        "43.4.9",
    ),
    broken(
        "an Individual partner must know us",
        RECEIVE,
        "recordPDU",
        "_matched(port, pdu) or not pdu.actor.state.Aggregation",
        "_matched(port, pdu)",
        "RX-18",
        "43.4.9",
    ),
    broken(
        "a link is maintained by two passive ends",
        RECEIVE,
        "_actively_maintained",
        "pdu.actor.state.LACP_Activity",
        "True",
        "RX-19",
        "43.4.9",
    ),
    broken(
        "a link is maintained by an end that the other takes for passive",
        RECEIVE,
        "_actively_maintained",
        "port.Actor_Oper_Port_State.LACP_Activity and pdu.partner.state.LACP_Activity",
        "port.Actor_Oper_Port_State.LACP_Activity",
        "RX-37",
        "43.4.9",
    ),
    broken(
        "a link is not maintained by us",
        RECEIVE,
        "_actively_maintained",
        "port.Actor_Oper_Port_State.LACP_Activity and pdu.partner.state.LACP_Activity",
        "False",
        "RX-37",
        "43.4.9",
    ),
    broken(
        "a port stays Defaulted",
        RECEIVE,
        "recordPDU",
        "port.Actor_Oper_Port_State.Defaulted = False",
        "",
        "RX-20",
        "43.4.9",
    ),
    broken(
        "a wrong identity is not answered",
        RECEIVE,
        "update_NTT",
        ECHO_DIFFERS,
        "",
        "RX-21",
        "43.4.9",
    ),
    *(
        broken(
            f"a wrong {bit} is not answered",
            RECEIVE,
            "update_NTT",
            BITS,
            BITS.replace(f'"{bit}"', '"Aggregation"'),
            "RX-22",
            "43.4.9",
        )
        for bit in ("LACP_Activity", "LACP_Timeout", "Synchronization")
    ),
    broken(
        "one LACPDU in sixteen is answered, though nothing is wrong",
        RECEIVE,
        "update_NTT",
        ECHO_DIFFERS,
        f"port.counters.LACPDUsRx % 16 == 0 or {ECHO_DIFFERS}",
        "RX-23",
        "43.4.9",
    ),
    *(
        broken(
            f"a wrong {bit} is answered",
            RECEIVE,
            "update_NTT",
            BITS,
            BITS.replace(")", f', "{bit}")'),
            "RX-35",
            "43.4.9",
        )
        for bit in ("Collecting", "Distributing", "Defaulted", "Expired")
    ),
    broken(
        "a partner is another one by its key alone",
        RECEIVE,
        "update_Selected",
        PARTNER_DIFFERS,
        "pdu.actor.key != port.Partner_Oper_Key",
        "RX-24",
        "43.4.9",
    ),
    *(
        broken(
            f"a partner with another {bit} is another one",
            RECEIVE,
            "update_Selected",
            PARTNER_DIFFERS,
            f"pdu.actor.state.{bit} != port.Partner_Oper_Port_State.{bit} or {PARTNER_DIFFERS}",
            "RX-36",
            "43.4.9",
        )
        for bit in ("LACP_Activity", "LACP_Timeout", "Collecting", "Distributing", "Defaulted", "Expired")
    ),
    broken(
        "another Collector_Max_Delay is another partner",
        RECEIVE,
        "update_Selected",
        PARTNER_DIFFERS,
        f"pdu.collector_max_delay != port.Partner_Collector_Max_Delay or {PARTNER_DIFFERS}",
        "RX-36",
        "43.4.9",
    ),
    broken(
        "another partner is recorded when it is selected for",
        RECEIVE,
        "_record",
        "recordPDU(port, pdu)",
        """\
if port.Actor_Oper_Port_State.Defaulted or port.Selected is not Selected.UNSELECTED:
    recordPDU(port, pdu)""",
        "RX-25",
        "43.4.12",
    ),
)

DECODING = (
    broken(
        "the version is checked",
        CODEC,
        "decode",
        "len(frame) < _NEEDED",
        "frame[15:16] != b'\\x01' or len(frame) < _NEEDED",
        "RX-26",
        "43.4.12",
    ),
    broken(
        "TLV types are checked",
        CODEC,
        "_decode_information",
        "length != expected_length",
        "length != expected_length or frame[position] != 1 + position // _PARTNER_AT",
        "RX-27",
        "43.4.12",
    ),
    broken(
        "reserved octets are checked",
        CODEC,
        "decode",
        "len(frame) < _NEEDED",
        "len(frame) < _NEEDED or any(frame[_NEEDED + 2:])",
        "RX-28",
        "43.4.12",
    ),
    broken(
        "with a wrong length half of the Information is taken",
        CODEC,
        "_decode_information",
        """\
raise IllegalPDU(f"Information length {length} at octet {position + 1}, {expected_length} expected")""",
        "system = bytes(6)",
        "RX-29",
        "43.4.12",
    ),
    broken(
        "of an LACPDU that is cut short something is made up",
        CODEC,
        "decode",
        "raise IllegalPDU(f'LACPDU of {len(frame)} octets, {_NEEDED} needed')",
        "frame = frame[:20] + bytes(6) + frame[26:58] + bytes(16)",
        "RX-30",
        "43.4.12",
    ),
    broken(
        "an LACPDU that is cut short is not counted as illegal",
        "core/control_parser.py",
        "accept",
        "kind = Kind.ILLEGAL",
        "kind = Kind.UNKNOWN",
        "RX-30",
        "43.4.12",
    ),
)

RECEIVING = STATES + FUNCTIONS + DECODING
