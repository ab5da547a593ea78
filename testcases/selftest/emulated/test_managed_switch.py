"""The switch of an emulated bench, from its beginning over a reload: what it begins with is saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from fixtures.emulated.managed_switch import ManagedSwitch
from harness.lab.schema import Emulated
from harness.pdu import Frame, lacpdu_frame
from harness.pdu.info import PortInfo, State
from harness.switch import Journal
from testcases.selftest.host import ip, wait_until
from testcases.selftest.switch_driver.helpers import opened
from testcases.selftest.switch_emulated.bench import Tap, carrier, namespaces, wire

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

PORT = "GigabitEthernet1/0/1"
STARTUP = ["hostname lab", f"interface {PORT}", "channel-group 1 mode active"]
STATION = "02:00:00:00:05:01"


@pytest.fixture(params=["openvswitch", "reference"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The switch's state directory, and the namespace with f1, the far end of its port."""
    lacp: Literal["openvswitch", "reference"] = request.param
    with namespaces("managed", "far") as (namespace, far):
        wire(namespace, "s1", far, "f1")
        section = Emulated(parts="x:X", switch_namespace=namespace, lacp=lacp, startup=STARTUP)
        switch = ManagedSwitch(namespace, tmp_path / "switch", {PORT: "s1"}, section)
        try:
            switch.start()
            yield tmp_path / "switch", far
        finally:
            switch.stop()


def partner_heard(tap: Tap) -> list[str]:
    """The partner's system in the LACPDUs that wait."""
    frames = (Frame(0.0, data, False, "f1") for data in tap.waiting())
    return [frame.partner.system for frame in frames if frame.is_lacpdu]


def test_a_reload_darkens_its_ports_and_starts_lacp_anew(bench: tuple[Path, str], tmp_path: Path) -> None:
    """A port that was only shut would name its partner for 90 seconds more (43.4.12)."""
    state, far = bench
    wait_until(lambda: carrier(far, "f1"), "the far end has carrier")
    tap = Tap(far, "f1")
    own = PortInfo(system=STATION, key=1, port=1, state=State.Activity | State.Aggregation)
    tap.send(lacpdu_frame(STATION, own, PortInfo()))
    wait_until(lambda: STATION in partner_heard(tap), "the switch names its partner")
    losses = carrier_losses(far)
    with opened(state, "ssh", Journal(tmp_path / "journal")) as switch:
        before = switch.running_config()
        switch.reload()
        assert switch.running_config() == before
        switch.restore()
    assert carrier_losses(far) == losses + 1
    named: list[str] = []

    def speaks_again() -> bool:
        named.extend(partner_heard(tap))
        return bool(named) and named[-1] != STATION

    wait_until(speaks_again, "its LACP speaks, and names nobody")
    tap.close()


def carrier_losses(namespace: str) -> int:
    """How often f1 has lost its carrier."""
    return int(ip("netns", "exec", namespace, "cat", "/sys/class/net/f1/carrier_down_count"))
