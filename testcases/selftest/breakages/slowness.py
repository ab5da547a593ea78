"""An agrd that is slow by itself: whatever the host does meanwhile, that is no excuse (43.5.4)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def slow(name: str, doing: str) -> Breakage:
    """A Marker that arrives makes agrd do something else first."""
    return Breakage(
        name,
        "daemon/runner.py",
        "CoreRunner._transmit",
        "self.deliver(output.port)",
        f"{doing}\nself.deliver(output.port)",
        ("MK-01",),
        "43.5.4",
        kernel=True,
    )


SLOWNESS = (
    slow(
        "agrd computes for 7 s before it answers a Marker",
        """\
import time
end = time.thread_time() + 7.0
while time.thread_time() < end:
    pass""",
    ),
    slow(
        "agrd sleeps for 7 s before it answers a Marker",
        """\
import time
time.sleep(7.0)""",
    ),
    slow(
        "agrd has 200 threads that compute",
        """\
import hashlib, threading
def compute() -> None:
    octets = bytes(1 << 24)
    while True:
        hashlib.sha256(octets)
if threading.active_count() < 200:
    for _ in range(200):
        threading.Thread(target=compute, daemon=True).start()""",
    ),
)
