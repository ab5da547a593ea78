"""A port is promiscuous by its flag, and without LRO, as long as it is a port, also when agrd is killed."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
from collections.abc import Callable

import pytest

from agr.daemon import reception
from agr.daemon.journal import FoundPort
from agr.daemon.linux import ioctls
from agr.daemon.linux.interfaces import Interface
from testcases.selftest.daemon.lab import Namespace
from testcases.selftest.host import wait_until


def flags(host: Namespace, port: str) -> list[str]:
    link = host.link(port)
    assert link is not None
    shown: list[str] = link["flags"]
    return shown


def test_promiscuity_outlives_a_killed_agrd_and_is_undone(host: Namespace) -> None:
    host.run("ip", "link", "set", "re1", "promisc", "on")
    found = {port: host.snapshot(port) for port in ("re0", "re1")}
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "re1")
    assert all("PROMISC" in flags(host, port) for port in found)
    (pid,) = host.pids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not host.pids(), "agrd ends")
    assert all("PROMISC" in flags(host, port) for port in found)
    host.agrconfig("agr0", "destroy")
    assert {port: host.snapshot(port) for port in found} == found


def test_promiscuity_that_somebody_takes_away_is_set_again(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.run("ip", "link", "set", "re0", "promisc", "off")
    wait_until(lambda: "PROMISC" in flags(host, "re0"), "re0 is promiscuous again")
    (report,) = wait_until(lambda: host.agr0()["reports"], "a report")
    assert report["text"].startswith("port re0 was set not promiscuous: ")


class Nic:
    """A network interface with large receive offload, and its driver: of those at hand none has it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, able: bool = True) -> None:
        self.lro = True
        self.promiscuous = False
        self.master: int | None = None
        self._able = able
        self.kernel = self
        monkeypatch.setattr(fcntl, "ioctl", self._ioctl)
        monkeypatch.setattr(socket, "if_indextoname", lambda index: f"eth{index}")
        self.found = FoundPort(
            "eth7", "agr0", 7, "02:00:00:00:00:07", 1500, True, True, None, True, False, True
        )

    def _ioctl(self, _: object, number: int, request: bytes) -> None:
        """SIOCETHTOOL of netdevice(7) with struct ethtool_value."""
        assert number == 0x8946
        assert request[:16].rstrip(b"\0") == b"eth7"
        value = (ctypes.c_uint32 * 2).from_address(int.from_bytes(request[16:24], "little"))
        if value[0] == 0x25:
            value[1] = 1 << 8 | self.lro << 15
        else:
            assert value[0] == 0x26
            if not self._able:
                raise OSError(95, "Operation not supported")
            assert value[1] & ~(1 << 15) == 1 << 8, "other flags stay"
            self.lro = bool(value[1] & 1 << 15)

    async def do(self, function: Callable[..., None], *words: object) -> None:
        function(*words)

    async def set_promiscuous(self, index: int, on: bool) -> None:
        assert index == 7
        self.promiscuous = on

    async def find_index(self, index: int) -> Interface:
        assert index == 7
        return Interface(7, "eth7", None, 1, bytes(6), 1500, 0, self.master)


def test_lro_is_off_while_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    nic = Nic(monkeypatch)
    assert ioctls.lro(7)
    asyncio.run(reception.prepare(nic, nic.found))  # type: ignore[arg-type]
    assert (nic.promiscuous, nic.lro, ioctls.lro(7)) == (True, False, False)
    asyncio.run(reception.restore(nic, nic.found))  # type: ignore[arg-type]
    assert (nic.promiscuous, nic.lro) == (False, True)


def test_lro_stays_off_for_a_master(monkeypatch: pytest.MonkeyPatch) -> None:
    nic = Nic(monkeypatch)
    asyncio.run(reception.prepare(nic, nic.found))  # type: ignore[arg-type]
    nic.master = 9
    asyncio.run(reception.restore(nic, nic.found))  # type: ignore[arg-type]
    assert (nic.promiscuous, nic.lro) == (False, False)


def test_a_driver_that_cannot_is_no_hindrance(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nic = Nic(monkeypatch, able=False)
    asyncio.run(reception.prepare(nic, nic.found))  # type: ignore[arg-type]
    assert nic.promiscuous
    assert "eth7: large receive offload stays on" in caplog.text
