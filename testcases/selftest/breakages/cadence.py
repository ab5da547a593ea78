"""LACPDUs that come too early, too late, or where none should (43.4.13, 43.4.16, 43.4.17)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def periodic(name: str, old: str, new: str, rows: str) -> Breakage:
    """The Periodic Transmission machine."""
    return Breakage(name, "core/periodic.py", old, new, tuple(rows.split()), "43.4.13")


def elsewhere(name: str, file: str, old: str, new: str, rows: str) -> Breakage:
    """What the Periodic Transmission machine depends on."""
    return Breakage(name, file, old, new, tuple(rows.split()), "43.4.13")


PERIODIC = (
    elsewhere(
        "slow period of 29 s",
        "core/constants.py",
        "Slow_Periodic_Time = 30.0",
        "Slow_Periodic_Time = 29.0",
        "PT-02",
    ),
    periodic(
        "a partner that wants the fast period waits for the slow one's end",
        "        (_SLOW_PERIODIC, _partner_short, _PERIODIC_TX),\n",
        "",
        "PT-04",
    ),
    periodic(
        "once fast, always fast",
        "    port.periodic_timer.start(now, Slow_Periodic_Time)\n",
        "    port.periodic_timer.start(now, Fast_Periodic_Time)\n",
        "PT-05",
    ),
    elsewhere(
        "the period does not follow an expiry",
        "core/receive.py",
        "    port.Partner_Oper_Port_State.LACP_Timeout = True\n",
        "",
        "PT-06",
    ),
    periodic(
        "a passive port sends as an active one",
        "not (port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity)",
        "False",
        "PT-07",
    ),
    periodic(
        "a passive port never sends",
        "(port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity)",
        "port.Actor_Oper_Port_State.LACP_Activity",
        "PT-08 PT-14",
    ),
    periodic(
        "no period when nobody answers",
        "        not port.LACP_Enabled\n",
        "        not port.LACP_Enabled\n        or port.Actor_Oper_Port_State.Defaulted\n",
        "PT-09",
    ),
    periodic(
        "LACPDUs without carrier",
        "        or not port.port_enabled\n",
        "",
        "PT-10",
    ),
    elsewhere(
        "LACP cannot be switched off",
        "core/port.py",
        "self.admin.lacp and self.full_duplex and",
        "self.full_duplex and",
        "PT-10",
    ),
    periodic(
        "the cadence ends where nothing happens for a minute",
        "    port.periodic_timer.start(now, Fast_Periodic_Time)\n",
        "    port.periodic_timer.start(now, Fast_Periodic_Time if port.counters.LACPDUsTx < 60 else 9.0)\n",
        "PT-12",
    ),
    periodic(
        "one period in fifty is short",
        "    port.periodic_timer.start(now, Fast_Periodic_Time)\n",
        "    port.periodic_timer.start(now, Fast_Periodic_Time if port.counters.LACPDUsTx % 50 else 0.5)\n",
        "PT-13",
    ),
    elsewhere(
        "the default partner is active",
        "core/port.py",
        "PARTNER_ADMIN = _nobody()\n",
        "PARTNER_ADMIN = _nobody(LACP_Activity=True)\n",
        "PT-15",
    ),
    periodic(
        "always fast for a partner that was lost once",
        "    return port.Partner_Oper_Port_State.LACP_Timeout\n",
        "    return port.Partner_Oper_Port_State.LACP_Timeout or port.debug.PartnerSyncTransitionCount > 1\n",
        "PT-16",
    ),
)

TRANSMIT = (
    Breakage(
        "an LACPDU leaves on another link now and then",
        "core/transmit.py",
        "    port.emit(Transmit(port.name, ",
        "    where = port.aggregator.ports[0] if port.counters.LACPDUsTx % 20 == 0 else port\n"
        "    port.emit(Transmit(where.name, ",
        ("TX-08",),
        "43.4.16",
    ),
    Breakage(
        "the limit counts by the second of a clock",
        "core/timer.py",
        "        if len(self._times) != self._times.maxlen:\n"
        "            return now\n"
        "        return max(now, self._times[0] + self._seconds)\n",
        "        if sum(int(time) == int(now) for time in self._times) < (self._times.maxlen or 0):\n"
        "            return now\n"
        "        return int(now) + 1.0\n",
        ("TX-01",),
        "43.4.16",
    ),
    Breakage(
        "what the limit delays is forgotten",
        "core/transmit.py",
        "    if not port.NTT or allowed_at(port, now) > now:\n        return\n",
        "    if not port.NTT or allowed_at(port, now) > now:\n        port.NTT = False\n        return\n",
        ("TX-02",),
        "43.4.16",
    ),
    Breakage(
        "what is told is a moment old",
        "core/transmit.py",
        "    return lacpdu.LACPDU(\n"
        "        actor=port.actor_information(),\n"
        "        partner=port.partner_information(),\n",
        "    told = vars(port).get('told', port.partner_information())\n"
        "    vars(port)['told'] = port.partner_information()\n"
        "    return lacpdu.LACPDU(\n"
        "        actor=port.actor_information(),\n"
        "        partner=told,\n",
        ("TX-03",),
        "43.4.16",
    ),
    Breakage(
        "no answer to a partner that knows it wrong",
        "core/receive.py",
        "    update_NTT(port, pdu)\n",
        "",
        ("TX-05",),
        "43.4.16",
    ),
    Breakage(
        "one limit for all ports",
        "core/system.py",
        "self._limits.setdefault(name, Limits())",
        "self._limits.setdefault('', Limits())",
        ("TX-10",),
        "43.4.16",
    ),
    Breakage(
        "a port that could not send once does not try again",
        "daemon/runner.py",
        "        try:\n            sock.send(output.frame)\n",
        "        if output.port in self._refusing:\n            return\n"
        "        try:\n            sock.send(output.frame)\n",
        ("TX-06",),
        "43.4.16",
        kernel=True,
    ),
    Breakage(
        "a passive port answers a passive partner",
        "core/transmit.py",
        "    if port.periodic_state is PeriodicState.NO_PERIODIC:\n",
        "    if False:\n",
        ("TX-04",),
        "43.4.16",
    ),
    Breakage(
        "LACP goes on where it is switched off",
        "core/port.py",
        "self.admin.lacp and self.full_duplex and",
        "self.full_duplex and",
        ("RX-32",),
        "43.4.12",
    ),
)


def churn(name: str, old: str, new: str, row: str, clause: str = "43.4.17") -> Breakage:
    """The Churn Detection machines."""
    return Breakage(name, "core/churn.py", old, new, (row,), clause)


CHURN = (
    churn(
        "churn declared at once",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, 0)",
        "CH-03",
    ),
    churn(
        "churn declared after 59 s",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, Churn_Detection_Time - 1)",
        "CH-01",
    ),
    churn(
        "churn declared after 61 s",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, Churn_Detection_Time + 1)",
        "CH-01",
    ),
    churn(
        "the partner's churn is the own",
        "    return port.Partner_Oper_Port_State.Synchronization\n",
        "    return port.Actor_Oper_Port_State.Synchronization\n",
        "CH-02",
    ),
    churn(
        "churn although in sync",
        "            (MONITOR, lambda port: port.port_enabled and sync(port), NO_CHURN),\n",
        "",
        "CH-04",
    ),
    churn("churn that does not end", "            (CHURN, sync, NO_CHURN),\n", "", "CH-05"),
    churn(
        "sync that is lost is not noticed",
        "            (NO_CHURN, lambda port: not sync(port), MONITOR),\n",
        "",
        "CH-06",
    ),
    churn(
        "churn goes on without carrier",
        "            (ANY, lambda port: not port.port_enabled, MONITOR),\n",
        "",
        "CH-07",
    ),
    churn(
        "churn is not counted",
        "        port.debug.count_churn(side)\n",
        "        pass\n",
        "CH-08",
        "30.7.4.1",
    ),
)

CADENCE = PERIODIC + TRANSMIT + CHURN
