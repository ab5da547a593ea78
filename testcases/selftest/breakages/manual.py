"""What agr(4) promises, not kept: defaults, addresses, links that are used, status, what is given back."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage


def on_a_host(name: str, file: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """As `broken`, where kernel interfaces show it."""
    return Breakage(name, file, place, old, new, tuple(rows.split()), clause, kernel=True)


REFUSAL = """\
    all_of_them = " and ".join(addresses)
    raise Refusal(
        errno.EBUSY,
        f"{name} has the address {all_of_them}: remove it first (ip address flush dev {name})",
    )
"""

MANUAL = (
    broken(
        "the address of the aggregate is the last port's",
        "core/variables.py",
        "Aggregator.address",
        "return self.system_admin.address or self.Aggregator_MAC_address",
        "return self.system_admin.address or (self.ports[-1].mac if self.ports else bytes(6))",
        "AG-05",
        "BUGS",
    ),
    broken(
        "the short timeout is the default",
        "core/admin.py",
        "AggregatorAdmin",
        "timeout: str = 'long'",
        "timeout: str = 'short'",
        "AG-12",
        "BUGS",
    ),
    broken(
        "link0 changes nothing",
        "core/redistribution.py",
        "_take_turns",
        "turns = aggregator.moves.carriers if aggregator.admin.link0 else None",
        "turns = None",
        "AG-10",
        "link0",
    ),
    broken(
        "all traffic on the first link",
        "core/redistribution.py",
        "_aim",
        "state.targets = tuple(port for port in state.distributing if port not in detaching)",
        "state.targets = tuple(port for port in state.distributing if port not in detaching)[:1]",
        "AG-02",
        "EXAMPLES",
    ),
    on_a_host(
        "the status tells the partner's values as the own",
        "core/status.py",
        "_port_status",
        "port.actor_information",
        "port.partner_information",
        "MG-05",
        "30.7",
    ),
    on_a_host(
        "the status tells of ports in other words",
        "cli/status.py",
        "_aggregate",
        "yield f'\\tagrport: {port}, flags={_flags(bits, _PORT_FLAGS)}'",
        "yield f'\\tport {port}, flags={_flags(bits, _PORT_FLAGS)}'",
        "AG-17",
        "ifconfig(8)",
    ),
    on_a_host(
        "a port that left is promiscuous for ever",
        "daemon/reception.py",
        "restore",
        "not found.promiscuous",
        "False",
        "AG-03",
        "EXAMPLES",
    ),
    on_a_host(
        "a port with an address is taken",
        "daemon/members.py",
        "examine",
        f"if addresses:\n{REFUSAL}",
        f"if False:\n{REFUSAL}",
        "AG-07",
        "BUGS",
    ),
)
