"""Network namespaces with a real agrd in each, wires between them, and raw sockets on their interfaces."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agr.cli.client import Client, NotRunning
from agr.control.rundir import RunDirectory
from agr.daemon.datapath.datapath import VARIABLE
from agr.daemon.linux.packet import PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, SOL_PACKET
from testcases.selftest.host import PATIENCE, ip, wait_until

_CLONE_NEWNET = 0x40000000
_ETH_P_ALL = 3
_TAG_IS_VALID = 1 << 4
_SO_TIMESTAMPNS = 35
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count()


class Files:
    """The files of a run directory."""

    def __init__(self, directory: RunDirectory) -> None:
        self.path = Path(directory.path)
        self.control = Path(directory.control)
        self.log = Path(directory.log)
        self.journal = Path(directory.journal)
        self.state = Path(directory.state)


class _Question(Client):
    """A client that starts no agrd."""

    def create(self, request: Mapping[str, Any]) -> Any:
        raise NotRunning


class Namespace:
    """A host: its interfaces, and agrconfig's and agrd's world."""

    def __init__(self) -> None:
        self.name = f"agrt-{os.getpid()}-{next(_numbers)}"
        self._made = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.directory = RunDirectory(str(self._made))
        self.files = Files(self.directory)
        self.data_path: str | None = None  # agrd's choice
        ip("netns", "add", self.name)

    def remove(self) -> None:
        """End what runs here, and this namespace."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.pids(), f"the processes of {self.name} end")
        ip("netns", "delete", self.name)
        shutil.rmtree(self._made, ignore_errors=True)

    def pids(self) -> list[int]:
        """Processes in this namespace: all of them are agrd's."""
        return [int(pid) for pid in ip("netns", "pids", self.name).split()]

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """In this block the calling thread opens its sockets, and reads /proc/sys/net, here."""
        with Path("/proc/self/ns/net").open("rb") as home, Path("/run/netns", self.name).open("rb") as here:
            assert _libc.setns(here.fileno(), _CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert _libc.setns(home.fileno(), _CLONE_NEWNET) == 0

    def command(self, *words: str) -> list[str]:
        """The command line that runs ``words`` here."""
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *words: str) -> str:
        """Run a command that must succeed; returns what it prints."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def try_agrconfig(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run agrconfig, whatever comes of it."""
        command = self.command(sys.executable, "-m", "agr.cli", *words)
        return subprocess.run(command, capture_output=True, text=True, env=self.environment())

    def environment(self) -> dict[str, str]:
        """Of agrconfig and agrd here."""
        chosen = {} if self.data_path is None else {VARIABLE: self.data_path}
        return {**os.environ, **chosen, "AGR_RUNDIR": self.directory.path}

    def agrconfig(self, *words: str) -> str:
        """Run agrconfig, which must succeed, and may warn on stderr; returns what it prints."""
        done = self.try_agrconfig(*words)
        said = [line for line in done.stderr.splitlines() if ": warning: " not in line]
        assert (done.returncode, said) == (0, []), done.stderr
        return done.stdout

    def warned(self, *words: str) -> str:
        """Run agrconfig, which must succeed and warn once; returns the warning."""
        done = self.try_agrconfig(*words)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("\n") == done.stderr.count(": warning: ") == 1, done.stderr
        return done.stderr.rstrip("\n")

    def refused(self, *words: str) -> str:
        """Run agrconfig, which must be refused with one line; returns that line."""
        done = self.try_agrconfig(*words)
        assert done.returncode == 1, done
        assert done.stderr.count("\n") == 1
        return done.stderr.rstrip("\n")

    def status(self) -> dict[str, Any]:
        """agrconfig --json; without a process where an agrd runs, as tests ask again and again."""
        with self.entered():
            question = _Question(self.directory)
        try:
            answer: dict[str, Any] = question.ask({"do": "status"})
        except NotRunning:
            answer = json.loads(self.agrconfig("--json"))
        finally:
            question.close()
        return answer

    def agr0(self) -> dict[str, Any]:
        """agr0 in the status."""
        aggregate: dict[str, Any] = self.status()["aggregates"]["agr0"]
        return aggregate

    def port(self, name: str) -> dict[str, Any]:
        """A port of agr0 in the status."""
        port: dict[str, Any] = self.agr0()["ports"][name]
        return port

    def link(self, name: str) -> dict[str, Any] | None:
        """What ip-link says of an interface; None when there is none."""
        shown = json.loads(self.run("ip", "-json", "-details", "link", "show"))
        return next((link for link in shown if link["ifname"] == name), None)

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6 addresses of an interface, without their lengths."""
        shown = json.loads(self.run("ip", "-json", "address", "show", "dev", name))
        return [address["local"] for address in shown[0]["addr_info"]]

    def log(self) -> str:
        """agrd's log."""
        return self.files.log.read_text() if self.files.log.exists() else ""

    def snapshot(self, name: str) -> dict[str, Any]:
        """All of an interface that agrd could have changed."""
        link = self.link(name)
        assert link is not None
        link["flags"] = [flag for flag in link["flags"] if flag not in ("LOWER_UP", "NO-CARRIER")]
        keys = (
            "ifindex",
            "flags",
            "address",
            "mtu",
            "promiscuity",
            "allmulti",
            "inet6_addr_gen_mode",
            "master",
        )
        with self.entered():
            ipv6 = Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").read_text()
        qdiscs = self.run("tc", "qdisc", "show", "dev", name).splitlines()
        return {
            "link": {key: link.get(key) for key in keys},
            "addresses": self.addresses(name),
            "ipv6": ipv6,
            "multicast": {
                line.split()[-1] for line in self.run("ip", "maddress", "show", "dev", name).splitlines()
            },
            # The kernel makes the root qdisc itself when the interface is first up.
            "qdiscs": [qdisc for qdisc in qdiscs if " root " not in qdisc],
            "filters": self.run("tc", "filter", "show", "dev", name, "ingress"),
        }


