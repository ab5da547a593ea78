"""The example blocks of agr(4) are run as they stand on the page (AG-04)."""

from __future__ import annotations

import re
from itertools import chain

from testcases.selftest.daemon.lab import Lab, Namespace, distributing
from testcases.selftest.host import wait_until
from testcases.selftest.manual.pages import examples

PORTS = ("re0", "re1")
# What stands for an address on the page.
_PLACES = {"xxx.xxx.xxx.xxx/xx": 4, "fe80::xxxx:xxxx:xxxx:xxxx/64": 6}


def addresses(host: Namespace, port: str, version: int) -> list[str]:
    """The addresses of an interface with their lengths."""
    shown = host.run("ip", "-o", f"-{version}", "address", "show", "dev", port, "-tentative")
    return re.findall(r" inet6? (\S+)", shown)


def run(host: Namespace, block: str) -> None:
    """Run a block's lines; what stands for an address becomes the one that the line's interface has."""
    for line in block.splitlines():
        words = line.split()
        if words[0] == "agrconfig":
            assert host.agrconfig(*words[1:]) == ""
            continue
        at = next(at for at, word in enumerate(words) if word in _PLACES)
        (words[at],) = addresses(host, words[-1], _PLACES[words[at]])
        host.run(*words)


def test_the_examples_of_the_manual(lab: Lab) -> None:
    create, destroy = examples("agr.4")
    hosts = (lab.host(), lab.host())
    for port in PORTS:
        lab.wire(hosts[0], port, hosts[1], port)
    for number, (host, port) in enumerate(((host, port) for host in hosts for port in PORTS), 1):
        host.run("ip", "address", "add", f"192.0.2.{number}/24", "dev", port)
        host.run("ip", "link", "set", port, "up")
    for host, port, version in ((h, p, v) for h in hosts for p in PORTS for v in (4, 6)):
        wait_until(lambda h=host, p=port, v=version: addresses(h, p, v), "addresses")
    deletions, rest = create.split("agrconfig", 1)
    for host in hosts:
        run(host, deletions)
    before = {(host.name, port): host.snapshot(port) for host in hosts for port in PORTS}
    for host in hosts:
        run(host, "agrconfig" + rest)
        host.run("ip", "link", "set", "agr0", "up")
        assert list(host.agr0()["ports"]) == list(PORTS)
    wait_until(lambda: all(distributing(host, *PORTS) for host in hosts), "one link of two")
    for host in hosts:
        run(host, destroy)
        assert host.link("agr0") is None
    after = {(host.name, port): host.snapshot(port) for host in hosts for port in PORTS}
    assert after == before


def test_the_blocks_are_netbsds() -> None:
    """Of agr(4) of NetBSD, with agrconfig for ifconfig, and ip for the lines about addresses of ports."""
    lines = list(chain.from_iterable(block.splitlines() for block in examples("agr.4")))
    assert [line for line in lines if line.startswith("agrconfig")] == [
        "agrconfig agr0 create",
        "agrconfig agr0 agrport re0",
        "agrconfig agr0 agrport re1",
        "agrconfig agr0 -agrport re0",
        "agrconfig agr0 -agrport re1",
        "agrconfig agr0 destroy",
    ]
    assert [line.split()[:3] + line.split()[-1:] for line in lines if line.startswith("ip ")] == [
        ["ip", "addr", "del", port] for port in PORTS for _ in _PLACES
    ]
