"""Generators of others: tcpreplay over a cable, and what is said to a TRex server and to an OTG device.

recorded/otg.json has the requests that snappi 1.62 sends for the same traffic, with answers as the API has
them; the TRex server's part is played after its own client, without a server.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.arrangement import arrangements, tunnels
from harness.host.location import Here
from harness.lab import load
from harness.traffic.backends.otg import Otg
from harness.traffic.backends.tcpreplay import Tcpreplay, figures
from harness.traffic.backends.trex import Trex, stream
from harness.traffic.flows import udp_frame
from harness.traffic.mix import mix_frames
from harness.traffic.outcome import ReceiverCount, SenderCount, compare
from harness.traffic.receiver import Receiver
from harness.traffic.source import open_source
from harness.traffic.stamp import FIELDS, OCTETS, intact
from harness.verdict import BenchError, UsageError
from testcases.selftest.traffic.cables import cables

RUN = 0x0A0B0C0D
NAME = f"agrbackends-{os.getpid()}"
NEAR, FAR = f"{NAME}-a", f"{NAME}-b"
RECORDED = json.loads((Path(__file__).parent / "recorded" / "otg.json").read_text())
MACS = (bytes.fromhex("02005e005301"), bytes.fromhex("02005e005302"), bytes.fromhex("02005e005303"))
SHORT = [udp_frame(MACS[0], MACS[1]), udp_frame(MACS[0], MACS[2], ports=(50000, 9))]
MIX = mix_frames(12, "02:00:5e:00:53:10")
ROOT = Path(__file__).parents[3]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")
needs_tcpreplay = pytest.mark.skipif(shutil.which("tcpreplay") is None, reason="there is no tcpreplay")


@needs_root
@needs_tcpreplay
def test_tcpreplay_sends_a_mix_in_two_goes() -> None:
    with (
        cables(NEAR, FAR, 1),
        Receiver(["y0"], Here(FAR), run=RUN, contents=MIX) as receiver,
        Tcpreplay("x0", Here(NEAR), MIX, run=RUN) as source,
    ):
        source.start(rate=20_000, count=1_000)
        source.wait(30)
        source.start(count=505)
        sent, seen = source.wait(30), receiver.seen()
    assert compare(sent, seen).clean
    assert (sent.frames, seen.frames) == (1_505, 1_505)
    assert {flow: found.received for flow, found in seen.flows.items()} == dict(enumerate(sent.flows))
    assert seen.ports["y0"].delay is None  # no frame says when it was sent


@needs_root
@needs_tcpreplay
def test_tcpreplay_says_what_is_wrong() -> None:
    with cables(NEAR, FAR, 1), Tcpreplay("x9", Here(NEAR), MIX, run=RUN) as source:
        source.start(count=10)
        with pytest.raises(BenchError, match=r"generator: tcpreplay on x9: .*x9"):
            source.wait(30)
        with pytest.raises(BenchError, match="tcpreplay replays 1 to 2000000 frames, not without end"):
            source.start(rate=1000)


def test_tcpreplays_own_figures() -> None:
    said = "Actual: 90 packets (5400 bytes) sent in 0.009 seconds\nFailed packets:            10\n"
    assert figures(said, "x0") == (90, 0.009, 10)


def test_a_missing_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BenchError, match="there is no tcpreplay; install it: apt-get install tcpreplay"):
        Tcpreplay("x0", Here(None), MIX, run=RUN)


@contextmanager
def device(answers: list[dict[str, Any]], status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An OTG device that answers so, one after the other: its URL, and what it was asked."""
    asked: list[dict[str, Any]] = []
    left = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = json.dumps(next(left)).encode()
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            asked.append({"method": self.command, "path": self.path, "sent": body})
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_an_otg_device_is_asked_as_snappi_does() -> None:
    exchange = RECORDED[:-1]
    with (
        device([{}, *(one["answer"] for one in exchange)]) as (url, asked),
        Otg(url, "eth2", SHORT, run=RUN) as otg,
    ):
        otg.start(rate=1000, count=100)
        sent = otg.wait(30)
    assert asked[0] == {"method": "GET", "path": "/config", "sent": None}
    assert asked[1:] == [{name: one[name] for name in ("method", "path", "sent")} for one in exchange]
    assert (sent.frames, sent.flows, sent.numbered) == (100, (50, 50), False)


