"""The process of an `End`: `python -m testcases.benchmarks.ending`. Each role says when it is ready."""

from __future__ import annotations

import select
import socket
import statistics
import time
from typing import Any

from harness.net.packet_socket import in_namespace
from harness.traffic.child import Parent, run

_PORT = 5001
_SENT_AT_ONCE, _RECEIVED_AT_ONCE = 256 << 10, 1 << 20
_WARM_UP_SECONDS = 0.15
_PING = bytes(18)
_PATIENCE = 5.0


def _socket(settings: dict[str, Any], kind: socket.SocketKind) -> socket.socket:
    return in_namespace(settings["namespace"], lambda: socket.socket(socket.AF_INET, kind))


def source(parent: Parent, settings: dict[str, Any]) -> None:
    """Sends into one stream, a new one each time, until the other side closes it."""
    content = bytes(_SENT_AT_ONCE)
    parent.hears({})
    while True:
        parent.waits_for()
        with _socket(settings, socket.SOCK_STREAM) as stream:
            stream.connect((settings["address"], _PORT))
            try:
                while parent.says() is None:
                    stream.send(content)
            except ConnectionError:
                parent.hears({})


def sink(parent: Parent, settings: dict[str, Any]) -> None:
    """Takes one stream, and counts what comes for the time it is asked for."""
    room = bytearray(_RECEIVED_AT_ONCE)
    with _socket(settings, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("", _PORT))
        listening.listen()
        listening.settimeout(_PATIENCE)
        parent.hears({})
        while True:
            seconds = parent.waits_for()["seconds"]
            stream, _ = listening.accept()
            with stream:
                _count(stream, room, _WARM_UP_SECONDS)
                octets, spent = _count(stream, room, seconds)
            parent.hears({"octets": octets, "seconds": spent})


def _count(stream: socket.socket, room: bytearray, seconds: float) -> tuple[int, float]:
    begun = now = time.monotonic()
    octets = 0
    while now < begun + seconds:
        if not select.select([stream], [], [], _PATIENCE)[0]:
            raise TimeoutError(0, f"no octet in {_PATIENCE:g} s")
        octets += stream.recv_into(room)
        now = time.monotonic()
    return octets, now - begun


def server(parent: Parent, settings: dict[str, Any]) -> None:
    """Sends every datagram back."""
    with _socket(settings, socket.SOCK_DGRAM) as echo:
        echo.bind(("", _PORT))
        echo.settimeout(1.0)
        parent.hears({})
        while True:
            try:
                content, sender = echo.recvfrom(2048)
                echo.sendto(content, sender)
            except TimeoutError:
                parent.says()


def client(parent: Parent, settings: dict[str, Any]) -> None:
    """Waits for each datagram to come back; answers with the median time (ns)."""
    with _socket(settings, socket.SOCK_DGRAM) as echo:
        echo.connect((settings["address"], _PORT))
        echo.settimeout(_PATIENCE)
        parent.hears({})
        while True:
            count = parent.waits_for()["count"]
            times = []
            for _ in range(count):
                begun = time.perf_counter_ns()
                echo.send(_PING)
                echo.recv(2048)
                times.append(time.perf_counter_ns() - begun)
            parent.hears({"median": statistics.median(times)})


_ROLES = {"source": source, "sink": sink, "server": server, "client": client}


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    _ROLES[settings["role"]](parent, settings)


if __name__ == "__main__":
    run(_main)
