"""Machines that do what they should not (43.4.12 to 43.4.16, 43.5)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def timeout(name: str, wrong: float, words: str, row: str) -> Breakage:
    """Short or Long_Timeout_Time is another."""
    right = {"Short": 3.0, "Long": 90.0}[name]
    return Breakage(
        name=f"{name.lower()} timeout {words}",
        file="core/constants.py",
        old=f"{name}_Timeout_Time = {right}",
        new=f"{name}_Timeout_Time = {wrong}",
        rows=(row,),
        clause="43.4.12",
    )


BEHAVIOUR = (
    Breakage(
        name="no Marker responder",
        file="core/intake.py",
        old="        _respond(port, now, received)\n",
        new="        return\n",
        rows=("MK-01", "MK-06"),
        clause="43.5.4",
    ),
    Breakage(
        name="period taken from the own Timeout bit",
        file="core/periodic.py",
        old="    return port.Partner_Oper_Port_State.LACP_Timeout\n",
        new="    return port.Actor_Oper_Port_State.LACP_Timeout\n",
        rows=("PT-03",),
        clause="43.4.13",
    ),
    Breakage(
        name="Synchronization not cleared at carrier loss",
        file="core/receive.py",
        old="_PORT_DISABLED: (_lose_synchronization, _stop),",
        new="_PORT_DISABLED: (_stop,),",
        rows=("RX-03",),
        clause="43.4.12",
    ),
    Breakage(
        name="Synchronization kept through carrier loss and link up",
        file="core/receive.py",
        old="    port.Partner_Oper_Port_State.Synchronization = False\n",
        new="    pass\n",
        rows=("RX-03", "RX-07"),
        clause="43.4.12",
    ),
    Breakage(
        name="no 2 s wait",
        file="core/mux.py",
        old="port.wait_while_timer.start(now, Aggregate_Wait_Time)",
        new="port.wait_while_timer.start(now, 0.0)",
        rows=("MX-02",),
        clause="43.4.15",
    ),
    Breakage(
        name="more than three PDUs a second",
        file="core/constants.py",
        old="LACPDU_LIMIT = 3",
        new="LACPDU_LIMIT = 4",
        rows=("TX-01",),
        clause="43.4.16",
    ),
    Breakage(
        name="data sent before Distributing",
        file="core/mux.py",
        old="    port.Actor_Oper_Port_State.Collecting = True\n    _stop_distributing(port, now)\n",
        new="    port.Actor_Oper_Port_State.Collecting = True\n    Enable_Distributing(port)\n",
        rows=("MX-07",),
        clause="43.4.15",
    ),
    timeout("Short", 2.0, "1 s early", "RX-09"),
    timeout("Short", 4.0, "1 s late", "RX-09"),
    timeout("Long", 89.0, "1 s early", "RX-10"),
    timeout("Long", 91.0, "1 s late", "RX-10"),
    Breakage(
        name="expired state skipped",
        file="core/receive.py",
        old="(_CURRENT, _timed_out, _EXPIRED)",
        new="(_CURRENT, _timed_out, _DEFAULTED)",
        rows=("RX-06", "RX-08", "RX-09"),
        clause="43.4.12",
    ),
    Breakage(
        name="period of 1.4 s",
        file="core/constants.py",
        old="Fast_Periodic_Time = 1.0",
        new="Fast_Periodic_Time = 1.4",
        rows=("PT-01",),
        clause="43.4.13",
    ),
    Breakage(
        name="period of 0.6 s",
        file="core/constants.py",
        old="Fast_Periodic_Time = 1.0",
        new="Fast_Periodic_Time = 0.6",
        rows=("PT-01",),
        clause="43.4.13",
    ),
    Breakage(
        name="each LACPDU four times, at link up too",
        file="core/transmit.py",
        old="    port.emit(Transmit(",
        new="    for _ in range(4):\n        port.emit(Transmit(",
        rows=("TX-07",),
        clause="43.4.16",
    ),
    Breakage(
        name="a long timeout is advertised only after a new attachment",
        file="core/system.py",
        old='state.LACP_Timeout = aggregator.admin.timeout == "short"',
        new='state.LACP_Timeout |= aggregator.admin.timeout == "short"',
        rows=("CF-01", "LF-23"),
        clause="43.3.14",
    ),
)
