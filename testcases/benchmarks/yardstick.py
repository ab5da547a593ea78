"""A fixed piece of pure Python: what else is measured in seconds of a processor is held against its own.

It does what protocol code does: looks things up, takes octets apart, makes small objects, compares them.
`python testcases/benchmarks/yardstick.py` does it once. A change of it changes every figure that names it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_TIMES = 400_000
_FRAME = struct.Struct(">H6sHHH")


class _Port(NamedTuple):
    priority: int
    system: bytes
    key: int
    number: int
    state: int


def work(times: int) -> int:
    """Do it so many times; gives how many objects were new."""
    seen: dict[_Port, int] = {}
    fresh = 0
    for number in range(times):
        octets = _FRAME.pack(
            0x8000, (number % 251).to_bytes(6, "big"), number % 7, number % 11, number & 0xFF
        )
        port = _Port(*_FRAME.unpack(octets))
        known = seen.get(port)
        if known is None or port.state & 0x38 != 0x38:
            fresh += known is None
            seen[port] = number
        if len(seen) > 5000:
            seen = {each: at for each, at in seen.items() if number - at < 2500}
    return fresh


if __name__ == "__main__":
    work(_TIMES)