def test_an_otg_device_is_stopped_as_snappi_does() -> None:
    stop, over = RECORDED[-1], RECORDED[-2]["answer"]
    with device([{}, {}, {}, {}, over]) as (url, asked), Otg(url, "eth2", SHORT, run=RUN) as otg:
        otg.start()
        otg.stop()
    assert asked[3] == {name: stop[name] for name in ("method", "path", "sent")}
    assert [flow["duration"]["choice"] for flow in asked[1]["sent"]["flows"]] == ["continuous"] * 2


def test_an_otg_device_that_is_not_there_or_refuses() -> None:
    with device([]) as (url, _):
        pass
    with pytest.raises(BenchError, match=rf"^generator {url}: Connection refused$"):
        Otg(url, "eth2", SHORT, run=RUN)
    with (
        device([{"code": 400, "errors": ["no port eth2", "nor any other"]}], status=400) as (url, _),
        pytest.raises(BenchError, match=rf"^generator {url}: /config: no port eth2; nor any other$"),
    ):
        Otg(url, "eth2", SHORT, run=RUN)


class Server:
    """A TRex server, as far as it is asked; it keeps the requests."""

    def __init__(self, refuses: str = "") -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = False
        self._refuses = refuses
        self._states = itertools.chain(["TX"], itertools.repeat("STREAMS"))
        self._counts = itertools.chain([1_000], itertools.repeat(1_101))

    def ask(self, request: bytes) -> bytes:
        said = json.loads(request)
        assert said["jsonrpc"] == "2.0"
        method, params = said["method"], said["params"]
        self.asked.append((method, params))
        if method == self._refuses:
            error = {
                "code": -32000,
                "message": "Server error",
                "specific_err": "port is already taken by 'bob'",
            }
            return json.dumps({"jsonrpc": "2.0", "id": said["id"], "error": error}).encode()
        results: dict[str, Any] = {
            "api_sync_v2": {"api_h": "MsTGdFhj"},
            "acquire": "kJbzQ9Hx",
            "get_port_status": {"state": next(self._states) if method == "get_port_status" else ""},
            "get_port_stats": {"opackets": next(self._counts) if method == "get_port_stats" else 0},
        }
        return json.dumps({"jsonrpc": "2.0", "id": said["id"], "result": results.get(method, {})}).encode()

    def close(self) -> None:
        self.closed = True


def test_what_a_trex_server_is_asked() -> None:
    server = Server()
    with Trex("192.0.2.9", 3, SHORT, run=RUN, channel=server) as trex:
        trex.start(rate=1000, count=101)
        sent = trex.wait(30)
    mine = {"port_id": 3, "handler": "kJbzQ9Hx", "api_h": "MsTGdFhj"}
    methods = [method for method, _ in server.asked]
    assert methods == [
        "api_sync_v2", "acquire", "remove_all_streams", "add_stream", "add_stream", "get_port_stats",
        "start_traffic", "get_port_status", "get_port_status", "get_port_stats", "remove_all_streams",
        "release",
    ]  # fmt: skip
    assert server.asked[0][1] == {"name": "STL", "major": 5, "minor": 1}
    assert server.asked[1][1].items() >= {"port_id": 3, "user": "agr-lab", "force": False}.items()
    first, second = server.asked[3][1], server.asked[4][1]
    assert first.items() >= {**mine, "stream_id": 1}.items()
    assert first["stream"]["mode"] == {
        "type": "single_burst",
        "total_pkts": 51,
        "rate": {"type": "pps", "value": 500.0},
    }
    assert second["stream"]["mode"]["total_pkts"] == 50
    assert server.asked[6][1] == {
        **mine, "mul": {"type": "raw", "op": "abs", "value": 1.0}, "duration": -1.0, "force": True,
        "core_mask": 1, "start_at_ts": 0,
    }  # fmt: skip
    assert (sent.frames, sent.flows, sent.numbered) == (101, (51, 50), True)
    assert server.closed


