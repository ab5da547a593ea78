"""What agr(4) promises, not kept: defaults, addresses, links that are used, status, what is given back."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

SYSTEM_ID = "        return self.system_admin.address or self.Aggregator_MAC_address\n"
TURNS = "    turns = (targets or over) if aggregator.admin.link0 else None\n"
ACTOR = '"actor": _information(port.actor_information())'


def on_a_host(name: str, file: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """As `broken`, where kernel interfaces show it."""
    return Breakage(name, file, old, new, tuple(rows.split()), clause, kernel=True)


MANUAL = (
    broken(
        "the address of the aggregate is the last port's",
        "core/aggregator.py",
        SYSTEM_ID,
        "        return self.system_admin.address or (self.ports[-1].mac if self.ports else bytes(6))\n",
        "AG-05",
        "BUGS",
    ),
    broken(
        "the short timeout is the default",
        "core/admin.py",
        '    timeout: str = "long"\n',
        '    timeout: str = "short"\n',
        "AG-12",
        "BUGS",
    ),
    broken(
        "link0 changes nothing",
        "core/redistribution.py",
        "    turns = (state.targets or state.over) if aggregator.admin.link0 else None\n",
        "    turns = None\n",
        "AG-10",
        "link0",
    ),
    broken(
        "all traffic on the first link",
        "core/redistribution.py",
        TURNS,
        "    targets = targets[:1]\n" + TURNS,
        "AG-02",
        "EXAMPLES",
    ),
    on_a_host(
        "the status tells the partner's values as the own",
        "core/status.py",
        ACTOR,
        ACTOR.replace("port.actor", "port.partner"),
        "MG-05",
        "30.7",
    ),
    on_a_host(
        "the status tells of ports in other words",
        "cli/status.py",
        "agrport: {port}, flags=",
        "port {port}, flags=",
        "AG-17",
        "ifconfig(8)",
    ),
    on_a_host(
        "a port that left is promiscuous for ever",
        "daemon/reception.py",
        "    if not found.promiscuous:\n",
        "    if False:\n",
        "AG-03",
        "EXAMPLES",
    ),
    on_a_host(
        "a port with an address is taken",
        "daemon/members.py",
        "    if addresses:\n",
        "    if False:\n",
        "AG-07",
        "BUGS",
    ),
)
