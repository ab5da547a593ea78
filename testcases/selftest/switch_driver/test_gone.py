"""The emulated switch hangs, or is killed, in the middle: one clear error of the bench, within a bound."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.emulated.ip import ip
from fixtures.emulated.managed_switch import ManagedSwitch
from harness.switch import Journal, open_switch
from harness.switch.cisco_ios.switch import CiscoIos
from harness.verdict import BenchError
from testcases.selftest.switch_driver.helpers import PREFIX, closing, section

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

NAMESPACE = f"agrg-{os.getpid()}"
PORT = "GigabitEthernet1/0/1"
ANSWER_TIME = 2.0
"""switch.timeout here: seconds that an answer may take."""

LONGEST = 30 * ANSWER_TIME
"""Seconds in which a command has failed: connecting takes several steps, each with its own time."""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state directory of a running switch."""
    ip("netns", "add", NAMESPACE)
    switch = ManagedSwitch(NAMESPACE, tmp_path / "switch", {PORT: "sp1"})
    try:
        ip("-n", NAMESPACE, "link", "add", "sp1", "type", "veth", "peer", "name", "e1")
        switch.start()
        yield tmp_path / "switch"
    finally:
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(pid(tmp_path / "switch"), signal.SIGCONT)
        switch.stop()
        ManagedSwitch.end_stale(tmp_path / "switch")
        ip("netns", "del", NAMESPACE)


def pid(state: Path) -> int:
    return int(json.loads((state / "switch.json").read_text())["pid"])


def opened(state: Path, path: str, folder: Path) -> CiscoIos:
    where = section(
        **{"from": str(state / "switch.json"), "credentials": {"environment": PREFIX}, "timeout": ANSWER_TIME}
    )
    return open_switch(where, path, folder / "transcript", Journal(folder / "journal"))


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < LONGEST


@pytest.mark.parametrize("path", ["ssh", "console"])
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hangs"])
def test_in_the_middle_of_a_session(state: Path, tmp_path: Path, path: str, kind: signal.Signals) -> None:
    with closing(opened(state, path, tmp_path)) as switch:
        switch.no_shut(PORT)
        os.kill(pid(state), kind)
        for _ in range(2):  # the second one connects anew
            with bounded(), pytest.raises(BenchError, match="switch, "):
                switch.shut(PORT)
        with bounded(), pytest.raises(BenchError, match="switch, "):
            switch.show("show clock")
        with bounded():
            switch.close()


def test_data_plane_that_hangs(state: Path, tmp_path: Path) -> None:
    """A tool of the switch waits for ovs-vswitchd: the switch, or its silence, is quoted."""
    (daemon,) = [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if (entry / "comm").exists()
        and (entry / "comm").read_text() == "ovs-vswitchd\n"
        and str(state).encode() in (entry / "cmdline").read_bytes()
    ]
    with closing(opened(state, "ssh", tmp_path)) as switch:
        switch.no_shut(PORT)
        os.kill(daemon, signal.SIGSTOP)
        try:
            with (
                bounded(),
                pytest.raises(BenchError, match=r"switch, .*(no prompt within|data plane refused)"),
            ):
                switch.make_lag([PORT], 1, "active", "fast")
        finally:
            os.kill(daemon, signal.SIGCONT)
