"""The sender's process: `python -m harness.traffic.processes.sender`, started by `Sender`."""

from __future__ import annotations

import time
from typing import Any

from harness.traffic.child import Parent, run
from harness.traffic.tx_ring import TxRing

_AT_ONCE = 512
"""Frames for one system call, at most."""

_PIECES_A_SECOND = 5000
"""At a given rate, into so many bursts a second the frames are cut."""

_SLEEP_FROM = 2e-4
"""Seconds; for less the process spins, a sleeper wakes up too late."""


class _Sending:
    """All starts and stops of one sender."""

    def __init__(self, ring: TxRing, flows: int) -> None:
        self._ring = ring
        self._flows = flows
        self._frames = 0
        self._seconds = 0.0
        self._late = 0.0

    def run(self, parent: Parent, rate: float | None, count: int | None) -> None:
        """Send until ``count`` frames have gone or the parent says stop."""
        piece = _AT_ONCE if rate is None else max(1, min(_AT_ONCE, int(rate / _PIECES_A_SECOND)))
        begun = time.monotonic()
        first = self._frames
        last = None if count is None else first + count
        late = 0.0
        while self._frames != last and parent.says() is None:
            if rate is not None:
                late = _wait_until(begun + (self._frames - first) / rate)
            slot = self._frames % self._ring.slots
            frames = min(piece, self._ring.slots - slot, piece if last is None else last - self._frames)
            self._ring.send(slot, slot + frames)
            self._frames += frames
        self._seconds += time.monotonic() - begun
        self._late += late

    def report(self) -> dict[str, Any]:
        """For `Sender.wait`."""
        each, more = divmod(self._frames, self._flows)
        flows = [each + (number < more) for number in range(self._flows)]
        return {
            "frames": self._frames,
            "refused": self._ring.refused,
            "seconds": self._seconds,
            "late": self._late,
            "flows": flows,
        }


def _wait_until(due: float) -> float:
    """Gives how late it is then."""
    while (left := due - time.monotonic()) > 0:
        if left > _SLEEP_FROM:
            time.sleep(left - _SLEEP_FROM / 2)
    return -left


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    frames = [bytes.fromhex(frame) for frame in settings["frames"]]
    ring = TxRing(settings["interface"], settings["namespace"], frames, settings["run"], settings["waiting"])
    sending = _Sending(ring, len(frames))
    parent.hears({})
    while True:
        said = parent.waits_for()
        if "rate" in said:  # a stop that comes too late has its answer already
            sending.run(parent, said["rate"], said["count"])
            parent.hears(sending.report())


if __name__ == "__main__":
    run(_main, urgent=True)
