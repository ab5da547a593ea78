"""A cable that is cut one way: what comes in is gone before anybody sees it, packet sockets too."""

from __future__ import annotations

import os
import socket

from harness.net.packet_socket import in_namespace
from harness.traffic.bpf.programs import Programs
from harness.traffic.resource import Resource
from harness.verdict import BenchError

_PROGRAM = "wire_deaf"


class Deaf(Resource):
    """Interfaces of a namespace that get nothing, from `add` to `remove`; what they send passes."""

    def __init__(self, namespace: str | None) -> None:
        self._namespace = namespace
        self._programs = Programs()
        self._open: dict[str, int] = {}

    def add(self, interface: str) -> None:
        """From now on it gets nothing. Raises BenchError."""

        def attach() -> int:
            return self._programs.attach(_PROGRAM, socket.if_nametoindex(interface))

        try:
            self._open[interface] = in_namespace(self._namespace, attach)
        except OSError as error:
            raise BenchError(f"{interface}: cannot be made deaf: {error.strerror or error}") from None

    def remove(self, interface: str) -> None:
        """It gets what comes again."""
        os.close(self._open.pop(interface))

    def close(self) -> None:
        """All get what comes again."""
        for interface in tuple(self._open):
            self.remove(interface)
        self._programs.close()
