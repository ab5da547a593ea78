"""A tool that hangs, or does nothing, ends in one clear error of the bench within its bound."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.emulated import cables, ip, namespaces, taps
from fixtures.emulated.cables import Cable, End
from fixtures.switch import leftovers, ovs_daemons, unixctl
from fixtures.switch.model import BackendError
from harness.host import location
from harness.host.location import Here
from harness.host.port_queue import PortQueue, full
from harness.verdict import BenchError

SOON = 0.2
SHOWN = '[{"kind": "noqueue", "options": {}, "qlen": 0, "ifname": "te4", "flags": ["UP"], "mtu": 1500}]'


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a shell script in the place of a tool."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def put(name: str, script: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return put


Tool = Callable[[str, str], None]
HANGS = "exec sleep 3600"


def test_iproute2_that_hangs(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (location, ip):
        monkeypatch.setattr(module, "COMMAND_TIME", SOON)
    tool("ip", HANGS)
    tool("tc", HANGS)
    with pytest.raises(BenchError, match=r"^ip -n ns link: no answer within 0\.2 s$"):
        ip.ip("-n", "ns", "link")
    with pytest.raises(BenchError, match=r"^tc .* x0 .* \(this machine\): no answer within 0\.2 s$"):
        PortQueue("x0", Here(None)).slow(1e6)
    with pytest.raises(BenchError, match=r"^tc .* x0 .* \(namespace ns\): no answer within 0\.2 s$"):
        PortQueue("x0", Here("ns")).slow(1e6)


def test_tools_of_the_switch_that_hang(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ovs_daemons, leftovers):
        monkeypatch.setattr(module, "TOOL_TIMEOUT", SOON)
    tool("ovs-vsctl", HANGS)
    tool("ip", HANGS)
    with pytest.raises(BackendError, match=r"^ovs-vsctl: no answer within 0\.2 s$"):
        ovs_daemons.run("ovs-vsctl", "show")
    with pytest.raises(BackendError, match=r"^ip: no answer within 0\.2 s$"):
        leftovers.remove_interfaces("ns", ["x"])


def test_a_daemon_that_never_comes_to_the_end_of_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unixctl, "TIMEOUT", SOON)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "ctl"))
        listener.listen()

        def trickle() -> None:
            line, _ = listener.accept()
            with line:
                ended = threading.Event()
                while not ended.wait(SOON / 10):
                    try:
                        line.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        with pytest.raises(BackendError, match="ctl does not answer to version"):
            unixctl.ask(tmp_path / "ctl", "version")
        thread.join(60)
        assert not thread.is_alive()


def test_wires_of_taps_that_do_not_come(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taps, "START_TIME", SOON)
    monkeypatch.setattr(taps, "END_TIME", SOON)
    tool("ip", "trap '' TERM\nwhile :; do sleep 0.05; done")
    wires = taps.TapWires([Cable((End("a", "re8"), End("b", "te8")))])
    with pytest.raises(BenchError, match=r"not ready within 0\.2 s"):
        wires.start()
    wires.stop()


def test_a_queue_that_is_not_there_although_the_tool_said_nothing(tool: Tool) -> None:
    tool("tc", f"echo '{SHOWN}'")
    with pytest.raises(BenchError, match="x0: given a queue of kind tbf, it has noqueue"):
        PortQueue("x0", Here(None)).slow(1e6)
    with (
        pytest.raises(BenchError, match="x0: given a queue of kind bfifo, it has noqueue"),
        full("x0", Here(None)),
    ):
        pass


def test_a_queue_of_another_rate(tool: Tool) -> None:
    tool("tc", """echo '[{"kind": "tbf", "options": {"rate": 7}}]'""")
    with pytest.raises(BenchError, match="x0: asked for 1000000 octets a second, its queue has 7"):
        PortQueue("x0", Here(None)).slow(1e6)


def test_a_queue_that_stays(tool: Tool) -> None:
    tool("tc", """echo '[{"kind": "bfifo", "options": {}}]'""")
    words = "x0: its queue of kind bfifo was deleted, and is still there"
    with pytest.raises(BenchError, match=words), full("x0", Here(None)):
        pass


def test_cables_that_are_not_as_they_were_laid(tool: Tool) -> None:
    tool("ip", f"echo '{SHOWN}'")
    with pytest.raises(BenchError, match="te4 in b: set up with MTU 9216, and it is UP, MTU 1500"):
        cables.lay([Cable((End("a", "re4", implementation=True), End("b", "te4", mtu=9216)))])
    with pytest.raises(BenchError, match="te5 in b: set up with MTU 1500, and it is not there"):
        cables.lay([Cable((End("a", "re5", implementation=True), End("b", "te5")))])


def test_a_namespace_with_ipv6(tool: Tool) -> None:
    tool("ip", "echo 0")
    with pytest.raises(BenchError, match="namespace ns: IPv6 was switched off for all, and it is on"):
        namespaces.add("ns")
