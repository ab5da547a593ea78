"""The partner's process: `python -m testcases.benchmarks.partnering`, started by `Partner`."""

from __future__ import annotations

import heapq
import select
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from harness.net.packet_socket import SO_TIMESTAMPNS, SOL_PACKET, in_namespace
from harness.traffic.child import Parent, run

_TYPE = 0x8809
_SLOW_PROTOCOLS = bytes.fromhex("0180c2000002")
_SYSTEM = bytes.fromhex("8000 02aaaaaaaa01")
_IGNORE_OUTGOING = 23
_LACP, _MARKER = 1, 2
_MARKER_INFORMATION, _MARKER_RESPONSE = b"\x01", b"\x02"
_ACTOR = slice(18, 33)  # system priority and system, key, port priority and port, state
_STATE, _SYNCHRONIZATION, _COLLECTS_AND_DISTRIBUTES = 32, 0x08, 0x30
_WILLING = 0x0F  # Activity, Timeout, Aggregation, Synchronization
_IN_SERVICE = 0x3F
_LENGTH = 124
_PERIOD = 1.0  # Fast_Periodic_Time
_MOST_A_SECOND = 3
_EXPIRED, _DEFAULTED = 0x80, 0x40
_TIMEOUT = 3.0  # Short_Timeout_Time


class _Port:
    def __init__(self, name: str, number: int, key: int, mac: bytes) -> None:
        self.name = name
        self._mac = mac
        self._identity = _SYSTEM + struct.pack("!HHH", key, 0x8000, number)
        self._peer = bytes(15)
        self._sent: list[float] = []
        self._heard_at = time.monotonic()
        self.mood = "speak"  # or "silence", or "withdraw": says that it takes no part
        self.forget()

    def forget(self) -> None:
        self.state = 0
        self.pdus = self.out_of_service = 0
        self.longest_gap = self._last = 0.0

    def hear(self, pdu: bytes, at: float) -> bool:
        """Take a LACPDU in; whether the other side said something new."""
        actor = pdu[_ACTOR]
        self.state = pdu[_STATE]
        self.pdus += 1
        self.out_of_service += self.state != _IN_SERVICE
        if self._last:
            self.longest_gap = max(self.longest_gap, at - self._last)
        self._last = at
        self._heard_at = time.monotonic()
        news = actor != self._peer
        self._peer = actor
        return news

    def may_send(self, now: float) -> bool:
        """At most three LACPDUs in any second (43.4.16), none while it is silent."""
        self._sent = [at for at in self._sent if at > now - 1.0]
        return self.mood != "silence" and len(self._sent) < _MOST_A_SECOND

    def pdu(self, now: float) -> bytes:
        """The LACPDU to send now."""
        self._sent.append(now)
        state, peer = self._state(now)
        actor = b"\x01\x14" + self._identity + bytes((state,)) + bytes(3)
        partner = b"\x02\x14" + peer + bytes(3)
        head = _SLOW_PROTOCOLS + self._mac + struct.pack("!HBB", _TYPE, _LACP, 1)
        return (head + actor + partner + b"\x03\x10").ljust(_LENGTH, b"\0")

    def _state(self, now: float) -> tuple[int, bytes]:
        """Actor_State, and what is said of the other side (43.4.12: EXPIRED, then DEFAULTED)."""
        if self.mood == "withdraw":
            return _WILLING & ~_SYNCHRONIZATION, self._peer
        if now - self._heard_at > 2 * _TIMEOUT:
            return _WILLING & ~_SYNCHRONIZATION | _DEFAULTED, bytes(15)
        if now - self._heard_at > _TIMEOUT:
            return _WILLING | _EXPIRED, self._peer[:-1] + bytes((self._peer[-1] & ~_SYNCHRONIZATION,))
        bound = self._peer[-1] & _SYNCHRONIZATION
        return _WILLING | (_COLLECTS_AND_DISTRIBUTES if bound else 0), self._peer

    def response(self, marker: bytes) -> bytes:
        """The answer to a Marker (43.5.3.3)."""
        return _SLOW_PROTOCOLS + self._mac + marker[12:16] + _MARKER_RESPONSE + marker[17:]


class _Speaker:
    def __init__(self, settings: dict[str, Any]) -> None:
        self._socket, macs = in_namespace(settings["namespace"], lambda: _open(settings["ports"]))
        self._ports = {
            name: _Port(name, number, key, macs[name])
            for number, (name, key) in enumerate(settings["ports"].items(), 1)
        }
        begun = time.monotonic()
        self._due = [
            (begun + _PERIOD * number / len(self._ports), name) for number, name in enumerate(self._ports)
        ]

    def run(self, parent: Parent) -> None:
        """Until the parent goes."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(0, select.POLLIN | select.POLLHUP)
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic())
            for descriptor, _ in poll.poll(wait * 1000):
                if descriptor == self._socket.fileno():
                    self._receive()
                elif said := parent.says():
                    parent.hears(self._answer(said))
            while self._due[0][0] <= (now := time.monotonic()):
                due, name = self._due[0]
                heapq.heapreplace(self._due, (due + _PERIOD, name))
                self._send(self._ports[name], now)

    def _receive(self) -> None:
        while True:
            try:
                frame, auxiliary, _, address = self._socket.recvmsg(256, 64)
            except OSError:  # nothing more, or an interface went down
                return
            port = self._ports.get(address[0])
            if port is None or len(frame) < _LENGTH:
                continue
            if frame[14] == _LACP:
                seconds, nanoseconds = struct.unpack_from("ll", auxiliary[0][2])
                if port.hear(frame, seconds + nanoseconds * 1e-9):
                    self._send(port, time.monotonic())
            elif frame[14] == _MARKER and frame[16:17] == _MARKER_INFORMATION and port.mood != "silence":
                self._put(port, port.response(frame))

    def _send(self, port: _Port, now: float) -> None:
        if port.may_send(now):
            self._put(port, port.pdu(now))

    def _put(self, port: _Port, frame: bytes) -> None:
        with suppress(OSError):  # its link is down
            self._socket.sendto(frame, (port.name, _TYPE))

    def _answer(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["do"] == "states":
            return {name: port.state for name, port in self._ports.items()}
        if said["do"] == "forget":
            for name in said["ports"]:
                self._ports[name].forget()
            return {}
        if said["do"] == "be":
            for name in said["ports"]:
                self._ports[name].mood = said["mood"]
                self._send(self._ports[name], time.monotonic())
            return {}
        return {
            "ports": [(port.pdus, port.longest_gap, port.out_of_service) for port in self._ports.values()]
        }


def _open(ports: dict[str, int]) -> tuple[socket.socket, dict[str, bytes]]:
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(_TYPE))
    sock.setsockopt(SOL_PACKET, _IGNORE_OUTGOING, 1)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    macs = {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as probe:
        for port in ports:
            probe.bind((port, 0))
            macs[port] = probe.getsockname()[4]
    return sock, macs


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    speaker = _Speaker(settings)
    parent.hears({})
    speaker.run(parent)


if __name__ == "__main__":
    run(_main, urgent=True)
