"""The reference model with the hashes of other implementations: each spreads conversations in its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from harness.reference import Reference, hashes
from testcases.selftest.devices.hashes import Hash


class _Reference(Reference):
    way: ClassVar[Callable[[], Callable[[bytes], int]]]

    def __init__(self) -> None:
        super().__init__(Hash(type(self).way()))


class Add(_Reference):
    """Octets of the addresses added up."""

    way = staticmethod(lambda: hashes.add)


class Xor(_Reference):
    """The same octets XORed."""

    way = staticmethod(lambda: hashes.xor)


class Layer2(_Reference):
    """As bonding's layer2."""

    way = staticmethod(lambda: hashes.layer2)


class Layer23(_Reference):
    """As bonding's layer2+3."""

    way = staticmethod(lambda: hashes.layer2_3)


class Layer34(_Reference):
    """As bonding's layer3+4."""

    way = staticmethod(lambda: hashes.layer3_4)


class ByTurns(_Reference):
    """Round robin by conversation."""

    way = staticmethod(hashes.Turns)


class OneLink(_Reference):
    """All conversations on one link, which no clause forbids."""

    way = staticmethod(lambda: lambda frame: 0)
