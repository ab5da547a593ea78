"""A host that is reached by OpenSSH's own server and by nothing else, and the tester that it is wired to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from harness.net.packet_socket import in_namespace
from testcases.selftest.host import ip
from testcases.selftest.openssh import Server, server

T = TypeVar("T")
ADDRESS = "198.51.100.1"


class Pair(NamedTuple):
    """Namespaces of the host and of the tester, and the server on the host."""

    host: str
    tester: str
    server: Server

    def connect(self, make: Callable[[], T]) -> T:
        """Make a connection from the tester's namespace, in which threads stay that are started there."""
        return in_namespace(self.tester, make)

    def sessions(self) -> list[int]:
        """The server's processes of connections."""
        pid = self.server.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def cut(self, *, for_good: bool = False) -> None:
        """End all connections, as they are; ``for_good``: no other is taken."""
        sessions = self.sessions()
        if for_good:
            self.server.process.kill()
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)

    def fall_silent(self) -> None:
        """All connections stay, and nothing comes of them any more; those made from now on are well."""
        for pid in self.sessions():
            os.kill(pid, signal.SIGSTOP)

    def links(self) -> list[str]:
        """The host's interfaces."""
        return [link["ifname"] for link in json.loads(ip("-n", self.host, "-json", "link", "show"))]


@contextmanager
def pair(name: str, folder: Path, wires: Sequence[tuple[str, str]] = ()) -> Iterator[Pair]:
    """With wires between them, each a port of the host's and one of the tester's. Gone afterwards."""
    host, tester = f"{name}-h", f"{name}-t"
    for each in (host, tester):
        ip("netns", "add", each)
        ip("-n", each, "link", "set", "lo", "up")
        still = ["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"]
        subprocess.run(["ip", "netns", "exec", each, *still], check=True, timeout=30)
    try:
        for near, far in (*wires, ("m-host", "m-tester")):
            ip("-n", host, "link", "add", near, "up", "type", "veth", "peer", far, "netns", tester)
            ip("-n", tester, "link", "set", far, "up")
        ip("-n", host, "address", "add", f"{ADDRESS}/24", "dev", "m-host")
        ip("-n", tester, "address", "add", "198.51.100.2/24", "dev", "m-tester")
        with server(host, ADDRESS, folder) as made:
            yield Pair(host, tester, made)
    finally:
        for each in (host, tester):
            ip("netns", "delete", each)
