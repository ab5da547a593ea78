"""Bridges over agr0: their spanning tree hears BPDUs through it, and sees a loop (43.2.9, 802.1D)."""

from __future__ import annotations

import json

from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import wait_until

# Of the kernel's bridge, in hundredths of a second: as short as it takes them.
TIMES = ("hello_time", "100", "forward_delay", "200", "max_age", "600")


def bridged(host: Namespace) -> None:
    """A bridge with spanning tree over agr0 and x0."""
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0")
    host.run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "1", *TIMES)
    for port in ("agr0", "x0"):
        host.run("ip", "link", "set", port, "up", "master", "br0")
    host.run("ip", "link", "set", "br0", "up")


def states(*hosts: Namespace) -> list[str]:
    """Of the ports of their bridges, sorted."""
    shown = [link for host in hosts for link in json.loads(host.run("bridge", "-json", "link", "show"))]
    return sorted(link["state"] for link in shown)


def test_a_loop_beside_a_lag_is_seen(lab: Lab, data_path: str) -> None:
    """A cable beside the LAG: one port of the four blocks; without BPDUs on agr0 none would."""
    ends = lab.host(), lab.host()
    for port in ("re0", "x0"):
        lab.wire(ends[0], port, ends[1], port)
    for end in ends:
        end.data_path = data_path
        bridged(end)
    wait_until(lambda: states(*ends) == ["blocking", *["forwarding"] * 3], "one port blocks", 60)
