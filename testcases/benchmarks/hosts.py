"""Hosts of their own for a benchmark: namespaces, veth cables, and agr as a program in one of them."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fixtures.emulated import namespaces
from fixtures.emulated.ip import ip, netns_pids
from harness.net.packet_socket import in_namespace
from harness.verdict import BenchError

PREFIX = "agrbench-"
RUN_DIRECTORY = Path("/run/agr-bench")
PATIENCE = 60.0
_LOOK_AGAIN = 0.05
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def all_cores() -> list[int]:
    """Those that this process may use."""
    return sorted(os.sched_getaffinity(0))


def cores() -> tuple[int, int]:
    """For senders and for receivers: the first and the last."""
    return all_cores()[0], all_cores()[-1]


@contextmanager
def alone() -> Iterator[None]:
    """One benchmark run at a time; what a killed one left is removed, before and after. Raises BenchError."""
    if os.geteuid() != 0:
        raise BenchError("benchmarks need root: network namespaces and packet sockets")
    RUN_DIRECTORY.mkdir(mode=0o700, exist_ok=True)
    with (RUN_DIRECTORY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchError("benchmarks are running already: two runs would measure each other") from None
        clean()
        try:
            yield
        finally:
            clean()


def clean() -> None:
    """Remove all hosts and what runs in them."""
    for name in namespaces.named(PREFIX):
        namespaces.remove(name)
    for entry in RUN_DIRECTORY.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Ask until it holds. Raises BenchError after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"not in {seconds:g} s: {what}")
        time.sleep(_LOOK_AGAIN)


class Host:
    """A namespace; it lasts until `close`."""

    def __init__(self, name: str) -> None:
        self.name = PREFIX + name
        namespaces.add(self.name)
        in_namespace(self.name, _no_reverse_path_filter)
        self._control: socket.socket = in_namespace(self.name, socket.socket)

    def close(self) -> None:
        """End what runs here, and the host."""
        self._control.close()
        namespaces.remove(self.name)

    def configure(self, *lines: str) -> None:
        """Lines for `ip -batch`, in this host."""
        ip("-n", self.name, "-batch", "-", batch="\n".join(lines) + "\n")

    def link(self, interface: str) -> dict[str, Any]:
        """What `ip -s link` says of an interface."""
        (said,) = json.loads(ip("-n", self.name, "-s", "-j", "link", "show", "dev", interface))
        return dict(said)

    def mac(self, interface: str) -> bytes:
        """The address of an interface."""
        return bytes.fromhex(self.link(interface)["address"].replace(":", ""))

    def set_up(self, interface: str, up: bool) -> None:
        """Take an interface up or down, without a process of its own for it."""
        request = struct.pack("16sh14x", interface.encode(), 0)
        flags = struct.unpack_from("16xH", fcntl.ioctl(self._control, _SIOCGIFFLAGS, request))[0]
        wanted = struct.pack("16sH14x", interface.encode(), flags | _IFF_UP if up else flags & ~_IFF_UP)
        fcntl.ioctl(self._control, _SIOCSIFFLAGS, wanted)

    def keep_order(self, interfaces: Iterable[str], core: int) -> None:
        """Have what comes in taken on one core (RPS): the one that sends it, lest frames wait for another.

        Where a queue lets frames go by a timer, on another core than their sender's, veth cables would
        otherwise deliver them late and out of order, which no cable of metal does.
        """
        files = [f"/sys/class/net/{name}/queues/rx-0/rps_cpus" for name in interfaces]
        ip("netns", "exec", self.name, "tee", *files, batch=f"{1 << core:x}")  # tee sees this host's sysfs


def two_hosts(stack: ExitStack, name: str) -> tuple[Host, Host]:
    """A near and a far one, which end with ``stack``."""
    near = Host(f"{name}-near")
    stack.callback(near.close)
    far = Host(f"{name}-far")
    stack.callback(far.close)
    return near, far


def cable(near: Host, far: Host, interfaces: Iterable[str], first_index: int | None = None) -> None:
    """veth pairs whose ends have the same name; both are up.

    From ``first_index`` on both ends have the same ifindex too, and then the kernel takes each for a physical
    NIC, whose ifindex is its iflink: it holds their carrier events back.
    """
    made, up = [], []
    for number, interface in enumerate(interfaces):
        index = f"index {first_index + number} " if first_index is not None else ""
        end = f"name {interface} {index}netns"
        made.append(f"link add {end} {near.name} type veth peer {end} {far.name}")
        up.append(f"link set {interface} up")
    ip("-batch", "-", batch="\n".join(made) + "\n")
    near.configure(*up)
    far.configure(*up)


class Agr:
    """agrconfig and agrd of one host."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._directory = RUN_DIRECTORY / host.name
        self._directory.mkdir(mode=0o700)
        self._environment = {**os.environ, "AGR_RUNDIR": str(self._directory)}

    def config(self, *words: str) -> str:
        """Run agrconfig; gives what it prints. Raises BenchError with its message."""
        command = ["ip", "netns", "exec", self._host.name, sys.executable, "-m", "agr.cli", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self._environment)
        if done.returncode != 0:
            raise BenchError(done.stderr.strip())
        return done.stdout

    def configure(self, lines: Sequence[str]) -> None:
        """agrconfig -f."""
        file = self._directory / "agr.conf"
        file.write_text("\n".join(lines) + "\n")
        self.config("-f", str(file))

    def aggregate(self, name: str = "agr0") -> dict[str, Any]:
        """Its status."""
        return dict(json.loads(self.config("--json"))["aggregates"][name])

    def data_path(self) -> str:
        """For notes."""
        said = self.aggregate()
        reason = said.get("data_path_reason")
        return f"data path {said['data_path']}" + (f" ({reason})" if reason else "")

    @property
    def pid(self) -> int:
        """agrd's, the only process of this host but the benchmark's own."""
        for pid in netns_pids(self._host.name):
            if b"agr.daemon" in (Path("/proc") / str(pid) / "cmdline").read_bytes():
                return pid
        raise BenchError(f"no agrd runs in {self._host.name}: see {self._directory}/agrd.log")


class Usage:
    """CPU time of one process, from /proc/PID/stat."""

    def __init__(self, pid: int) -> None:
        self._process = Path("/proc") / str(pid)
        self._cpu, self._time = self._read(), time.monotonic()

    def share(self) -> float:
        """Of one core, in per cent, since this object was made."""
        return 100 * (self._read() - self._cpu) / (time.monotonic() - self._time)

    def resident_mib(self) -> float:
        """VmRSS."""
        for line in (self._process / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise BenchError(f"{self._process}: no VmRSS")

    def _read(self) -> float:
        fields = (self._process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _no_reverse_path_filter() -> None:
    for scope in ("all", "default"):
        Path(f"/proc/sys/net/ipv4/conf/{scope}/rp_filter").write_text("0")
