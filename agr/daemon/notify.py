"""What a service manager wants to hear of agrd: sd_notify(3)."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Tell ``state``, as READY=1, to the socket in $NOTIFY_SOCKET; nobody listens where there is none."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(state.encode(), path.replace("@", "\0", 1) if path.startswith("@") else path)
