"""The data path in the kernel without a daemon: who gets which frame."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agr.control.protocol import Refusal
from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath.bpfpath import BpfPath
from agr.daemon.datapath.choice import choose
from testcases.selftest.daemon.bpfbench import PORTS, Bench, arrived, frames_of, run, until

SLOW = bytes.fromhex("0180c2000002 020000000001 8809 01") + bytes(45)


def test_frames_go_where_their_bucket_says(bench: Bench, tcx: bool) -> None:
    first, second = frames_of(1, range(3)), frames_of(2, range(3))

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (client, far0, far1):
            client.send(first[0])
            await until(lambda: path.client_traffic().undistributed == 1, "no bucket has a port yet")
            path.assign([bucket_of(first[0])], "re0")
            path.assign([bucket_of(second[0])], "re1")
            for frame in (*first, *second):
                client.send(frame)
            await until(lambda: path.port_traffic("re1").sent == 3, "all are sent")
            assert (far0.waiting(), far1.waiting()) == (first, second)
            assert path.port_traffic("re0").sent == 3

    run(bench, scenario, tcx=tcx)


def test_a_port_delivers_while_it_collects(bench: Bench, tcx: bool) -> None:
    """And neither slow protocol frames nor what is for this link alone."""
    (frame,) = frames_of(1, range(1))
    link_local = bytes.fromhex("0180c200000e 020000000001 88cc") + bytes(46)
    tagged_slow = SLOW[:12] + b"\x81\x00\x00\x05" + SLOW[12:]

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (client, far0, _):
            far0.send(frame)
            await until(
                lambda: path.port_traffic("re0").discarded == 1, "discarded: the port does not collect"
            )
            path.set_collecting("re0", True)
            for other in (link_local, SLOW, b"\2" + SLOW[1:], tagged_slow, frame):
                far0.send(other)
            assert client.wait_for(lambda _: True, "a frame") == frame
            path.set_collecting("re0", False)
            far0.send(frame)
            await until(lambda: path.port_traffic("re0").discarded == 2, "discarded again")
            assert client.waiting() == []
            assert path.port_traffic("re0").received == 1

    run(bench, scenario, tcx=tcx)


def test_what_is_kept_is_delivered_when_the_port_collects(bench: Bench) -> None:
    """re1 keeps nothing: what it receives in the meantime is discarded."""
    frames = frames_of(1, range(20))

    async def scenario(path: BpfPath) -> None:
        for port in PORTS:
            path.expect(port, True)
        path.keep("re0")
        with bench.ends() as (client, far0, far1):
            for frame in frames:
                far0.send(frame)
                far1.send(frame)
            path.expect("re0", True)
            await until(lambda: path.port_traffic("re1").discarded == len(frames), "re1 discards")
            path.set_collecting("re0", True)
            await until(lambda: path.port_traffic("re0").received == len(frames), "re0 delivers")
            assert arrived(client, len(frames)) == frames

    run(bench, scenario)


def test_slow_protocol_frames_of_the_client_are_refused(bench: Bench) -> None:
    tagged = b"\2" + SLOW[1:12] + b"\x81\x00\x00\x05" + SLOW[12:]

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        with bench.ends() as (client, far0, _):
            for frame in (SLOW, b"\2" + SLOW[1:], SLOW[:12] + b"\x88\xb5" + SLOW[14:], tagged):
                client.send(frame)
            assert far0.wait_for(lambda _: True, "what has a tag is data") == tagged
            assert path.client_traffic().refused == 3

    run(bench, scenario)


def test_round_robin_and_back(bench: Bench) -> None:
    frames = frames_of(1, range(20))

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re1")
        with bench.ends() as (client, far0, far1):
            for turns, expected in (
                (PORTS, [frames[::2], frames[1::2]]),
                (["re0"], [frames, []]),
                ([], [[], []]),
                (None, [[], frames]),
            ):
                path.round_robin(turns)
                for frame in frames:
                    client.send(frame)
                sent = [arrived(far, len(some)) for far, some in zip((far0, far1), expected, strict=True)]
                assert sorted(sent) == sorted(expected)
            assert path.client_traffic().undistributed == 20

    run(bench, scenario)


def test_the_port_that_leaves_gets_nothing_more(bench: Bench) -> None:
    (frame,) = frames_of(1, range(1))

    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        path.set_collecting("re0", True)
        path.remove_port("re0")
        with bench.ends() as (client, far0, _):
            client.send(frame)
            far0.send(frame)
            await until(lambda: path.client_traffic().undistributed == 1, "the frame goes nowhere")
            assert far0.waiting() == client.waiting() == []

    run(bench, scenario)


def test_the_fallback_is_told_once(bpf: None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    missing = tmp_path / "datapath.bpf.o"
    with caplog.at_level(logging.WARNING, "agrd"):
        choice = choose("auto", missing)
    assert choice.name == "python"
    assert choice.reason == f"{missing} is missing: compile_bpf.sh makes it, before agr is installed"
    assert [record.getMessage() for record in caplog.records] == [
        f"frames are moved by the data path in Python, which is slow: {choice.reason}"
    ]
    with pytest.raises(Refusal, match="the data path bpf cannot be had"):
        choose("bpf", missing)
    assert choose("auto").name == "bpf"
