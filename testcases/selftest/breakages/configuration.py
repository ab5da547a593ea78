"""What an operator, a crash or a partner without LACP leads to, and should not (43.3.14, 43.1.2, 43.4)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage

SYSTEM = "core/system.py"
APPLIED = "    for port in aggregator.ports:\n            state = port.Actor_Oper_Port_State\n"

CONFIGURATION = (
    Breakage(
        "a passive port does not become an active one",
        SYSTEM,
        'state.LACP_Activity = aggregator.admin.activity == "active"',
        'state.LACP_Activity &= aggregator.admin.activity == "active"',
        ("CF-02",),
        "43.3.14",
    ),
    Breakage(
        "the system priority is that of the first day",
        "core/aggregator.py",
        "return self.system_admin.system_priority",
        "return vars(self).setdefault('_first', self.system_admin.system_priority)",
        ("CF-03",),
        "43.3.14",
    ),
    Breakage(
        "a change at one port begins all ports anew",
        SYSTEM,
        "        port.admin = admin\n        port.NTT = True\n",
        "        port.admin = admin\n"
        "        for member in port.aggregator.ports:\n"
        "            engine.meet_partner(member, now)\n"
        "            member.NTT = True\n",
        ("CF-04",),
        "43.3.14",
    ),
    Breakage(
        "LACP stays on when it is switched off",
        "core/port.py",
        "self.admin.lacp and self.full_duplex and",
        "self.full_duplex and",
        ("CF-05",),
        "43.3.14",
    ),
    Breakage(
        "after some flaps a link stays down",
        SYSTEM,
        "        member.port_enabled = up\n",
        "        vars(member)['flaps'] = vars(member).get('flaps', 0) + 1\n"
        "        member.port_enabled = up and member.flaps < 12\n",
        ("CF-08",),
        "43.4.12",
    ),
    Breakage(
        "now and then a port leaves its LAG for no reason",
        "core/periodic.py",
        "    port.NTT = True\n",
        "    port.NTT = True\n"
        "    if port.counters.LACPDUsTx == 40:\n"
        "        port.Actor_Oper_Port_State.Distributing = False\n",
        ("CF-10",),
        "43.4",
    ),
    Breakage(
        "partners without LACP are all served",
        "core/port.py",
        'return PARTNER_ADMIN_INDIVIDUAL if admin.defaulted == "individual" else PARTNER_ADMIN',
        "return PARTNER_ADMIN_STATIC",
        ("CF-11",),
        "43.1.2",
    ),
    Breakage(
        "a partner without LACP is served although it should not be",
        "core/selection.py",
        'if admin.defaulted == "individual" and',
        "if False and",
        ("CF-11",),
        "43.1.2",
    ),
    Breakage(
        "after a crash no data is carried",
        "daemon/datapath/choice.py",
        '    if wanted == "python":\n',
        "    if True:\n",
        ("CF-07",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash a passive port is an active one",
        "core/snapshot.py",
        "    put(port, port, said, _OTHER_PORT)\n",
        "    put(port, port, said, _OTHER_PORT)\n    port.Actor_Oper_Port_State.LACP_Activity = True\n",
        ("CF-06",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash it says that data flows, and carries none",
        "core/snapshot.py",
        "        aggregator.emit(Assign(aggregator.name, buckets, name))\n",
        "        aggregator.emit(Assign(aggregator.name, buckets, None))\n",
        ("CF-06",),
        "-",
        kernel=True,
    ),
    Breakage(
        "after a crash it says that no data flows, and carries it",
        "core/snapshot.py",
        "    put(port, port, said, _OTHER_PORT)\n",
        "    put(port, port, said, _OTHER_PORT)\n"
        "    port.Actor_Oper_Port_State.Synchronization = port.Actor_Oper_Port_State.Distributing = False\n",
        ("CF-06",),
        "-",
        kernel=True,
    ),
)
