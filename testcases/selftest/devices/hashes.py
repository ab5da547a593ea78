"""Devices that spread conversations over links in other ways (43.2.4: any way that keeps their order)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harness.reference import hashes
from harness.reference.choices import Choices
from testcases.selftest.devices.device import Device


class Hash(Choices):
    """Conversations are told apart by a hash."""

    def __init__(self, made: Callable[[bytes], int]) -> None:
        super().__init__()
        self._made = made

    def conversation(self, frame: bytes) -> int:
        return self._made(frame)


class InTurn(Hash):
    """A new conversation takes the next link."""

    def __init__(self) -> None:
        super().__init__(hashes.Turns())


HASHES = (
    *(
        Device(f"a hash {words}", "43.2.4", "which link a conversation takes", choices=partial(Hash, made))
        for words, made in (
            ("that adds", hashes.add),
            ("that is an exclusive or", hashes.xor),
            ("of layer 2", hashes.layer2),
            ("of layers 2 and 3", hashes.layer2_3),
            ("of layers 3 and 4", hashes.layer3_4),
        )
    ),
    Device("round robin by conversation", "43.2.4", "which link a conversation takes", choices=InTurn),
)
