"""What an operator, a crash or a partner without LACP leads to, and should not (43.3.14, 43.1.2, 43.4)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage

SYSTEM = "core/system.py"

CONFIGURATION = (
    Breakage(
        "a passive port does not become an active one",
        SYSTEM,
        "System._apply_admin",
        "state.LACP_Activity = admin.LACP_Activity",
        "state.LACP_Activity &= admin.LACP_Activity",
        ("CF-02",),
        "43.3.14",
    ),
    Breakage(
        "the system priority is that of the first day",
        "core/variables.py",
        "Aggregator.Actor_System_Priority",
        "return self.system_admin.system_priority",
        "return vars(self).setdefault('_first', self.system_admin.system_priority)",
        ("CF-03",),
        "43.3.14",
    ),
    Breakage(
        "a change at one port begins all ports anew",
        SYSTEM,
        "System._configure_port",
        "port.NTT = True",
        """\
for member in port.aggregator.ports:
    initialize(member, now)
    member.NTT = True""",
        ("CF-04",),
        "43.3.14",
    ),
    Breakage(
        "LACP stays on when it is switched off",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.full_duplex and not self.aggregator.admin.link1",
        ("CF-05",),
        "43.3.14",
    ),
    Breakage(
        "after some flaps a link stays down",
        SYSTEM,
        "System.set_link",
        "member.port_enabled = up",
        """\
vars(member)['flaps'] = vars(member).get('flaps', 0) + 1
member.port_enabled = up and member.flaps < 12""",
        ("CF-08",),
        "43.4.12",
    ),
    Breakage(
        "now and then a port leaves its LAG for no reason",
        "core/periodic.py",
        "_need_to_transmit",
        "port.NTT = True",
        """\
port.NTT = True
if port.counters.LACPDUsTx == 40:
    port.Actor_Oper_Port_State.Distributing = False""",
        ("CF-10",),
        "43.4",
    ),
    Breakage(
        "partners without LACP are all served",
        "core/variables.py",
        "Port._partner_admin_state",
        "PARTNER_ADMIN_INDIVIDUAL if admin.defaulted == 'individual' else PARTNER_ADMIN",
        "PARTNER_ADMIN_STATIC",
        ("CF-11",),
        "43.1.2",
    ),
    Breakage(
        "a partner without LACP is served although it should not be",
        "core/selection.py",
        "_refusal_without_partner",
        "admin.defaulted == 'individual'",
        "False",
        ("CF-11",),
        "43.1.2",
    ),
    Breakage(
        "after a crash no data is carried",
        "daemon/datapath/choice.py",
        "choose",
        "wanted == 'python'",
        "True",
        ("CF-07",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash a passive port is an active one",
        "core/snapshot.py",
        "_load_port",
        "put(port, port, saved, _OTHER_PORT)",
        """\
put(port, port, saved, _OTHER_PORT)
port.Actor_Oper_Port_State.LACP_Activity = True""",
        ("CF-06",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash it says that data flows, and carries none",
        "core/snapshot.py",
        "announce",
        "aggregator.emit(Assign(aggregator.name, buckets, name))",
        "aggregator.emit(Assign(aggregator.name, buckets, None))",
        ("CF-06",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash it says that no data flows, and carries it",
        "core/snapshot.py",
        "_load_port",
        "put(port, port, saved, _OTHER_PORT)",
        """\
put(port, port, saved, _OTHER_PORT)
port.Actor_Oper_Port_State.Synchronization = port.Actor_Oper_Port_State.Distributing = False""",
        ("CF-06",),
        "-",
        kernel=True,
    ),
)
