"""Receive machines and LACPDU decoders that do what they should not (43.4.8, 43.4.9, 43.4.12)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

RECEIVE = "core/receive.py"
CODEC = "core/lacpdu.py"

PARTNER_DIFFERS = "    if Identity.of(pdu.actor) != Identity.of(port.partner_information()):\n"
ECHO_DIFFERS = "    if Identity.of(known) != Identity.of(actual) or any(\n"
BITS = '("LACP_Activity", "LACP_Timeout", "Synchronization")'
MAINTAINED = "port.Actor_Oper_Port_State.LACP_Activity and pdu.partner.state.LACP_Activity"
RECORD = "    update_Selected(port, pdu)\n    update_NTT(port, pdu)\n    recordPDU(port, pdu)\n"
TOO_SHORT = "    if len(frame) < _NEEDED:\n"

STATES = (
    broken(
        "a port that begins is in sync",
        "core/mux.py",
        "    port.Actor_Oper_Port_State.Synchronization = False\n",
        "    port.Actor_Oper_Port_State.Synchronization = True\n",
        "RX-01",
        "43.4.12",
    ),
    broken(
        "what came without carrier is heard when there is carrier again",
        "core/clockwork.py",
        "                port.received = None  # not taken",
        "                pass  # not taken",
        "RX-02",
        "43.4.12",
    ),
    broken(
        "the partner is forgotten with the carrier",
        RECEIVE,
        "_PORT_DISABLED: (_lose_synchronization, _stop),",
        "_PORT_DISABLED: (_default, _stop),",
        "RX-04 RX-41",
        "43.4.12",
    ),
    broken(
        "a link that comes up is DEFAULTED",
        RECEIVE,
        "port.port_enabled and port.LACP_Enabled, _EXPIRED)",
        "port.port_enabled and port.LACP_Enabled, _DEFAULTED)",
        "RX-05",
        "43.4.12",
    ),
    broken(
        "the partner's Timeout stays in EXPIRED",
        RECEIVE,
        "    port.Partner_Oper_Port_State.LACP_Timeout = True\n",
        "",
        "RX-42",
        "43.4.12",
    ),
    broken(
        "the partner is in sync in EXPIRED",
        RECEIVE,
        "_EXPIRED: (_lose_synchronization, _expire),",
        "_EXPIRED: (_expire,),",
        "RX-07",
        "43.4.12",
    ),
    broken(
        "the timeout is the partner's",
        RECEIVE,
        "Short_Timeout_Time if port.Actor_Oper_Port_State.LACP_Timeout else",
        "Short_Timeout_Time if port.Partner_Oper_Port_State.LACP_Timeout else",
        "RX-11",
        "43.4.12",
    ),
    broken(
        "EXPIRED lasts 1 s less",
        RECEIVE,
        "port.current_while_timer.start(now, Short_Timeout_Time)",
        "port.current_while_timer.start(now, Short_Timeout_Time - 1.0)",
        "RX-12",
        "43.4.12",
    ),
    broken(
        "EXPIRED lasts 1 s more",
        RECEIVE,
        "port.current_while_timer.start(now, Short_Timeout_Time)",
        "port.current_while_timer.start(now, Short_Timeout_Time + 1.0)",
        "RX-12",
        "43.4.12",
    ),
    broken(
        "a DEFAULTED port still says who its partner was",
        RECEIVE,
        "    port.set_partner(port.Partner_Admin)\n",
        "",
        "RX-13",
        "43.4.12",
    ),
    broken(
        "no wait for a partner that was heard before",
        "core/mux.py",
        "port.wait_while_timer.start(now, Aggregate_Wait_Time)",
        "port.wait_while_timer.start(now, 0.0 if port.debug.PartnerChangeCount else Aggregate_Wait_Time)",
        "RX-14",
        "43.4.12",
    ),
    broken(
        "an EXPIRED port hears nothing",
        RECEIVE,
        "        (_EXPIRED, _received, _CURRENT),\n",
        "",
        "RX-15",
        "43.4.12",
    ),
    broken(
        "a DEFAULTED port hears nothing",
        RECEIVE,
        "        (_DEFAULTED, _received, _CURRENT),\n",
        "",
        "RX-16",
        "43.4.12",
    ),
    broken(
        "EXPIRED ends the LAG",
        RECEIVE,
        "    port.Actor_Oper_Port_State.Expired = True\n",
        "    port.Actor_Oper_Port_State.Expired = True\n    port.select(Selected.UNSELECTED)\n",
        "RX-39",
        "43.4.12",
    ),
    broken(
        "an LACPDU that knows nothing right does not restart the timeout",
        RECEIVE,
        "    port.current_while_timer.start(now, timeout(port))\n",
        "    if _matched(port, pdu):\n        port.current_while_timer.start(now, timeout(port))\n",
        "RX-38",
        "43.4.12",
    ),
    broken(
        "a Marker restarts the timeout",
        "core/intake.py",
        "        port.counters.MarkerPDUsRx += 1\n",
        "        port.counters.MarkerPDUsRx += 1\n        port.current_while_timer.start(now, 3.0)\n",
        "RX-38",
        "43.4.12",
    ),
    broken(
        "a timeout that becomes short counts at once",
        "core/system.py",
        '            state.LACP_Timeout = aggregator.admin.timeout == "short"\n',
        '            state.LACP_Timeout = aggregator.admin.timeout == "short"\n'
        "            if state.LACP_Timeout and port.current_while_timer.deadline:\n"
        "                port.current_while_timer.start(self._clockwork.now, 3.0)\n",
        "RX-40",
        "43.4.12",
    ),
    broken(
        "LACP runs where it is off",
        "core/port.py",
        "self.admin.lacp and self.full_duplex and",
        "self.full_duplex and",
        "RX-32",
        "43.4.12",
    ),
    broken(
        "what was known before LACP was off is known after it",
        RECEIVE,
        "    port.select(Selected.UNSELECTED)\n    recordDefault(port)\n    if not",
        "    port.select(Selected.UNSELECTED)\n    if not",
        "RX-32",
        "43.4.12",
    ),
    broken(
        "nobody sees that a partner has moved",
        "core/clockwork.py",
        "                other.port_moved = True\n",
        "                pass\n",
        "RX-33",
        "43.4.8",
    ),
    broken(
        "a port that hears itself ends the LAG of the others",
        "core/selection.py",
        "if _looped(port) else None",
        "if any(map(_looped, port.aggregator.ports)) else None",
        "RX-34",
        "43.4.14.1",
    ),
)

FUNCTIONS = (
    broken(
        "any echo matches",
        RECEIVE,
        "    return Identity.of(pdu.partner) == Identity.of(port.actor_information())\n",
        "    return True\n",
        "RX-17",
        "43.4.9",
    ),
    broken(
        "a partner is in sync that does not say so",
        RECEIVE,
        "        pdu.actor.state.Synchronization\n        and (",
        "        (",
        "RX-17",
        "43.4.9",
    ),
    broken(
        "an Individual partner must know us",
        RECEIVE,
        "(_matched(port, pdu) or not pdu.actor.state.Aggregation)",
        "_matched(port, pdu)",
        "RX-18",
        "43.4.9",
    ),
    broken(
        "a link is maintained by two passive ends",
        RECEIVE,
        "    return pdu.actor.state.LACP_Activity or (\n",
        "    return True or (\n",
        "RX-19",
        "43.4.9",
    ),
    broken(
        "a link is maintained by an end that the other takes for passive",
        RECEIVE,
        MAINTAINED,
        "port.Actor_Oper_Port_State.LACP_Activity",
        "RX-37",
        "43.4.9",
    ),
    broken(
        "a link is not maintained by us",
        RECEIVE,
        MAINTAINED,
        "False",
        "RX-37",
        "43.4.9",
    ),
    broken(
        "a port stays Defaulted",
        RECEIVE,
        "    port.Actor_Oper_Port_State.Defaulted = False\n",
        "",
        "RX-20",
        "43.4.9",
    ),
    broken(
        "a wrong identity is not answered",
        RECEIVE,
        ECHO_DIFFERS,
        "    if any(\n",
        "RX-21",
        "43.4.9",
    ),
    *(
        broken(
            f"a wrong {bit} is not answered",
            RECEIVE,
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
        ECHO_DIFFERS,
        ECHO_DIFFERS.replace("if ", "if port.counters.LACPDUsRx % 16 == 0 or "),
        "RX-23",
        "43.4.9",
    ),
    *(
        broken(
            f"a wrong {bit} is answered",
            RECEIVE,
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
        PARTNER_DIFFERS,
        "    if pdu.actor.key != port.Partner_Oper_Key:\n",
        "RX-24",
        "43.4.9",
    ),
    *(
        broken(
            f"a partner with another {bit} is another one",
            RECEIVE,
            PARTNER_DIFFERS,
            PARTNER_DIFFERS.replace(
                "if ", f"if pdu.actor.state.{bit} != port.Partner_Oper_Port_State.{bit} or "
            ),
            "RX-36",
            "43.4.9",
        )
        for bit in ("LACP_Activity", "LACP_Timeout", "Collecting", "Distributing", "Defaulted", "Expired")
    ),
    broken(
        "another Collector_Max_Delay is another partner",
        RECEIVE,
        PARTNER_DIFFERS,
        PARTNER_DIFFERS.replace("if ", "if pdu.collector_max_delay != port.Partner_Collector_Max_Delay or "),
        "RX-36",
        "43.4.9",
    ),
    broken(
        "another partner is recorded when it is selected for",
        RECEIVE,
        RECORD,
        RECORD.replace(
            "    recordPDU",
            "    if port.Actor_Oper_Port_State.Defaulted or port.Selected is not Selected.UNSELECTED:\n"
            "        recordPDU",
        ),
        "RX-25",
        "43.4.12",
    ),
)

DECODING = (
    broken(
        "the version is checked",
        CODEC,
        TOO_SHORT,
        '    if frame[15:16] != b"\\1" or len(frame) < _NEEDED:\n',
        "RX-26",
        "43.4.12",
    ),
    broken(
        "TLV types are checked",
        CODEC,
        "    if length != expected_length:\n",
        "    if length != expected_length or frame[position] != 1 + position // _PARTNER_AT:\n",
        "RX-27",
        "43.4.12",
    ),
    broken(
        "reserved octets are checked",
        CODEC,
        TOO_SHORT,
        "    if len(frame) < _NEEDED or any(frame[_NEEDED + 2 :]):\n",
        "RX-28",
        "43.4.12",
    ),
    broken(
        "with a wrong length half of the Information is taken",
        CODEC,
        '        raise IllegalPDU(f"Information length {length} at octet {position + 1}, '
        '{expected_length} expected")\n',
        "        system = bytes(6)\n",
        "RX-29",
        "43.4.12",
    ),
    broken(
        "of an LACPDU that is cut short something is made up",
        CODEC,
        '        raise IllegalPDU(f"LACPDU of {len(frame)} octets, {_NEEDED} needed")\n',
        "        frame = frame[:20] + bytes(6) + frame[26:58] + bytes(16)\n",
        "RX-30",
        "43.4.12",
    ),
    broken(
        "an LACPDU that is cut short is not counted as illegal",
        "core/intake.py",
        "        kind = Kind.ILLEGAL\n",
        "        kind = Kind.UNKNOWN\n",
        "RX-30",
        "43.4.12",
    ),
)

RECEIVING = STATES + FUNCTIONS + DECODING
