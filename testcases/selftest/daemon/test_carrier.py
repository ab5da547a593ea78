"""Carrier of ports: seen although rtnetlink is late, and however short a loss is."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agr.daemon.linux import carrier, ioctls
from agr.daemon.linux.carrier import CarrierWatch, LinkState
from agr.daemon.linux.kernelthread import KernelThread
from agr.daemon.linux.libbpf import Unavailable
from agr.daemon.linux.links import KernelLinks, LinkChange
from testcases.selftest.daemon.lab import Lab
from testcases.selftest.host import PATIENCE, wait_until

_IFF_UP = 0x1


class Wire:
    """re0 of ``host``, whose ifindex equals its iflink, as that of every physical interface."""

    def __init__(self, lab: Lab) -> None:
        self.host, self.far = lab.host(), lab.host()
        # Two interfaces that are made in the same order in two namespaces have equal indexes.
        lab.wire(self.host, "re0", self.far, "re0")
        link = self.host.link("re0")
        assert link is not None
        assert link["ifindex"] == link["link_index"]
        self.index: int = link["ifindex"]
        for end in (self.host, self.far):
            end.run("ip", "link", "set", "re0", "addrgenmode", "none", "up")

    def set_far(self, *states: str) -> None:
        """The far end's states, one behind the other at once."""
        batch = "".join(f"link set re0 {state}\n" for state in states)
        subprocess.run(self.far.command("ip", "-batch", "-"), input=batch, text=True, check=True)


@pytest.fixture
def wire(lab: Lab) -> Wire:
    return Wire(lab)


@pytest.fixture
def kernel(wire: Wire) -> Iterator[KernelLinks]:
    with wire.host.entered():
        try:
            links = KernelLinks()
        except Unavailable as unavailable:
            pytest.skip(str(unavailable))
    yield links
    links.close()


def changes(kernel: KernelLinks, count: int) -> list[LinkChange]:
    """The next ``count`` changes, which come soon, and all that has come with them."""
    seen: list[LinkChange] = []

    def there() -> bool:
        seen.extend(kernel.take())
        return len(seen) >= count

    wait_until(there, f"{count} changes")
    return seen


def test_the_kernel_tells_of_each_change(wire: Wire, kernel: KernelLinks) -> None:
    kernel.add(wire.index)
    assert changes(kernel, 1) == [LinkChange(wire.index, up=True, lost=False)]
    for _ in range(3):
        wire.set_far("down")
        assert changes(kernel, 1) == [LinkChange(wire.index, up=False, lost=True)]
        wire.set_far("up")
        assert changes(kernel, 1) == [LinkChange(wire.index, up=True, lost=False)]


def test_a_loss_that_is_over_is_told_of(wire: Wire, kernel: KernelLinks) -> None:
    kernel.add(wire.index)
    changes(kernel, 1)
    wire.set_far(*["down", "up"] * 50)
    wait_until(lambda: changes(kernel, 1)[-1].up, "re0 is up in the end")
    wire.set_far("down", "up")
    assert any(change.lost for change in changes(kernel, 1))


def test_what_is_not_watched_any_more_is_not_told_of(wire: Wire, kernel: KernelLinks) -> None:
    wire.host.run("ip", "link", "add", "re1", "type", "veth", "peer", "name", "re1.far")
    other = wire.host.link("re1")
    assert other is not None
    for index in (wire.index, other["ifindex"]):
        kernel.add(index)
    changes(kernel, 2)
    kernel.remove(wire.index)
    wire.set_far("down")
    wire.host.run("ip", "link", "set", "re1", "up")
    wire.host.run("ip", "link", "set", "re1.far", "up")
    assert {change.ifindex for change in changes(kernel, 1)} == {other["ifindex"]}


def test_places_that_are_free_again_are_used_again(wire: Wire, kernel: KernelLinks) -> None:
    """In whatever order interfaces come and go, those that are watched are told of, and no others."""
    names = [f"re{number}" for number in range(1, 5)]
    for name in names:
        wire.host.run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}.far")
    links = {name: wire.host.link(name) for name in names}
    index = {name: link["ifindex"] for name, link in links.items() if link is not None}
    for name in names:
        kernel.add(index[name])
    changes(kernel, len(names))
    kernel.remove(index["re2"])  # one in the middle, one at the end, one twice
    kernel.remove(index["re4"])
    kernel.remove(index["re4"])
    kernel.add(index["re3"])
    kernel.add(index["re4"])
    assert {change.ifindex for change in changes(kernel, 2)} == {index["re3"], index["re4"]}
    for name in names:
        wire.host.run("ip", "link", "set", name, "up")
        wire.host.run("ip", "link", "set", f"{name}.far", "up")
    watched = {index[name] for name in ("re1", "re3", "re4")}
    seen: set[int] = set()
    while seen != watched:
        seen |= {change.ifindex for change in changes(kernel, 1)}
        assert seen <= watched


