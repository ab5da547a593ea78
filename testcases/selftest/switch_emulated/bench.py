"""Namespaces, wires, running switches, and operators on SSH and on the console, for the live tests."""

import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import serial
from netmiko import ConnectHandler

from fixtures.switch.leftovers import start_time
from harness.net.packet_socket import in_namespace
from testcases.selftest.host import PATIENCE, ip, wait_until

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 0x10


@contextmanager
def namespaces(*names: str) -> Iterator[list[str]]:
    """Network namespaces of this process's own, without IPv6; deleted at the end."""
    made = [f"agrsw-{os.getpid()}-{name}" for name in names]
    try:
        for name in made:
            ip("netns", "add", name)
            quiet = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
            ip("netns", "exec", name, "sh", "-c", quiet)
        yield made
    finally:
        for name in made:
            subprocess.run(("ip", "netns", "delete", name), capture_output=True, check=False)


def wire(namespace: str, interface: str, far_namespace: str, far_interface: str) -> None:
    """A veth pair whose far end is up."""
    ip(
        "-n",
        namespace,
        "link",
        "add",
        interface,
        "type",
        "veth",
        "peer",
        far_interface,
        "netns",
        far_namespace,
    )
    ip("-n", far_namespace, "link", "set", far_interface, "up")


def carrier(namespace: str, interface: str) -> bool:
    """Whether an interface has carrier."""
    (link,) = json.loads(ip("-n", namespace, "-j", "link", "show", interface))
    return "LOWER_UP" in link["flags"]


class RunningSwitch:
    """`python -m fixtures.switch`, run as a user runs it. ports: number -> interface."""

    def __init__(self, namespace: str, directory: Path, ports: dict[int, str], *options: str) -> None:
        self.namespace = namespace
        self.directory = directory
        self.command = [
            *(
                sys.executable,
                "-m",
                "fixtures.switch",
                "--namespace",
                namespace,
                "--state-dir",
                str(directory),
            ),
            *(f"--port=GigabitEthernet1/0/{number}={name}" for number, name in ports.items()),
            *options,
        ]
        self.start()

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.facts = json.loads((self.directory / "switch.json").read_text())
        recorded = json.loads((self.directory / "processes.json").read_text())
        self.processes = [(entry["pid"], entry["start"]) for entry in recorded]

    def alive(self) -> list[int]:
        """Those of its processes that still run."""
        return [pid for pid, start in self.processes if start_time(pid) == start]

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ends it; its exit status."""
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def ssh(self, **other: Any) -> Any:
        """A netmiko connection in privileged mode."""
        facts = self.facts
        given = {"username": facts["username"], "password": facts["password"], "secret": facts["enable"]}
        connection = ConnectHandler(device_type="cisco_ios", **facts["ssh"], **{**given, **other})
        connection.enable()
        return connection

    def summary(self, connection: Any) -> dict[str, str]:
        """Flags by name, of the first port channel and its members: {"Po1": "SU", "Gi1/0/1": "P"}."""
        rows = connection.send_command("show etherchannel summary", use_textfsm=True)
        members = zip(rows[0]["member_interface"], rows[0]["member_interface_status"], strict=True)
        return {rows[0]["bundle_name"]: rows[0]["bundle_status"], **dict(members)}


class ConsoleOperator:
    """An operator at the serial console."""

    def __init__(self, switch: RunningSwitch) -> None:
        self.facts = switch.facts
        self.line = serial.serial_for_url(self.facts["console"], exclusive=True, timeout=0.05)

    def wait(self, pattern: str) -> str:
        """Reads until pattern matches in what came; all of it."""
        seen = ""

        def matches() -> bool:
            nonlocal seen
            seen += self.line.read(self.line.in_waiting or 1).decode()
            return re.search(pattern, seen) is not None

        try:
            wait_until(matches, pattern)
        except AssertionError as error:
            raise AssertionError(f"{error}; the console said {seen!r}") from None
        return seen

    def type(self, text: str) -> None:
        """Types text as it is."""
        self.line.write(text.encode())

    def enter(self, line: str, prompt: str = r"[>#]") -> str:
        """Types a line, waits for the prompt, after which log lines may come; what came."""
        self.type(f"{line}\r")
        return self.wait(prompt + r"(?=\Z|\r\n\*)")

    def login(self) -> None:
        """From `Press RETURN` to privileged mode, with paging off."""
        self.enter("", "Username: ")
        self.enter(self.facts["username"], "Password: ")
        self.enter(self.facts["password"], ">")
        self.enter("enable", "Password: ")
        self.enter(self.facts["enable"], "#")
        self.enter("terminal length 0", "#")

    def close(self) -> None:
        """Hangs up."""
        self.line.close()


def _with_tag(frame: bytes, auxiliary: list[tuple[int, int, bytes]]) -> bytes:
    """The frame as it was on the wire: the kernel hands its outer VLAN tag over beside it (packet(7))."""
    for level, kind, data in auxiliary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


class Tap:
    """Sends and receives frames on an interface of a namespace."""

    def __init__(self, namespace: str, interface: str) -> None:
        kind = (socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket = in_namespace(namespace, lambda: socket.socket(*kind))
        self.socket.bind((interface, 0))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def send(self, frame: bytes) -> None:
        """Sends a frame without FCS."""
        self.socket.send(frame)

    def waiting(self) -> Iterator[bytes]:
        """The frames that have come in and were not read yet."""
        while select.select([self.socket], [], [], 0)[0]:
            frame, auxiliary, _, address = self.socket.recvmsg(2048, 64)
            if address[2] != socket.PACKET_OUTGOING:
                yield _with_tag(frame, auxiliary)

    def receive_up_to(self, last: bytes) -> list[bytes]:
        """The frames that come in, up to and with `last`."""
        frames: list[bytes] = []

        def came() -> bool:
            for frame in self.waiting():
                frames.append(frame)
                if frame == last:
                    return True
            return False

        wait_until(came, f"frame {last[:20].hex()} comes in")
        return frames

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()
