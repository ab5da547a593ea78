"""A cable that is cut one way."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness.host.location import Here
from harness.traffic.deaf import Deaf
from harness.traffic.flows import udp_frame
from harness.traffic.outcome import compare
from harness.traffic.receiver import Receiver
from harness.traffic.sender import Sender
from harness.verdict import BenchError
from testcases.selftest.traffic.cables import cables

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="BPF and network namespaces need root")
NAME = f"agrdeaf-{os.getpid()}"
NEAR, FAR = f"{NAME}-near", f"{NAME}-far"
FRAME = udp_frame(bytes.fromhex("02005e005301"), bytes.fromhex("02005e005302"))
RUN, COUNT = 0x0D0E0A0F, 1000


@pytest.fixture
def cable() -> Iterator[None]:
    with cables(NEAR, FAR, 1):
        yield


def passed(interface: str, namespace: str, other: str, far: str) -> int:
    """How many of some frames come out at the other end."""
    with (
        Receiver([other], Here(far), run=RUN) as receiver,
        Sender(interface, Here(namespace), [FRAME], run=RUN) as sender,
    ):
        sender.start(count=COUNT)
        return COUNT - compare(sender.wait(10.0), receiver.seen()).lost


@pytest.mark.usefixtures("cable")
def test_nothing_comes_in_and_all_goes_out() -> None:
    with Deaf(FAR) as deaf:
        deaf.add("y0")
        assert passed("x0", NEAR, "y0", FAR) == 0
        assert passed("y0", FAR, "x0", NEAR) == COUNT
        deaf.remove("y0")
        assert passed("x0", NEAR, "y0", FAR) == COUNT
        deaf.add("y0")
    assert passed("x0", NEAR, "y0", FAR) == COUNT


@pytest.mark.usefixtures("cable")
def test_an_interface_that_is_not_there() -> None:
    with Deaf(FAR) as deaf, pytest.raises(BenchError, match="y9: cannot be made deaf"):
        deaf.add("y9")
