"""The Mux machine as it should not be, figure by figure (43.4.8, 43.4.15)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

MUX = "core/mux.py"

DETACH_AND_WAIT = (
    "    port.wait_while_timer.stop()\n    port.NTT = True\n\n\n"
    "def _wait(port: Port, now: float) -> None:\n"
    "    port.wait_while_timer.start(now, Aggregate_Wait_Time)\n"
)
IN_SYNC = "    return port.Selected is Selected.SELECTED and port.Partner_Oper_Port_State.Synchronization\n"
LOST_SYNC = "        (_COLLECTING, _partner_not_in_sync, _ATTACHED),\n"

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
        "no NTT in DETACHED",
        MUX,
        DETACH_AND_WAIT,
        DETACH_AND_WAIT.replace("    port.NTT = True\n", ""),
        "MX-01",
        "43.4.15",
    ),
    broken(
        "a wait goes on through DETACHED",
        MUX,
        DETACH_AND_WAIT,
        "    port.NTT = True\n\n\n"
        "def _wait(port: Port, now: float) -> None:\n"
        "    if port.wait_while_timer.deadline is None and not port.wait_while_timer.expired:\n"
        "        port.wait_while_timer.start(now, Aggregate_Wait_Time)\n",
        "MX-04",
        "43.4.15",
    ),
    broken(
        "the partner's Synchronization does not count",
        MUX,
        IN_SYNC,
        "    return port.Selected is Selected.SELECTED\n",
        "MX-05 MX-11",
        "43.4.15",
    ),
    broken(
        "no NTT in COLLECTING",
        MUX,
        "    _stop_distributing(port, now)\n    port.NTT = True\n\n\ndef _distribute",
        "    _stop_distributing(port, now)\n\n\ndef _distribute",
        "MX-06 MX-18",
        "43.4.15",
    ),
    broken(
        "Distributing never follows Collecting",
        MUX,
        "    return _partner_in_sync(port) and port.Partner_Oper_Port_State.Collecting\n",
        "    return False\n",
        "MX-08",
        "43.4.15",
    ),
    broken(
        "Distributing does not end when the partner stops collecting",
        MUX,
        "    return not _partner_collects(port)\n",
        "    return not _partner_in_sync(port)\n",
        "MX-10",
        "43.4.15",
    ),
    broken(
        "a port that lost its partner's Synchronization is detached",
        MUX,
        LOST_SYNC,
        LOST_SYNC.replace("_ATTACHED", "_DETACHED"),
        "MX-11 MX-12",
        "43.4.15",
    ),
    broken(
        "no wait but the first one",
        MUX,
        "port.wait_while_timer.start(now, Aggregate_Wait_Time)",
        "port.wait_while_timer.start(\n"
        "        now, 0.0 if port.debug.ActorSyncTransitionCount else Aggregate_Wait_Time\n    )",
        "MX-13",
        "43.4.15",
    ),
    broken(
        "Distributing is said on when it is over",
        MUX,
        "    Disable_Distributing(port)\n    port.Actor_Oper_Port_State.Distributing = False\n",
        "    Disable_Distributing(port)\n",
        "MX-19",
        "43.4.15",
    ),
    broken(
        "each LACPDU starts the wait again",
        "core/receive.py",
        "    if Identity.of(pdu.actor) != Identity.of(port.partner_information()):\n",
        '    if port.mux_state.name == "WAITING" or Identity.of(pdu.actor) != Identity.of(\n'
        "        port.partner_information()\n    ):\n",
        "MX-21",
        "43.4.15",
    ),
)
