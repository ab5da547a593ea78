"""The generator's process: `python -m harness.traffic.processes.generator`, started by `Generator`."""

from __future__ import annotations

import socket
import struct
import time
from functools import partial
from typing import Any

from harness.net.packet_socket import in_namespace
from harness.traffic import stamp
from harness.traffic.bpf.programs import Programs
from harness.traffic.child import Parent, run
from harness.verdict import BenchError

_HEADER, _CHECKSUM_AT, _FLOW_AT = slice(14, 34), 10, 18  # of IPv4; the places in it
_AT_ONCE = 1 << 18
"""Frames for one system call, at most: between two of them the parent is heard."""


def prepared(frame: bytes, run: int) -> tuple[bytes, int]:
    """The frame with the stamp of ``run``, and the sum of its IP header without the checksum and the flow."""
    header = bytearray(frame[_HEADER])
    header[_CHECKSUM_AT : _CHECKSUM_AT + 2] = header[_FLOW_AT : _FLOW_AT + 2] = bytes(2)
    total = sum(struct.unpack("!10H", header))
    return frame[: -stamp.OCTETS] + stamp.stamp(run, 0, 0), (total & 0xFFFF) + (total >> 16)


def _main(parent: Parent, settings: dict[str, Any]) -> None:
    namespace, flows = settings["namespace"], settings["flows"]
    frame, total = prepared(bytes.fromhex(settings["frame"]), settings["run"])
    programs = Programs()
    index = in_namespace(namespace, lambda: socket.if_nametoindex(settings["interface"]))
    clock = time.time_ns() - time.monotonic_ns()
    programs.set("wire_sending", struct.pack("=6IQ", index, flows, 0, total, 0, 0, clock))
    parent.hears({})
    frames, seconds = 0, 0.0
    while True:
        left = parent.waits_for()["count"]
        if frames + left > flows * stamp.SEQUENCES:
            raise BenchError(f"{flows} flows have no more than {flows * stamp.SEQUENCES:,} frames")
        begun = time.monotonic()
        while left:
            piece = min(left, _AT_ONCE)
            try:
                in_namespace(namespace, partial(programs.run, "wire_send", frame, piece, live=True))
            except OSError as error:
                where = settings["interface"]
                raise BenchError(f"{where}: Linux 5.18 can generate frames, here: {error.strerror}") from None
            frames, left = frames + piece, left - piece
        seconds += time.monotonic() - begun
        each, more = divmod(frames, flows)
        counts = [each + (number < more) for number in range(flows)]
        parent.hears({"frames": frames, "seconds": seconds, "flows": counts})


if __name__ == "__main__":
    run(_main, urgent=True)
