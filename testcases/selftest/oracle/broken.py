"""Deliberate breakages of agr's core that the oracle must find within its default budget."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(name: str, file: str, old: str, new: str, clause: str) -> Breakage:
    """A line or less of one file of the core is another."""
    return Breakage(name, f"core/{file}", old, new, (), clause)


BROKEN = (
    broken(
        "an EXPIRED port does not take its partner for fast",
        "receive.py",
        "    port.Partner_Oper_Port_State.LACP_Timeout = True\n",
        "    pass\n",
        "43.4.12",
    ),
    broken(
        "a partner that knows the port wrong is in sync",
        "receive.py",
        "and (_matched(port, pdu) or not pdu.actor.state.Aggregation)",
        "and True",
        "43.4.9",
    ),
    broken(
        "a partner that knows Synchronization wrong is not told",
        "receive.py",
        '"LACP_Activity", "LACP_Timeout", "Synchronization"',
        '"LACP_Activity", "LACP_Timeout"',
        "43.4.9",
    ),
    broken(
        "a port that lost its carrier is in sync still",
        "receive.py",
        "        _PORT_DISABLED: (_lose_synchronization, _stop),\n",
        "        _PORT_DISABLED: (_stop,),\n",
        "43.4.12",
    ),
    broken(
        "Distributing does not wait for the partner to collect",
        "mux.py",
        "    return _partner_in_sync(port) and port.Partner_Oper_Port_State.Collecting\n",
        "    return _partner_in_sync(port)\n",
        "43.4.15",
    ),
    broken(
        "one port that has waited is enough",
        "aggregator.py",
        "all(port.Ready_N for port in waiting)",
        "any(port.Ready_N for port in waiting)",
        "43.4.8",
    ),
    broken(
        "going slow begins with another fast period",
        "periodic.py",
        "    port.periodic_timer.start(now, Slow_Periodic_Time)\n",
        "    port.periodic_timer.start(now, Slow_Periodic_Time + Fast_Periodic_Time)\n",
        "43.4.13",
    ),
    broken("four LACPDUs in a second", "constants.py", "LACPDU_LIMIT = 3\n", "LACPDU_LIMIT = 4\n", "43.4.16"),
    broken(
        "churn is seen a second late",
        "constants.py",
        "Churn_Detection_Time = 60.0\n",
        "Churn_Detection_Time = 61.0\n",
        "43.4.17",
    ),
    broken(
        "the System of lower priority decides",
        "lag.py",
        "return self.actor <= self.partner",
        "return self.actor >= self.partner",
        "43.6.1",
    ),
)