def test_without_an_object_file_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"links\.bpf\.o is missing"):
        KernelLinks(tmp_path / "links.bpf.o")


@pytest.fixture(params=["kernel", "poll"])
def attached(wire: Wire, request: pytest.FixtureRequest, tmp_path: Path) -> Wire:
    """re0 is a port of agr0, and agrd watches its carrier with the kernel's help, or alone."""
    if request.param == "kernel":
        request.getfixturevalue("kernel")
        wire.host.agrconfig("agr0", "create", "agrport", "re0")
    else:
        (tmp_path / "libbpf.so.1").write_text("not a library")
        agrd = wire.host.command("env", f"LD_LIBRARY_PATH={tmp_path}", sys.executable, "-m", "agr.daemon")
        subprocess.run(agrd, env=wire.host.environment(), check=True)
        wire.host.agrconfig("agr0", "create", "agrport", "re0")
    assert ("agrd polls the carrier" in wire.host.log()) == (request.param == "poll")
    return wire


def test_agrd_sees_each_loss(attached: Wire) -> None:
    for _ in range(3):
        attached.set_far("down")
        wait_until(lambda: not attached.host.port("re0")["link"], "re0 has no carrier")
        attached.set_far("up")
        wait_until(lambda: attached.host.port("re0")["link"], "re0 has carrier")


def test_a_short_loss_is_a_loss(wire: Wire, kernel: KernelLinks) -> None:
    """43.4.8: port_enabled was FALSE, so what is known of the partner is void."""
    wire.host.agrconfig("agr0", "create", "agrport", "re0")
    for _ in range(5):
        before = wire.host.log().count("re0: link down")
        wire.set_far("down", "up")
        wait_until(
            lambda before=before: wire.host.log().count("re0: link down") > before, "the loss is noticed"
        )
        wait_until(lambda: wire.host.port("re0")["link"], "re0 has carrier")


def refusing_driver(flags: int) -> Callable[..., bytes]:
    """ioctl(2) for an interface with these flags whose driver tells nothing at the moment."""

    def ioctl(_: object, request: int, argument: bytes) -> bytes:
        if request == ioctls._SIOCETHTOOL:
            raise OSError(errno.ENODEV, "No such device")
        return struct.pack("@16sH22x", argument[:16], flags)

    return ioctl


def test_a_device_that_its_driver_resets_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for running in (0, ioctls._IFF_RUNNING):
        monkeypatch.setattr(fcntl, "ioctl", refusing_driver(_IFF_UP | running))
        assert ioctls.CarrierQuery("re0")() == bool(running)
    assert ioctls.link_settings("re0") == ioctls.LinkSettings(None, True)


def test_an_interface_that_cannot_be_asked_for_a_moment_is_watched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one that is renamed and back again."""
    answers = iter([OSError(errno.ENODEV, "No such device")] * 4)
    seen: list[str] = []

    def ask(_: ioctls.CarrierQuery) -> bool:
        for error in answers:
            raise error
        return True

    async def watch() -> None:
        up = asyncio.Event()

        def changed(interface: str, state: LinkState) -> None:
            seen.append(f"{interface} {state.up}")
            up.set()

        kernel = KernelThread()
        links = CarrierWatch(
            asyncio.get_running_loop(),
            changed,
            lambda interface: seen.append(f"{interface} gone"),
            None,
            kernel,
        )
        links.add("re0", 7)
        async with asyncio.timeout(PATIENCE):
            await up.wait()
        links.close()
        kernel.close()

    monkeypatch.setattr(ioctls.CarrierQuery, "__call__", ask)
    monkeypatch.setattr(carrier, "is_called", lambda *_: True)
    asyncio.run(watch())
    assert seen[0] == "re0 gone"
    assert seen[-1] == "re0 True"
