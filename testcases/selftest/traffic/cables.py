"""veth cables x0 - y0, x1 - y1 ... between two namespaces."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bench.sockets import in_namespace

_DISABLE_IPV6 = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")


def ip(*words: str) -> None:
    """Run ip."""
    subprocess.run(["ip", *words], check=True)


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
        yield
    finally:
        for host in (near, far):
            ip("netns", "delete", host)
