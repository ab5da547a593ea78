"""A TRex server in stateless mode, by its JSON-RPC over ZeroMQ (the package pyzmq, imported when used).

Its field engine counts the sequence number up and, in the place of the time, down: so stamps stay right.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

from harness.host.location import Location
from harness.lab.schema import Wire
from harness.lab.section import Mistake
from harness.traffic import stamp
from harness.traffic.backends.base import Account, Device
from harness.traffic.outcome import SenderCount
from harness.traffic.source import Source
from harness.verdict import BenchError

_API = {"name": "STL", "major": 5, "minor": 1}
_USER = "agr-lab"
_DEFAULT_PORT = 4501
_ANSWER_MS = 10_000
_LOOK_AGAIN = 0.2
_ADDRESSES_OF_THE_FRAME = 1 | 1 << 1  # flags of a stream: source and destination are those of its packet
_ONE_CORE = 1  # else frames of a flow come from several, and out of order
_FASTEST = 100.0  # per cent of the line


class Channel(Protocol):
    """A request and its answer, both JSON."""

    def ask(self, request: bytes) -> bytes:
        """Send and receive. Raises BenchError where no answer comes."""

    def close(self) -> None:
        """Let go of it."""


class ZeroMq:
    """A REQ socket."""

    def __init__(self, address: str) -> None:
        try:
            import zmq
        except ImportError:
            raise BenchError("generator: TRex needs the package pyzmq: .venv/bin/pip install pyzmq") from None
        host, _, port = address.partition(":")
        self._where = f"tcp://{host}:{port or _DEFAULT_PORT}"
        self._none = zmq.Again
        self._socket = zmq.Context.instance().socket(zmq.REQ)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, _ANSWER_MS)
        self._socket.setsockopt(zmq.SNDTIMEO, _ANSWER_MS)
        self._socket.connect(self._where)

    def ask(self, request: bytes) -> bytes:
        """As `Channel`."""
        try:
            self._socket.send(request)
            return bytes(self._socket.recv())
        except self._none:
            words = f"generator {self._where}: no TRex server answers in {_ANSWER_MS / 1000:g} s"
            raise BenchError(words) from None

    def close(self) -> None:
        """As `Channel`."""
        self._socket.close()


class TrexDevice(Device):
    """The lab file's section: ``address`` is host or host:port, ``ports`` are TRex's numbers."""

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        ports = data.get("ports")
        for name, port in ports.items() if isinstance(ports, dict) else ():
            if isinstance(port, str):
                yield Mistake(("ports", name), f"a port of TRex is a number, not {port!r}")
        yield from super().mistakes(data, lab)


class Trex(Source):
    """Sends ``frames`` in turn, a stream each, at a port of the server; no stamp of ``run`` says a time."""

    section: ClassVar[type[Device]] = TrexDevice

    def __init__(
        self, address: str, port: int, frames: Sequence[bytes], *, run: int, channel: Channel | None = None
    ) -> None:
        self._where = f"generator {address} port {port}"
        self._port = port
        self._frames = frames
        self._run = run
        self._account = Account(len(frames))
        self._handles: dict[str, Any] = {}
        self._number = 0
        self._rate: float | None = None
        self._begun: tuple[float, int] | None = None  # when, and the port's counter then
        self._channel = channel or ZeroMq(address)
        try:
            self._handles["api_h"] = self._ask("api_sync_v2", _API)["api_h"]
            session = secrets.randbits(31)
            mine = {"user": _USER, "session_id": session, "force": False}
            self._handles["handler"] = self._ask("acquire", mine | {"port_id": port})
        except BaseException:
            self._channel.close()
            raise

    @classmethod
    def open(cls, section: Device, wire: Wire, frames: Sequence[bytes], *, run: int, at: Location) -> Self:
        """As `Source.open`; its ports are its own, wherever it is."""
        return cls(section.address, int(section.port(wire)), frames, run=run)

    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """As `Source.start`; every flow goes on where it was."""
        self._of_port("remove_all_streams")
        first = self._account.frames
        for number, frame in enumerate(self._frames):
            said = stream(frame, self._run, number, len(self._frames), first, rate, count)
            if said is not None:
                self._of_port("add_stream", stream_id=number + 1, stream=said)
        self._rate = rate
        before = self._counted()
        self._of_port(
            "start_traffic",
            mul={"type": "raw", "op": "abs", "value": 1.0},
            duration=-1.0,
            force=True,
            core_mask=_ONE_CORE,
            start_at_ts=0,
        )
        self._begun = time.monotonic(), before

    def stop(self) -> SenderCount:
        """As `Source.stop`."""
        if self._begun is not None:
            self._of_port("stop_traffic")
        return self.wait(_ANSWER_MS / 1000)

    def wait(self, seconds: float) -> SenderCount:
        """As `Source.wait`."""
        if self._begun is not None:
            begun, before = self._begun
            deadline = time.monotonic() + seconds
            while self._ask("get_port_status", {"port_id": self._port})["state"] == "TX":
                if time.monotonic() > deadline:
                    raise BenchError(f"{self._where}: it has not ended in {seconds:g} s")
                time.sleep(_LOOK_AGAIN)
            spent = max(0.0, time.monotonic() - begun - _LOOK_AGAIN)
            self._account.add(self._counted() - before, spent, self._rate)
            self._begun = None
        return self._account.sent()

    def close(self) -> None:
        """Stop it where it sends, and give the port back."""
        try:
            if self._begun is not None:
                self._of_port("stop_traffic")
            self._of_port("remove_all_streams")
            self._of_port("release")
        finally:
            self._channel.close()

    def _counted(self) -> int:
        return int(self._ask("get_port_stats", {"port_id": self._port})["opackets"])

    def _of_port(self, method: str, **more: Any) -> Any:
        return self._ask(method, {"port_id": self._port, "handler": self._handles["handler"], **more})

    def _ask(self, method: str, what: dict[str, Any]) -> Any:
        self._number += 1
        handle = {"api_h": self._handles["api_h"]} if "api_h" in self._handles else {}
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": {**what, **handle}}
        try:
            said = json.loads(self._channel.ask(json.dumps(request).encode()))
        except ValueError:
            raise BenchError(f"{self._where}: what answers {method} is no TRex server") from None
        if "error" in said:
            words = (
                said["error"].get("specific_err") or said["error"].get("message") or "an error without a word"
            )
            raise BenchError(f"{self._where}: {method}: {words}")
        return said["result"]


def stream(
    frame: bytes, run: int, flow: int, flows: int, first: int, rate: float | None, count: int | None
) -> dict[str, Any] | None:
    """A stream for add_stream: the frame of one flow, after ``first`` frames of all flows in turn.

    None where this flow has no part in ``count`` more.
    """
    sequence = (first + flows - 1 - flow) // flows
    until = None if count is None else (first + count + flows - 1 - flow) // flows
    mode: dict[str, Any] = {"type": "continuous"}
    if until is not None:
        if until == sequence:
            return None
        mode = {"type": "single_burst", "total_pkts": until - sequence}
    pace = {"type": "percentage", "value": _FASTEST / flows}
    if rate is not None:
        pace = {"type": "pps", "value": rate / flows}
    octets = frame[: -stamp.OCTETS] + stamp.untimed(run, flow, sequence)
    down = ~sequence % stamp.SEQUENCES
    return {
        "enabled": True,
        "self_start": True,
        "isg": 0.0 if rate is None else flow * 1e6 / rate,
        "flags": _ADDRESSES_OF_THE_FRAME,
        "action_count": 0,
        "random_seed": 0,
        "next_stream_id": -1,
        "mode": {**mode, "rate": pace},
        "packet": {"binary": base64.b64encode(octets).decode(), "meta": ""},
        "vm": {
            "instructions": [
                *_counter("sequence", "inc", sequence, len(octets) - stamp.SEQUENCE_FROM_END),
                *_counter("complement", "dec", down, len(octets) - stamp.TIME_FROM_END),
            ],
        },
        "flow_stats": {"enabled": False},
    }


def _counter(name: str, way: str, value: int, offset: int) -> list[dict[str, Any]]:
    """A number of 32 bits that goes one up or down with each frame, where it stands in it."""
    place = {"pkt_offset": offset, "add_value": 0, "is_big_endian": False}
    limits = {"init_value": value, "min_value": 0, "max_value": stamp.SEQUENCES - 1, "step": 1}
    return [
        {"type": "flow_var", "name": name, "op": way, "size": 4, **limits},
        {"type": "write_flow_var", "name": name, **place},
    ]
