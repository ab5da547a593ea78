"""The Mux machine as it should not be, figure by figure (43.4.8, 43.4.15)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage, Change

MUX = "core/mux.py"

MACHINES = (
    broken(
        "a port that is attached again goes on collecting",
        MUX,
        "_attach",
        "_stop_collecting(port, now)",
        "",
        "MX-09 MX-14",
        "43.4.15",
    ),
    broken(
        "what is received is delivered though Collecting is over",
        MUX,
        "Disable_Collecting",
        "port.collecting",
        "False",
        "MX-14",
        "43.4.15",
    ),
    broken(
        "Collecting is said before it is so",
        MUX,
        "_collect",
        "Enable_Collecting(port)",
        "",
        "MX-15",
        "43.4.15",
    ),
    broken(
        "data is sent though Distributing is over",
        MUX,
        "_stop_distributing",
        "Disable_Distributing(port)",
        "",
        "MX-16",
        "43.4.15",
    ),
    broken(
        "coupled control waits for a partner that collects",
        MUX,
        "COUPLED_CONTROL",
        "partner_in_sync",
        "partner_collects",
        "MX-20",
        "43.4.15",
    ),
    broken(
        "a port that waits takes attached ones out",
        MUX,
        "_wait",
        "port.wait_while_timer.start(now, Aggregate_Wait_Time)",
        """\
port.wait_while_timer.start(now, Aggregate_Wait_Time)
for other in port.aggregator.ports:
    if other.collecting:
        other.select(Selected.UNSELECTED)""",
        "MX-22",
        "43.4.8",
    ),
    broken(
        "each port attaches when its own wait is over",
        MUX,
        "ready",
        "port.aggregator.Ready",
        "port.Ready_N",
        "MX-03",
        "43.4.8",
    ),
    broken(
        "a port that was removed is waited for",
        "core/variables.py",
        "Aggregator.Ready",
        "return bool(waiting) and all(port.Ready_N for port in waiting)",
        """\
waited = vars(self).setdefault("waited", [])
waited += [port for port in waiting if port not in waited]
waited[:] = [port for port in waited if not port.Actor_Oper_Port_State.Synchronization]
return bool(waiting) and all(port.Ready_N for port in waited)""",
        "MX-23",
        "43.4.8",
    ),
    broken(
        "no NTT in DETACHED",
        MUX,
        "_detach",
        "port.NTT = True",
        "",
        "MX-01",
        "43.4.15",
    ),
    Breakage(
        "a wait goes on through DETACHED",
        MUX,
        "_detach",
        "port.wait_while_timer.stop()",
        "",
        ("MX-04",),
        "43.4.15",
        also=(
            Change(
                "_wait",
                "port.wait_while_timer.start(now, Aggregate_Wait_Time)",
                """\
if port.wait_while_timer.deadline is None and not port.wait_while_timer.expired:
    port.wait_while_timer.start(now, Aggregate_Wait_Time)""",
            ),
        ),
    ),
    broken(
        "the partner's Synchronization does not count",
        MUX,
        "partner_in_sync",
        "port.Selected is Selected.SELECTED and port.Partner_Oper_Port_State.Synchronization",
        "port.Selected is Selected.SELECTED",
        "MX-05 MX-11",
        "43.4.15",
    ),
    broken(
        "no NTT in COLLECTING",
        MUX,
        "_collect",
        "port.NTT = True",
        "",
        "MX-06 MX-18",
        "43.4.15",
    ),
    broken(
        "Distributing never follows Collecting",
        MUX,
        "partner_collects",
        "partner_in_sync.holds(port) and port.Partner_Oper_Port_State.Collecting",
        "False",
        "MX-08",
        "43.4.15",
    ),
    broken(
        "Distributing does not end when the partner stops collecting",
        MUX,
        "partner_does_not_collect",
        "not partner_collects.holds(port)",
        "not partner_in_sync.holds(port)",
        "MX-10",
        "43.4.15",
    ),
    broken(
        "a port that lost its partner's Synchronization is detached",
        MUX,
        "INDEPENDENT_CONTROL",
        "(_COLLECTING, partner_not_in_sync, _ATTACHED)",
        "(_COLLECTING, partner_not_in_sync, _DETACHED)",
        "MX-11 MX-12",
        "43.4.15",
    ),
    broken(
        "no wait but the first one",
        MUX,
        "_wait",
        "Aggregate_Wait_Time",
        "0.0 if port.debug.ActorSyncTransitionCount else Aggregate_Wait_Time",
        "MX-13",
        "43.4.15",
    ),
    broken(
        "Distributing is said on when it is over",
        MUX,
        "_stop_distributing",
        "port.Actor_Oper_Port_State.Distributing = False",
        "",
        "MX-19",
        "43.4.15",
    ),
    broken(
        "each LACPDU starts the wait again",
        "core/receive.py",
        "update_Selected",
        "Identity.of(pdu.actor) != Identity.of(port.partner_information())",
        "port.mux_state.name == 'WAITING'"
        " or Identity.of(pdu.actor) != Identity.of(port.partner_information())",
        "MX-21",
        "43.4.15",
    ),
)
