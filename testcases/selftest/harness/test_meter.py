"""What passes the tester's ports is counted by the kernel, and told each second."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.bench.bench import Bench
from harness.bench.kernel_wires import InterfaceTap
from harness.host.location import Here
from harness.lab import load
from harness.lab.place import At, Port
from harness.report.rates import Rates, told
from harness.run import meter
from harness.run.meter import Counters, Meter, own_ports
from harness.verdict import BenchError
from harness.wire.real_loop import RealLoop
from testcases.selftest.runs.command import SIMULATED
from testcases.selftest.traffic.cables import cables

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: network namespaces")

NEAR, FAR = f"meter-n{os.getpid()}", f"meter-f{os.getpid()}"
FRAME = bytes.fromhex("ffffffffffff 02005e005301 88b5") + bytes(46)
PATIENCE = 20.0


@pytest.fixture
def taps() -> Iterator[tuple[InterfaceTap, InterfaceTap]]:
    with cables(NEAR, FAR, 1):
        loop = RealLoop()
        near, far = InterfaceTap(loop, "near", "x0", Here(NEAR)), InterfaceTap(loop, "far", "y0", Here(FAR))
        yield near, far
        near.close()
        far.close()
        loop.close()


def test_frames_are_counted_where_they_leave_and_where_they_come(
    taps: tuple[InterfaceTap, InterfaceTap],
) -> None:
    near, _ = taps
    sending, receiving = Counters([(NEAR, "x0")]), Counters([(FAR, "y0"), (NEAR, "none")])
    before = sending.read(), receiving.read()
    for _ in range(7):
        near.send(FRAME)
    after = sending.read(), receiving.read()
    assert [a - b for a, b in zip(after[0], before[0], strict=True)] == [0, 7]
    assert [a - b for a, b in zip(after[1], before[1], strict=True)] == [7, 0]
    sending.close()
    receiving.close()


def test_no_such_namespace() -> None:
    with pytest.raises(BenchError, match="network namespace nobodys"):
        Counters([("nobodys", "x0")])


def test_rates_are_told_while_it_is_open(
    taps: tuple[InterfaceTap, InterfaceTap], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "PERIOD", 0.05)
    near, _ = taps
    ports = [Port(interface=near.interface, at=At(namespace=NEAR))]
    lab = SimpleNamespace(kind="emulated", sending_ports=ports)
    bench = SimpleNamespace(name="bench", own=lab)
    folder = tmp_path / "rates"
    deadline = time.monotonic() + PATIENCE
    with Meter(cast(Bench, bench), folder) as measured:
        measured.nodeid = "a"
        while (found := told(folder).get(("", "a"), Rates("", "", 0, 0))).sent == 0:
            assert time.monotonic() < deadline, "no rate was told"
            near.send(FRAME)
    assert (found.bench, found.seen) == ("bench", 0)


def test_a_simulated_bench_has_nothing_to_tell(tmp_path: Path) -> None:
    bench = SimpleNamespace(name="bench", own=load(SIMULATED))
    assert own_ports(bench.own) == []
    with Meter(cast(Bench, bench), tmp_path):
        pass
    assert told(tmp_path) == {}
