"""The data path in the kernel while no agrd runs, and what the next one finds."""

from __future__ import annotations

import pytest

from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath import holdqueues
from agr.daemon.datapath.bpfpath import BpfPath
from agr.daemon.linux.libbpf import Unavailable
from testcases.selftest.daemon.bpfbench import Bench, arrived, frames_of, held, run
from testcases.selftest.host import wait_until


def test_a_hold_does_not_outlive_agrd(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its deadline passes: the frames take the port that their bucket has."""
    monkeypatch.setattr(holdqueues, "DEADLINE_NS", 300_000_000)
    (frame,) = frames_of(1, range(1))

    async def dies(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re0")
        await held(path, [bucket_of(frame)])

    run(bench, dies, leave=True)
    with bench.ends() as (client, far0, _):

        def arrives() -> bool:
            client.send(frame)
            return frame in far0.waiting()

        wait_until(arrives, "a frame arrives")


def test_frames_pass_while_no_agrd_runs_and_the_next_one_goes_on(bench: Bench, tcx: bool) -> None:
    frames = frames_of(1, range(1000))

    async def before(path: BpfPath) -> None:
        path.assign(range(BUCKETS), "re1")
        path.set_collecting("re0", True)

    run(bench, before, tcx=tcx, leave=True)
    with bench.ends() as (client, far0, far1):
        for frame in frames:
            client.send(frame)
            far0.send(frame)
        assert arrived(far1, 1000) == arrived(client, 1000) == frames

        async def after(path: BpfPath) -> None:
            assert path.port_traffic("re1").sent == 1000
            assert path.port_traffic("re0").received == 1000
            client.send(frames[0])
            far0.send(frames[0])
            assert arrived(far1, 1) == arrived(client, 1) == [frames[0]]
            assert path.port_traffic("re1").sent == 1001

        run(bench, after, tcx=tcx, adopt=True)
        client.send(frames[0])
        far0.send(frames[0])
        assert far1.receive(0.2) is None, "close() ends it"
        assert client.receive(0.2) is None


def test_there_must_be_something_to_adopt(bench: Bench) -> None:
    async def never(_: BpfPath) -> None:
        raise AssertionError

    with pytest.raises(Unavailable, match="no earlier data path"):
        run(bench, never, adopt=True)
