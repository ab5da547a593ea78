"""A port that is prepared for a testcase is read back: what did not happen is the bench's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.dut.interface import InterfaceState
from harness.verdict import BenchError
from testcases.conformance.ag import ports
from testcases.conformance.ag.ports import Prepared, prepared

FOUND = InterfaceState(
    "02:00:5e:00:53:01", 1500, frozenset({"UP"}), 0, ("192.0.2.1/24", "fe80::1/64"), (), "0"
)


def prepare(monkeypatch: pytest.MonkeyPatch, wanted: Prepared) -> None:
    """Prepare a port of a host that says that it has done everything, and does nothing."""
    case: Any = SimpleNamespace(dut=SimpleNamespace(run=lambda command: "", reset=lambda: None))
    monkeypatch.setattr(ports, "state", lambda case, port: FOUND)
    with prepared(case, {"re4": wanted}):
        pass


@pytest.mark.parametrize(
    "wanted",
    [
        Prepared(),
        Prepared(up=True, mtu=1500, mac=FOUND.mac, ipv6=True),
        Prepared(addresses=("192.0.2.1/24",)),
    ],
)
def test_a_port_that_is_as_wanted(monkeypatch: pytest.MonkeyPatch, wanted: Prepared) -> None:
    prepare(monkeypatch, wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Prepared(up=False), "up False, and it has True"),
        (Prepared(mtu=9000), "mtu 9000, and it has 1500"),
        (Prepared(mac="02:00:5e:00:53:99"), "mac 02:00:5e:00:53:99, and it has 02:00:5e:00:53:01"),
        (Prepared(ipv6=False), "ipv6 False, and it has True"),
        (Prepared(addresses=("192.0.2.9/24",)), "addresses"),
    ],
)
def test_a_port_that_is_not(monkeypatch: pytest.MonkeyPatch, wanted: Prepared, words: str) -> None:
    with pytest.raises(BenchError, match=f"re4: prepared with {words}"):
        prepare(monkeypatch, wanted)