def test_a_trex_port_that_another_has() -> None:
    server = Server(refuses="acquire")
    with pytest.raises(BenchError, match=r"192\.0\.2\.9 port 3: acquire: port is already taken by 'bob'"):
        Trex("192.0.2.9", 3, SHORT, run=RUN, channel=server)
    assert server.closed


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zmq", None)
    with pytest.raises(BenchError, match=r"TRex needs the package pyzmq: \.venv/bin/pip install pyzmq"):
        Trex("192.0.2.9", 3, SHORT, run=RUN)


def field_engine(said: dict[str, Any], count: int) -> list[bytes]:
    """The frames that TRex's field engine makes of a stream."""
    octets = bytearray(base64.b64decode(said["packet"]["binary"]))
    values: dict[str, int] = {}
    frames = []
    for number in range(count):
        for step in said["vm"]["instructions"]:
            if step["type"] == "flow_var":
                way = {"inc": 1, "dec": -1}[step["op"]] * number
                values[step["name"]] = (step["init_value"] + way) % (step["max_value"] + 1)
            else:
                at = step["pkt_offset"]
                octets[at : at + 4] = values[step["name"]].to_bytes(
                    4, "big" if step["is_big_endian"] else "little"
                )
        frames.append(bytes(octets))
    return frames


@given(st.integers(0, 11), st.integers(0, 2**30), st.integers(1, 200))
def test_what_trex_counts_are_right_stamps(flow: int, first: int, count: int) -> None:
    """In order, from where the flow was, of its share of the frames."""
    said = stream(MIX[flow], RUN, flow, 12, first, 1000, count)
    mine = [number // 12 for number in range(first, first + count) if number % 12 == flow]
    if said is None:
        assert not mine
        return
    assert said["mode"]["total_pkts"] == len(mine)
    frames = field_engine(said, len(mine))
    octets = np.frombuffer(b"".join(frame[-OCTETS:] for frame in frames), np.uint8).reshape(-1, OCTETS)
    assert intact(octets).all()
    stamps = octets.view(FIELDS)[:, 0]
    assert stamps["sequence"].tolist() == mine
    assert {frame[:-OCTETS] for frame in frames} == {MIX[flow][:-OCTETS]}


def test_a_device_may_be_at_the_end_of_a_wire_through_the_switch(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    said = f"extends: {ROOT / 'fixtures' / 'labs' / 'four-port.yaml'}\n"
    generator = "generator: {kind: otg, address: 'http://127.0.0.1:1', ports: {p1: eth2}}\n"
    path.write_text(said + generator)
    made = next(way for way in arrangements(load(path)) if tunnels(way))
    with pytest.raises(BenchError, match=r"127.0.0.1:1: Connection refused"):
        open_source(made, made.wire("p1"), SHORT, run=RUN, at=Here(None))
    path.write_text(said + generator + "through_switch: false\n")
    with pytest.raises(UsageError, match=r"generator.ports.p1: no wire of this name is straight"):
        load(path)


def test_frames_without_numbers_are_counted() -> None:
    sent = SenderCount(100, 0, 1.0, (50, 50), numbered=False)
    outcome = compare(sent, ReceiverCount(97, 0, {}, {}, (), corrupted=1))
    assert (outcome.lost, outcome.duplicated, outcome.reordered, outcome.corrupted) == (3, 0, 0, 1)


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (
            "{kind: otg, address: 'http://127.0.0.1:1', ports: {t1-4: eth2}}",
            "127.0.0.1:1: Connection refused",
        ),
        ("{kind: trex, address: 127.0.0.1, ports: {t1-4: 0}}", "generator: TRex needs the package pyzmq"),
        ("{kind: tcpreplay}", "generator: there is no tcpreplay"),
        ("{kind: otg, address: 'http://127.0.0.1:1', ports: {t1-5: eth2}}", "has none for wire t1-4"),
        ("{kind: own}", "network namespace nowhere-tester"),
    ],
)
def test_the_lab_file_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: str, message: str
) -> None:
    """Here nothing of it is there: the message names it."""
    monkeypatch.setitem(sys.modules, "zmq", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    path = tmp_path / "lab.yaml"
    path.write_text(f"extends: {ROOT / 'lab.yaml'}\ngenerator: {generator}\n")
    lab = load(path).resolve(bench="nowhere", state=str(tmp_path))
    with pytest.raises(BenchError, match=message):
        open_source(lab, lab.wire("t1-4"), SHORT, run=RUN, at=Here("nowhere-tester"))
