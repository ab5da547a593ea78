"""A call of the loop that raises ends its testcase, on benches of both kinds, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness import catalogue
from harness.bench.bench import Bench
from harness.case import Case
from harness.dut.implementation import Dut
from harness.lab.schema import Lab
from harness.pdu import Frame
from harness.run.verdict_of import judge
from harness.verdict import BenchBroken, BenchError, ConformanceFailure, ImplementationBroke, Verdict
from harness.verdict.failure import Failure
from harness.wire.loop import Loop
from harness.wire.real_loop import RealLoop
from harness.wire.virtual_loop import VirtualLoop
from testcases.selftest.harness.stub import EchoTap

FAILURE = ConformanceFailure(Failure("MK-06", "43.5.4", "transaction 7", "transaction 8"))
ROW = catalogue.load().row("MK-06")
PASSED = cast(
    Case, SimpleNamespace(checks=1, checked={"MK-06"}, empty={}, failures=[], floods=True, rows={ROW.id: ROW})
)
PATIENCE = 60.0


@pytest.fixture(params=[RealLoop, VirtualLoop])
def loop(request: pytest.FixtureRequest) -> Iterator[Loop]:
    loop: Loop = request.param()
    yield loop
    if isinstance(loop, RealLoop):
        loop.close()


class Quiet(Bench):
    """A bench that has nothing to say of itself."""

    def __init__(self, loop: Loop) -> None:
        lab = SimpleNamespace(limits=SimpleNamespace(drops=0))
        super().__init__(cast(Lab, lab), "quiet", loop, cast(Dut, SimpleNamespace(reset=lambda: None)))

    def troubles(self) -> list[str]:
        return []

    def properties(self) -> dict[str, str]:
        return {}

    def close(self) -> None: ...


def broken() -> None:
    raise LookupError("no such thing\nand more lines")


def fails(loop: Loop, error: type[Exception], **words: Any) -> None:
    with pytest.raises(error, **words):
        loop.run(lambda: None, loop.now() + 0.05)


def test_the_loop_goes_on_and_the_first_failure_is_kept(loop: Loop) -> None:
    served: list[bool] = []
    loop.call_at(loop.now(), broken)
    loop.call_at(loop.now() + 0.01, lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    loop.call_at(loop.now() + 0.02, lambda: served.append(True))
    for _ in range(3):  # whoever passes over it meets it again
        fails(loop, BenchError, match=r"^a call of the bench's loop broke: LookupError: no such thing$")
    assert isinstance(loop.take_failure(), BenchError)
    while not served:
        try:
            loop.run(lambda: served, loop.now() + PATIENCE)
        except BenchError:
            loop.take_failure()
    assert loop.take_failure() is None


def test_a_testcase_cannot_pass_over_it(loop: Loop) -> None:
    """Neither PASS nor FAIL: an ERROR with one line for people, and the traceback for engineers."""
    for error in (None, FAILURE, ImplementationBroke("x")):
        loop.call_at(loop.now(), broken)
        fails(loop, BenchError)
        judgement = judge(PASSED, Quiet(loop), error)
        assert judgement.verdict is Verdict.ERROR
        assert "LookupError: no such thing" in judgement.cause and "\n" not in judgement.cause
        assert "in broken" in judgement.details and "Traceback" in judgement.details
    assert judge(PASSED, Quiet(loop), None).verdict is Verdict.PASS


@pytest.mark.parametrize("error", [FAILURE, ImplementationBroke("ZeroDivisionError: division by zero")])
def test_what_tells_a_verdict_tells_it_from_a_call_too(loop: Loop, error: Exception) -> None:
    def found() -> None:
        raise error

    loop.call_at(loop.now(), found)
    fails(loop, type(error))
    assert judge(PASSED, Quiet(loop), None).verdict is Verdict.FAIL


def test_a_listener_that_raises_keeps_no_other_from_hearing(loop: Loop) -> None:
    tap, heard = EchoTap(loop, "t1"), []
    tap.listen(lambda frame: broken())
    tap.listen(heard.append)
    loop.call_at(loop.now(), lambda: tap.hear(bytes(60)))
    fails(loop, BenchError, match="LookupError")
    assert len(tap.frames) == 1
    if isinstance(loop, RealLoop):  # in virtual time it ends the call that it is a part of
        assert len(heard) == 1 and isinstance(heard[0], Frame)


def test_a_testcase_begins_without_the_failures_of_the_one_before(loop: Loop) -> None:
    bench = Quiet(loop)
    loop.call_at(loop.now(), broken)
    fails(loop, BenchError)
    bench.begin()
    loop.run(lambda: None, loop.now() + 0.01)


def test_a_broken_bench_stays_broken(loop: Loop) -> None:
    bench = Quiet(loop)

    def pulled_out() -> None:
        raise BenchBroken("interface te4 is gone")

    loop.call_at(loop.now(), pulled_out)
    fails(loop, BenchBroken)
    for _ in range(2):
        judgement = judge(PASSED, bench, None)
        assert (judgement.verdict, judgement.cause) == (Verdict.ERROR, "interface te4 is gone")
        with pytest.raises(BenchBroken):
            bench.begin()


def test_a_reader_that_raises_is_read_no_more_and_breaks_the_bench() -> None:
    read, write = os.pipe()
    loop = RealLoop()
    try:
        reads: list[int] = []

        def reader() -> float:
            reads.append(1)
            raise OSError(19, "No such device")

        os.write(write, b"x")
        loop.watch(read, reader)
        fails(loop, BenchBroken, match="No such device")
        served: list[bool] = []
        loop.call_at(loop.now(), lambda: served.append(True))
        while not served:
            fails(loop, BenchBroken)
        assert len(reads) == 1
        loop.unwatch(read)  # harmless
    finally:
        loop.close()
        os.close(read)
        os.close(write)