class Lab:
    """Namespaces and wires; `close` removes them all."""

    def __init__(self) -> None:
        self._namespaces: list[Namespace] = []

    def host(self) -> Namespace:
        """A new namespace."""
        namespace = Namespace()
        self._namespaces.append(namespace)
        return namespace

    def wire(self, a: Namespace, a_port: str, b: Namespace, b_port: str) -> None:
        """A cable; both its ends are down."""
        ip("-n", a.name, "link", "add", a_port, "type", "veth", "peer", "name", b_port, "netns", b.name)

    def close(self) -> None:
        """Remove everything; fail when an agrd met an error that it did not expect."""
        unexpected = [log for namespace in self._namespaces if "Traceback" in (log := namespace.log())]
        for namespace in self._namespaces:
            namespace.remove()
        assert not unexpected, unexpected[0]


class RawPort:
    """Frames in and out of an interface, VLAN tags where the wire has them.

    ``time``: when the last frame that was read came, by the kernel's clock.
    """

    def __init__(self, host: Namespace, interface: str, *, both_ways: bool = False) -> None:
        self.time = 0.0
        with host.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, not both_ways)
            self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self._socket.bind((interface, _ETH_P_ALL))

    def __enter__(self) -> RawPort:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, frame: bytes) -> None:
        """Send a frame without FCS."""
        self._socket.send(frame)

    def receive(self, seconds: float) -> bytes | None:
        """The next frame that comes within ``seconds``."""
        self._socket.settimeout(max(seconds, 0.001))
        try:
            frame, auxiliary, _, _ = self._socket.recvmsg(65536, 128)
        except TimeoutError:
            return None
        said = {(level, kind): content for level, kind, content in auxiliary}
        seconds, nanoseconds = struct.unpack("=qq", said[socket.SOL_SOCKET, _SO_TIMESTAMPNS])
        self.time = seconds + nanoseconds / 1e9
        status, tci, tpid = struct.unpack_from("=I12xHH", said[SOL_PACKET, PACKET_AUXDATA])
        if status & _TAG_IS_VALID:
            return frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]
        return frame

    def wait_for(self, wanted: Callable[[bytes], bool], what: str, seconds: float = PATIENCE) -> bytes:
        """The next frame that is ``wanted``; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            frame = self.receive(left)
            if frame is not None and wanted(frame):
                return frame
        raise AssertionError(f"not in {seconds:g} s: {what}")

    def waiting(self) -> list[bytes]:
        """All frames that are there already."""
        frames = []
        while (frame := self.receive(0)) is not None:
            frames.append(frame)
        return frames


def ping(host: Namespace, address: str) -> str:
    """Ping until five are answered: conversations that move may hold a frame for a while (43.2.5)."""
    return host.run("ping", "-c", "5", "-i", "0.05", "-w", "10", address)


def none_is_lost(said: str) -> bool:
    """Whether the first five of `ping` were answered, each of them."""
    return all(f"icmp_seq={number} " in said for number in range(1, 6))


def distributing(host: Namespace, *ports: str) -> bool:
    """Whether these ports of agr0 distribute."""
    shown = host.agr0()["ports"]
    return all(shown[port]["distributing"] for port in ports)


def settle(host: Namespace) -> None:
    """Wait until all conversations of agr0 have the port that they shall have."""

    def settled() -> bool:
        moves = host.agr0()["moves"]
        return moves["held"] == moves["pending"] == 0

    wait_until(settled, "no conversation moves")
