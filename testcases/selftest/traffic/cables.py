"""veth cables x0 - y0, x1 - y1 ... between two namespaces."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.net.packet_socket import in_namespace
from testcases.selftest.host import ip

PATIENCE = 60.0
"""Seconds that a link may take; none of a veth pair does."""

_DISABLE_IPV6 = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")


def _wait_until_it_passes(host: str) -> None:
    """The kernel drops frames without a word between carrier and operational state."""
    deadline = time.monotonic() + PATIENCE
    while True:
        said = subprocess.run(
            ["ip", "-n", host, "-j", "link", "show", "up"], check=True, capture_output=True
        ).stdout
        if all(link["operstate"] in ("UP", "UNKNOWN") for link in json.loads(said) if link):
            return
        assert time.monotonic() < deadline, said


@contextmanager
def cables(near: str, far: str, count: int, mtu: int = 1500) -> Iterator[None]:
    """So many cables, and the namespaces, while the block runs; ``mtu`` in octets."""
    for host in (near, far):
        ip("netns", "add", host)
        in_namespace(host, lambda: _DISABLE_IPV6.write_text("1"))
    try:
        for n in range(count):
            ip("link", "add", f"x{n}", "netns", near, "type", "veth", "peer", f"y{n}", "netns", far)
            ip("-n", near, "link", "set", f"x{n}", "mtu", str(mtu), "up")
            ip("-n", far, "link", "set", f"y{n}", "mtu", str(mtu), "up")
        ip("-n", near, "link", "set", "lo", "up")
        for host in (near, far):
            _wait_until_it_passes(host)
        yield
    finally:
        for host in (near, far):
            ip("netns", "delete", host)
