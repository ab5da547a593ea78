"""Requests to the kernel, many at the same time."""

from __future__ import annotations

import asyncio

from agr.daemon.linux.interfaces import Interfaces
from testcases.selftest.daemon.lab import Lab
from testcases.selftest.host import wait_until


def test_all_of_many_requests_are_answered(lab: Lab) -> None:
    """More than a socket is used for: the next one must not end those that are under way."""

    async def ask() -> list[str | None]:
        interfaces = Interfaces()
        try:
            async with asyncio.timeout(10):
                found = await asyncio.gather(*(interfaces.find("lo") for _ in range(500)))
                assert await interfaces.find("no/name") is None
        finally:
            interfaces.close()
        return [interface and interface.name for interface in found]

    with lab.host().entered():
        assert asyncio.run(ask()) == ["lo"] * 500


def test_many_ports_leave_at_once(lab: Lab) -> None:
    host = lab.host()
    host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    ports = [f"re{number}" for number in range(48)]
    for port in ports:
        host.run("ip", "link", "add", port, "type", "veth", "peer", "name", f"far{port}")
    found = {port: host.snapshot(port) for port in ports[::12]}
    host.agrconfig("agr0", "create", *(word for port in ports for word in ("agrport", port)))
    host.agrconfig("agr0", "destroy", "force")
    wait_until(lambda: not host.pids(), "agrd ends")
    assert {port: host.snapshot(port) for port in found} == found
