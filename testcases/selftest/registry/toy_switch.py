"""The switch that the example's driver speaks to: one JSON object a line over TCP, as is said there."""

from __future__ import annotations

import json
import socketserver
import threading
from types import TracebackType
from typing import Any, Self


class ToySwitch:
    """A context manager: it listens on a port of the loopback. ``ports``: lines of configuration by port.

    A request of which ``ignores`` says so is answered, and not done.
    """

    def __init__(self) -> None:
        self.ports: dict[str, list[str]] = {f"p{number}": [] for number in range(1, 5)}
        self.ignores = lambda request: False
        switch = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    answer = switch.answer(json.loads(line))
                    self.wfile.write(json.dumps(answer).encode() + b"\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What one request gets."""
        match request:
            case {"show": "system"}:
                return {"version": "toy switch 1.0", "priority": 9, "mac": "02:00:5e:00:53:02"}
            case {"show": "ports"}:
                return {"ports": self.ports}
            case {"show": "lacp"}:
                return {"ports": {name: lacp(name, lines) for name, lines in self.ports.items() if up(lines)}}
            case {"port": name, "lines": lines} if name in self.ports:
                if not self.ignores(request):
                    self.ports[name] = lines
                return {}
        return {"error": f"not understood: {request}"}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def up(lines: list[str]) -> bool:
    """Whether a port is in a LAG, and not shut."""
    return any(line.startswith("lag ") for line in lines) and "shutdown" not in lines


def lacp(name: str, lines: list[str]) -> dict[str, Any]:
    """What LACP has of a port that is up."""
    number = int(name[1:])
    group = next(int(line.split()[1]) for line in lines if line.startswith("lag "))
    actor = {"group": group, "port_priority": 128, "key": group, "port_number": number, "state": 0x3D}
    return {"actor": actor, "partner": actor | {"system_priority": 1, "system": "02:00:5e:00:53:01"}}
