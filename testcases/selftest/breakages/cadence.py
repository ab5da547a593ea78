"""LACPDUs that come too early, too late, or where none should (43.4.13, 43.4.16, 43.4.17)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage, Change


def periodic(name: str, place: str, old: str, new: str, rows: str) -> Breakage:
    """The Periodic Transmission machine."""
    return Breakage(name, "core/periodic.py", place, old, new, tuple(rows.split()), "43.4.13")


def elsewhere(name: str, file: str, place: str, old: str, new: str, rows: str) -> Breakage:
    """What the Periodic Transmission machine depends on."""
    return Breakage(name, file, place, old, new, tuple(rows.split()), "43.4.13")


PERIODIC = (
    elsewhere(
        "slow period of 29 s",
        "core/constants.py",
        "Slow_Periodic_Time",
        "30.0",
        "29.0",
        "PT-02",
    ),
    periodic(
        "a partner that wants the fast period waits for the slow one's end",
        "PERIODIC",
        "(_SLOW_PERIODIC, partner_short, _PERIODIC_TX)",
        "",
        "PT-04",
    ),
    periodic(
        "once fast, always fast",
        "_start_slow",
        "port.periodic_timer.start(now, Slow_Periodic_Time)",
        "port.periodic_timer.start(now, Fast_Periodic_Time)",
        "PT-05",
    ),
    elsewhere(
        "the period does not follow an expiry",
        "core/receive.py",
        "_expire",
        "port.Partner_Oper_Port_State.LACP_Timeout = True",
        "",
        "PT-06",
    ),
    periodic(
        "a passive port sends as an active one",
        "no_periodic",
        "not (port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity)",
        "False",
        "PT-07",
    ),
    periodic(
        "a passive port never sends",
        "no_periodic",
        "port.Actor_Oper_Port_State.LACP_Activity or port.Partner_Oper_Port_State.LACP_Activity",
        "port.Actor_Oper_Port_State.LACP_Activity",
        "PT-08 PT-14",
    ),
    periodic(
        "no period when nobody answers",
        "no_periodic",
        "not port.LACP_Enabled",
        "not port.LACP_Enabled or port.Actor_Oper_Port_State.Defaulted",
        "PT-09",
    ),
    periodic(
        "LACPDUs without carrier",
        "no_periodic",
        "not port.port_enabled",
        "",
        "PT-10",
    ),
    elsewhere(
        "LACP cannot be switched off",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.full_duplex and not self.aggregator.admin.link1",
        "PT-10",
    ),
    periodic(
        "the cadence ends where nothing happens for a minute",
        "_start_fast",
        "Fast_Periodic_Time",
        "Fast_Periodic_Time if port.counters.LACPDUsTx < 60 else 9.0",
        "PT-12",
    ),
    periodic(
        "one period in fifty is short",
        "_start_fast",
        "Fast_Periodic_Time",
        "Fast_Periodic_Time if port.counters.LACPDUsTx % 50 else 0.5",
        "PT-13",
    ),
    elsewhere(
        "the default partner is active",
        "core/variables.py",
        "PARTNER_ADMIN",
        "PortState()",
        "PortState(LACP_Activity=True)",
        "PT-15",
    ),
    periodic(
        "a period of 0.4 s in EXPIRED",
        "_start_fast",
        "Fast_Periodic_Time",
        "0.4 if port.Actor_Oper_Port_State.Expired else Fast_Periodic_Time",
        "PT-06 PT-09",
    ),
    periodic(
        "always fast for a partner that was lost once",
        "partner_short",
        "port.Partner_Oper_Port_State.LACP_Timeout",
        "port.Partner_Oper_Port_State.LACP_Timeout or port.debug.PartnerSyncTransitionCount > 1",
        "PT-16",
    ),
)

TRANSMIT = (
    Breakage(
        "an LACPDU leaves on another link now and then",
        "core/transmit.py",
        "transmit",
        "port.emit(Transmit(port.name, lacpdu.encode(_pdu(port), source=port.mac)))",
        """\
