"""A flood of slow protocol frames on one port: the other port's partner notices nothing, answers stay few."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agr.core.constants import LACPDU_LIMIT, MARKER_PROTOCOL_LIMIT
from agr.daemon.runner import FRAMES_A_SLICE, SLICE_SECONDS
from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort, distributing
from testcases.selftest.daemon.test_takeover import kill
from testcases.selftest.frames.frames import random_frame
from testcases.selftest.host import wait_until

# Frames that are sent: far more than agrd reads in the time that they take.
ENOUGH = 20000
# In any second.
ANSWERS_A_SECOND = LACPDU_LIMIT + MARKER_PROTOCOL_LIMIT
# LACPDUs, Markers, an unsupported subtype and an illegal one: each of them is in one counter of 30.7.3.1.
SLOW = (
    LACPDU_FRAME,
    MARKER_FRAME,
    *(LACPDU_FRAME[:14] + bytes([kind]) + LACPDU_FRAME[15:] for kind in (5, 77)),
)


@contextmanager
def flooded(host: Namespace, port: str, frames: Sequence[bytes]) -> Iterator[list[int]]:
    """In this block ``frames`` leave ``host`` on ``port`` as fast as they can; gives how many have."""
    ended = threading.Event()
    count = [0]
    with RawPort(host, port) as wire:

        def send() -> None:
            while not ended.is_set():
                for frame in frames:
                    wire.send(frame)
                count[0] += len(frames)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield count
        finally:
            ended.set()
            thread.join()


def counters(host: Namespace, port: str) -> dict[str, int]:
    found: dict[str, int] = host.port(port)["counters"]
    return found


def received(host: Namespace, port: str) -> int:
    """Slow protocol frames, good and bad."""
    return sum(value for name, value in counters(host, port).items() if name.endswith("Rx"))


def changes(host: Namespace, port: str) -> tuple[int, int]:
    """How often the port, and its partner, came into synchronization or fell out of it (30.7.4.1)."""
    debug = host.port(port)["debug"]
    return debug["ActorSyncTransitionCount"], debug["PartnerSyncTransitionCount"]


def test_a_flood_on_one_port_is_that_ports_matter(lab: Lab) -> None:
    host, far = lab.host(), lab.host()
    for port in ("re0", "re1"):
        lab.wire(host, port, far, port)
    far.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0", "agrport", "re1")
    far.agrconfig("agr0", "create", "timeout", "short", "agrport", "re1")
    for end in (host, far):
        wait_until(lambda end=end: distributing(end, "re1"), "re1 distributes")
    heard = {end: counters(end, "re1")["LACPDUsRx"] for end in (host, far)}
    before = {end: changes(end, "re1") for end in (host, far)}
    flood_heard = received(host, "re0")
    draw = random.Random(43)
    mixed = [LACPDU_FRAME, MARKER_FRAME, *(random_frame(draw) for _ in range(500))]
    with RawPort(far, "re0") as answers:
        begin = time.monotonic()
        with flooded(far, "re0", mixed) as sent:
            # In the time of four periodic PDUs a partner that is not heard would have expired (3 s).
            for end in (host, far):
                wait_until(
                    lambda end=end: counters(end, "re1")["LACPDUsRx"] >= heard[end] + 5, "PDUs on re1", 60
                )
            wait_until(lambda: sent[0] > ENOUGH, "the flood is large", seconds=60)
            wait_until(lambda: received(host, "re0") > flood_heard, "some of the flood is heard")
        heard_of_it = received(host, "re0") - flood_heard
        seconds = time.monotonic() - begin
        answered = len(answers.waiting())
    for end in (host, far):
        assert changes(end, "re1") == before[end]
        assert distributing(end, "re1")
    # What is read is bounded by time, whatever the rate of the flood; the rest costs agrd nothing.
    assert heard_of_it <= (seconds + 1) * FRAMES_A_SLICE / SLICE_SECONDS
    # One more second at each end: limits are for any second.
    assert 0 < answered <= (seconds + 2) * ANSWERS_A_SECOND
    host.agrconfig("agr0", "-agrport", "re0")


def test_every_frame_of_a_flood_is_counted(lab: Lab) -> None:
    """What finds no room too; another agrd that takes over goes on with that number."""

    def arrived() -> int:
        (link,) = json.loads(host.run("ip", "-s", "-json", "link", "show", "dev", "re0"))
        return int(link["stats64"]["rx"]["packets"])

    def lost() -> int:
        return int(host.port("re0")["overrun_pdus"])

    host, far = lab.host(), lab.host()
    far.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")  # it sends nothing by itself
    lab.wire(host, "re0", far, "re0")
    far.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "agrport", "re0")
    assert (arrived(), received(host, "re0"), lost()) == (0, 0, 0)
    with flooded(far, "re0", SLOW) as sent:
        wait_until(lambda: sent[0] > ENOUGH, "the flood is large", seconds=60)
    wait_until(lambda: received(host, "re0") + lost() == arrived(), "every frame is counted, once")
    without_room = lost()
    assert without_room > 0
    host.agrconfig("agr0", "max-links", "1")
    wait_until(lambda: f'"overrun_pdus": {without_room}' in host.files.state.read_text(), "it is written")
    assert received(host, "re0") + without_room == arrived()
    kill(host)
    assert lost() == without_room
    assert f"overrun {without_room}" in host.agrconfig("agr0", "-v")
    host.agrconfig("agr0", "-agrport", "re0", "agrport", "re0")
    assert lost() == 0, "as all counters of a port that is attached"
