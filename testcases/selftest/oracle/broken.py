"""Deliberate breakages of agr's core that the oracle must find within its default budget."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(name: str, file: str, place: str, old: str, new: str, clause: str) -> Breakage:
    """One place of one file of the core is another."""
    return Breakage(name, f"core/{file}", place, old, new, (), clause)


BROKEN = (
    broken(
        "an EXPIRED port does not take its partner for fast",
        "receive.py",
        "_expire",
        "port.Partner_Oper_Port_State.LACP_Timeout = True",
        "pass",
        "43.4.12",
    ),
    broken(
        "a partner that knows the port wrong is in sync",
        "receive.py",
        "recordPDU",
        "_matched(port, pdu) or not pdu.actor.state.Aggregation",
        "True",
        "43.4.9",
    ),
    broken(
        "a partner that knows Synchronization wrong is not told",
        "receive.py",
        "update_NTT",
        "('LACP_Activity', 'LACP_Timeout', 'Synchronization')",
        "('LACP_Activity', 'LACP_Timeout')",
        "43.4.9",
    ),
    broken(
        "a port that lost its carrier is in sync still",
        "receive.py",
        "RECEIVE",
        "(_lose_synchronization, _stop)",
        "(_stop,)",
        "43.4.12",
    ),
    broken(
        "Distributing does not wait for the partner to collect",
        "mux.py",
        "partner_collects",
        "partner_in_sync.holds(port) and port.Partner_Oper_Port_State.Collecting",
        "partner_in_sync.holds(port)",
        "43.4.15",
    ),
    broken(
        "one port that has waited is enough",
        "variables.py",
        "Aggregator.Ready",
        "return bool(waiting) and all(port.Ready_N for port in waiting)",
        "return bool(waiting) and any(port.Ready_N for port in waiting)",
        "43.4.8",
    ),
    broken(
        "going slow begins with another fast period",
        "periodic.py",
        "_start_slow",
        "port.periodic_timer.start(now, Slow_Periodic_Time)",
        "port.periodic_timer.start(now, Slow_Periodic_Time + Fast_Periodic_Time)",
        "43.4.13",
    ),
    broken("four LACPDUs in a second", "constants.py", "LACPDU_LIMIT", "3", "4", "43.4.16"),
    broken(
        "churn is seen a second late",
        "constants.py",
        "Churn_Detection_Time",
        "60.0",
        "61.0",
        "43.4.17",
    ),
    broken(
        "the System of lower priority decides",
        "lag.py",
        "LagId.actor_decides",
        "return self.actor <= self.partner",
        "return self.actor >= self.partner",
        "43.6.1",
    ),
)