where = port.aggregator.ports[0] if port.counters.LACPDUsTx % 20 == 0 else port
port.emit(Transmit(where.name, lacpdu.encode(_pdu(port), source=port.mac)))""",
        ("TX-08",),
        "43.4.16",
    ),
    Breakage(
        "the limit counts by the second of a clock",
        "core/timer.py",
        "RateLimit.allowed_at",
        "len(self._times) != self._times.maxlen",
        "sum(int(time) == int(now) for time in self._times) < (self._times.maxlen or 0)",
        ("TX-01",),
        "43.4.16",
        also=(
            Change(
                "RateLimit.allowed_at",
                "return max(now, self._times[0] + self._seconds)",
                "return int(now) + 1.0",
            ),
        ),
    ),
    Breakage(
        "what the limit delays is forgotten",
        "core/transmit.py",
        "transmit",
        "return",
        """\
port.NTT = False
return""",
        ("TX-02",),
        "43.4.16",
    ),
    Breakage(
        "what is told is a moment old",
        "core/transmit.py",
        "_pdu",
        """\
return lacpdu.LACPDU(
    actor=port.actor_information(),
    partner=port.partner_information(),
    collector_max_delay=port.aggregator.admin.collector_max_delay,
)""",
        """\
told = vars(port).get("told", port.partner_information())
vars(port)["told"] = port.partner_information()
return lacpdu.LACPDU(
    actor=port.actor_information(),
    partner=told,
    collector_max_delay=port.aggregator.admin.collector_max_delay,
)""",
        ("TX-03",),
        "43.4.16",
    ),
    Breakage(
        "no answer to a partner that knows it wrong",
        "core/receive.py",
        "_record",
        "update_NTT(port, pdu)",
        "",
        ("TX-05",),
        "43.4.16",
    ),
    Breakage(
        "one limit for all ports",
        "core/system.py",
        "System.add_port",
        "limits = self._limits_of(name, wire)",
        "limits = self._limits[name] = next(iter(self._limits.values()), Limits())",
        ("TX-10",),
        "43.4.16",
    ),
    Breakage(
        "a port that could not send once does not try again",
        "daemon/runner.py",
        "CoreRunner._transmit",
        "intake = self._intakes.get(output.port)",
        """\
intake = self._intakes.get(output.port)
if output.port in self._refusing:
    return""",
        ("TX-06",),
        "43.4.16",
        kernel=True,
    ),
    Breakage(
        "a passive port answers a passive partner",
        "core/transmit.py",
        "transmit",
        "port.periodic_state is PeriodicState.NO_PERIODIC",
        "False",
        ("TX-04",),
        "43.4.16",
    ),
    Breakage(
        "LACP goes on where it is switched off",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.full_duplex and not self.aggregator.admin.link1",
        ("RX-32",),
        "43.4.12",
    ),
)


def churn(name: str, place: str, old: str, new: str, row: str, clause: str = "43.4.17") -> Breakage:
    """The Churn Detection machines."""
    return Breakage(name, "core/churn.py", place, old, new, (row,), clause)


CHURN = (
    churn(
        "churn declared at once",
        "_machine.monitor",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, 0)",
        "CH-03",
    ),
    churn(
        "churn declared after 59 s",
        "_machine.monitor",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, Churn_Detection_Time - 1)",
        "CH-01",
    ),
    churn(
        "churn declared after 61 s",
        "_machine.monitor",
        "timer(port).start(now, Churn_Detection_Time)",
        "timer(port).start(now, Churn_Detection_Time + 1)",
        "CH-01",
    ),
    churn(
        "the partner's churn is the own",
        "_partner_state",
        "return port.Partner_Oper_Port_State",
        "return port.Actor_Oper_Port_State",
        "CH-02",
    ),
    churn(
        "churn although in sync",
        "_machine",
        "(MONITOR, enabled_in_sync, NO_CHURN)",
        "",
        "CH-04",
    ),
    churn(
        "churn that does not end",
        "_machine",
        "(CHURN, in_sync, NO_CHURN)",
        "",
        "CH-05",
    ),
    churn(
        "sync that is lost is not noticed",
        "_machine",
        "(NO_CHURN, out_of_sync, MONITOR)",
        "",
        "CH-06",
    ),
    churn(
        "churn goes on without carrier",
        "_machine",
        "(ANY, port_disabled, MONITOR)",
        "",
        "CH-07",
    ),
    churn(
        "churn is not counted",
        "_machine.churn",
        "port.debug.count_churn(side)",
        "pass",
        "CH-08",
        "30.7.4.1",
    ),
)

CADENCE = PERIODIC + TRANSMIT + CHURN
