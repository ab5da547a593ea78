"""The MTU of agr0 goes to its ports (AG-19)."""

from __future__ import annotations

from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import wait_until


def mtus(host: Namespace, *names: str) -> list[int]:
    return [(host.link(name) or {})["mtu"] for name in names]


def test_ports_follow_and_get_their_own_back(host: Namespace) -> None:
    """When they are attached, when agr0's changes, and when they leave."""
    host.run("ip", "link", "set", "re0", "mtu", "1600")
    host.agrconfig("agr0", "create", "agrport", "re0")
    assert mtus(host, "re0") == [1500]
    host.run("ip", "link", "set", "agr0", "mtu", "9000")
    wait_until(lambda: mtus(host, "re0") == [9000], "re0 follows")
    host.run("ip", "link", "set", "re1", "mtu", "9216")
    host.agrconfig("agr0", "agrport", "re1")
    host.run("ip", "link", "set", "agr0", "mtu", "1400")
    wait_until(lambda: mtus(host, "re0", "re1") == [1400, 1400], "both follow")
    host.agrconfig("agr0", "-agrport", "re0", "-agrport", "re1")
    assert mtus(host, "agr0", "re0", "re1") == [1400, 1600, 9216]


def test_ipv6_stays_off_where_an_mtu_had_no_room_for_it(host: Namespace) -> None:
    """The kernel makes it anew, switched on, when there is room again; no port may send anything then."""
    host.run("ip", "link", "set", "re0", "addrgenmode", "none", "up")
    found = host.snapshot("re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    for mtu in (1200, 1500):
        host.run("ip", "link", "set", "agr0", "mtu", str(mtu))
        wait_until(lambda mtu=mtu: mtus(host, "re0") == [mtu], "re0 follows")
    wait_until(lambda: host.snapshot("re0")["ipv6"] == "1\n", "IPv6 is off")
    host.agrconfig("agr0", "-agrport", "re0")
    assert host.snapshot("re0") == found


def test_an_mtu_that_a_port_does_not_take(lab: Lab) -> None:
    """agr0 and all ports keep theirs, and the port is named."""
    host, other = lab.host(), lab.host()
    lab.wire(host, "re0", other, "re0")
    host.run("ip", "tuntap", "add", "tap0", "mode", "tap")
    most = host.link("tap0")["max_mtu"]  # type: ignore[index]
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "tap0")
    assert most < 65535
    host.run("ip", "link", "set", "agr0", "mtu", str(most + 1))
    wait_until(lambda: host.agr0()["reports"], "it is reported")
    wait_until(lambda: mtus(host, "agr0", "re0", "tap0") == [1500] * 3, "all is as before")
    (report,) = host.agr0()["reports"]
    assert report["text"].startswith(f"port tap0 does not take an MTU of {most + 1} (")
    assert report["text"].endswith("the MTU of agr0 stays 1500")
    host.run("ip", "link", "set", "agr0", "mtu", "2000")
    wait_until(lambda: mtus(host, "re0", "tap0") == [2000, 2000], "what all take is followed")
