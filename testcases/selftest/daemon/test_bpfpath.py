"""The data path in the kernel without a daemon: who gets which frame."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from agr.control.protocol import Refusal
from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath.bpfpath import BpfPath
from agr.daemon.datapath.choice import choose
from testcases.selftest.daemon.bpfbench import PORTS, Bench, arrived, frames_of, listener, run, until
from testcases.selftest.daemon.samples import CLIENTS, KEPT, LLDP, UNSUPPORTED


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
    """All but LACPDUs, Markers and illegal subtypes (43.2.9)."""
    (frame,) = frames_of(1, range(1))

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (client, far0, _):
            far0.send(frame)
            await until(
                lambda: path.port_traffic("re0").discarded == 1, "discarded: the port does not collect"
            )
            path.set_collecting("re0", True)
            for other in (*KEPT, *CLIENTS, frame):
                far0.send(other)
            assert arrived(client, len(CLIENTS) + 1) == [*CLIENTS, frame]
            path.set_collecting("re0", False)
            far0.send(frame)
            await until(lambda: path.port_traffic("re0").discarded == 2, "discarded again")
            assert client.waiting() == []
            assert path.port_traffic("re0").received == len(CLIENTS) + 1

    run(bench, scenario, tcx=tcx)


def test_what_bridges_keep_is_held_as_other_frames_are(bench: Bench) -> None:
    async def scenario(path: BpfPath) -> None:
        path.expect("re0", True)
        with bench.ends() as (client, far0, _):
            far0.send(LLDP)
            path.set_collecting("re0", True)
            assert client.wait_for(lambda _: True, "a frame") == LLDP
            await until(lambda: path.port_traffic("re0").received == 1, "it is counted once")
            far0.send(LLDP)
            assert client.wait_for(lambda _: True, "a frame") == LLDP
            assert client.waiting() == []

    run(bench, scenario)


def test_who_listens_on_the_port_itself_gets_what_bridges_keep(bench: Bench, tcx: bool) -> None:
    """As LLDP and 802.1X do: by type, behind all hooks; whether the port collects or not."""

    async def scenario(path: BpfPath) -> None:
        with bench.ends() as (_, far0, __), listener(bench, "re0", 0x88CC) as heard:
            for number, collects in enumerate((False, True, True)):  # the last shows that none came twice
                path.set_collecting("re0", collects)
                frame = LLDP[:-1] + bytes([number])
                far0.send(frame)
                assert heard.recv(2048) == frame

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
    async def scenario(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        with bench.ends() as (client, far0, _):
            for frame in (*KEPT, UNSUPPORTED, *CLIENTS[1:]):
                client.send(frame)
            assert arrived(far0, len(CLIENTS) - 1) == CLIENTS[1:]
            assert path.client_traffic().refused == len(KEPT) + 1

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
