"""Machines that do what they should not (43.4.12 to 43.4.16, 43.5)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def timeout(name: str, wrong: float, words: str, row: str) -> Breakage:
    """Short or Long_Timeout_Time is another."""
    right = {"Short": 3.0, "Long": 90.0}[name]
    return Breakage(
        name=f"{name.lower()} timeout {words}",
        file="core/constants.py",
        place=f"{name}_Timeout_Time",
        old=f"{right}",
        new=f"{wrong}",
        rows=(row,),
        clause="43.4.12",
    )


BEHAVIOUR = (
    Breakage(
        name="no Marker responder",
        file="core/control_parser.py",
        place="_accept_marker",
        old="marker.respond(port, now, received)",
        new="return",
        rows=("MK-01", "MK-06"),
        clause="43.5.4",
    ),
    Breakage(
        name="period taken from the own Timeout bit",
        file="core/periodic.py",
        place="partner_short",
        old="port.Partner_Oper_Port_State.LACP_Timeout",
        new="port.Actor_Oper_Port_State.LACP_Timeout",
        rows=("PT-03",),
        clause="43.4.13",
    ),
    Breakage(
        name="Synchronization not cleared at carrier loss",
        file="core/receive.py",
        place="RECEIVE",
        old="(_lose_synchronization, _stop)",
        new="(_stop,)",
        rows=("RX-03",),
        clause="43.4.12",
    ),
    Breakage(
        name="Synchronization kept through carrier loss and link up",
        file="core/receive.py",
        place="_lose_synchronization",
        old="port.Partner_Oper_Port_State.Synchronization = False",
        new="pass",
        rows=("RX-03", "RX-07"),
        clause="43.4.12",
    ),
    Breakage(
        name="no 2 s wait",
        file="core/mux.py",
        place="_wait",
        old="port.wait_while_timer.start(now, Aggregate_Wait_Time)",
        new="port.wait_while_timer.start(now, 0.0)",
        rows=("MX-02",),
        clause="43.4.15",
    ),
    Breakage(
        name="more than three PDUs a second",
        file="core/constants.py",
        place="LACPDU_LIMIT",
        old="3",
        new="4",
        rows=("TX-01",),
        clause="43.4.16",
    ),
    Breakage(
        name="four LACPDUs within 0.8 s",
        file="core/variables.py",
        place="Limits.__init__",
        old="RateLimit(LACPDU_LIMIT, window)",
        new="RateLimit(LACPDU_LIMIT, 0.8)",
        rows=("TX-01",),
        clause="43.4.16",
    ),
    Breakage(
        name="data sent before Distributing",
        file="core/mux.py",
        place="_collect",
        old="_stop_distributing(port, now)",
        new="Enable_Distributing(port)",
        rows=("MX-07",),
        clause="43.4.15",
    ),
    timeout("Short", 2.6, "0.4 s early", "RX-09"),
    timeout("Short", 3.6, "0.6 s late", "RX-09"),
    timeout("Long", 89.6, "0.4 s early", "RX-10"),
    timeout("Long", 90.6, "0.6 s late", "RX-10"),
    Breakage(
        name="expired state skipped",
        file="core/receive.py",
        place="RECEIVE",
        old="(_CURRENT, timed_out, _EXPIRED)",
        new="(_CURRENT, timed_out, _DEFAULTED)",
        rows=("RX-06", "RX-08", "RX-09"),
        clause="43.4.12",
    ),
    Breakage(
        name="period of 1.4 s",
        file="core/constants.py",
        place="Fast_Periodic_Time",
        old="1.0",
        new="1.4",
        rows=("PT-01",),
        clause="43.4.13",
    ),
    Breakage(
        name="period of 0.6 s",
        file="core/constants.py",
        place="Fast_Periodic_Time",
        old="1.0",
        new="0.6",
        rows=("PT-01",),
        clause="43.4.13",
    ),
    Breakage(
        name="each LACPDU four times, at link up too",
        file="core/transmit.py",
        place="transmit",
        old="port.emit(Transmit(port.name, lacpdu.encode(_pdu(port), source=port.mac)))",
        new="""\
for _ in range(4):
    port.emit(Transmit(port.name, lacpdu.encode(_pdu(port), source=port.mac)))""",
        rows=("TX-07",),
        clause="43.4.16",
    ),
    Breakage(
        name="a long timeout is advertised only after a new attachment",
        file="core/system.py",
        place="System._apply_admin",
        old="state.LACP_Timeout = admin.LACP_Timeout",
        new="state.LACP_Timeout |= admin.LACP_Timeout",
        rows=("CF-01", "LF-23"),
        clause="43.3.14",
    ),
)
