"""The data path in Python: frames held of conversations that move, until they have a port again (43.2.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from agr.daemon.datapath.datapath import HELD_OCTETS


class HeldFrames:
    """A queue for each bucket that is held, or whose held frames are not all sent yet."""

    def __init__(self) -> None:
        self.queues: dict[int, deque[bytes]] = {}
        self._octets = 0

    def hold(self, buckets: Iterable[int]) -> None:
        """Open the queues of ``buckets``; what is in them already stays."""
        for bucket in buckets:
            self.queues.setdefault(bucket, deque())

    def put(self, bucket: int, frame: bytes) -> bool:
        """Hold a frame of a bucket that is held. Returns False when there is no room."""
        if self._octets + len(frame) > HELD_OCTETS:
            return False
        self._octets += len(frame)
        self.queues[bucket].append(frame)
        return True

    def first(self, bucket: int) -> bytes | None:
        """The oldest frame of a bucket; None, and the queue is closed, when there is none."""
        queue = self.queues[bucket]
        if queue:
            return queue[0]
        del self.queues[bucket]
        return None

    def drop_first(self, bucket: int) -> None:
        """Remove the oldest frame of a bucket: it was sent, or lost."""
        self._octets -= len(self.queues[bucket].popleft())

    def forget(self, bucket: int) -> int:
        """Close the queue of a bucket. Returns how many frames were in it."""
        queue = self.queues.pop(bucket, None)
        if queue is None:
            return 0
        self._octets -= sum(map(len, queue))
        return len(queue)
