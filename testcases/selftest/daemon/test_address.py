"""agr0's MAC address, the first port's or its own; never two with one unnoticed: AG-05, AG-06, AG-14."""

from __future__ import annotations

import pytest

from testcases.selftest.daemon.lab import Namespace
from testcases.selftest.host import wait_until

OWN = "02:00:00:00:0a:01"


def mac(host: Namespace, interface: str) -> str:
    link = host.link(interface)
    assert link is not None
    address: str = link["address"]
    return address


def shown(host: Namespace) -> tuple[str, str]:
    """MAC address and system identifier in the status."""
    agr0 = host.agr0()
    return agr0["mac"], agr0["system"]


def reports(host: Namespace) -> list[str]:
    return [report["text"] for report in host.agr0()["reports"]]


def test_an_address_before_the_first_port_stays(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "address", OWN)
    assert (mac(host, "agr0"), shown(host)) == (OWN, (OWN, OWN))
    host.agrconfig("agr0", "agrport", "re0", "agrport", "re1")
    assert (mac(host, "agr0"), shown(host)) == (OWN, (OWN, OWN))
    host.agrconfig("agr0", "-agrport", "re0", "-agrport", "re1")
    assert (mac(host, "agr0"), shown(host), reports(host)) == (OWN, (OWN, OWN), [])


def test_the_system_follows_the_address_unless_it_is_configured(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.agrconfig("agr0", "address", OWN)
    assert shown(host) == (OWN, OWN)
    host.agrconfig("agr0", "system-id", "02:00:00:00:0b:01", "address", "02:00:00:00:0a:02")
    assert shown(host) == ("02:00:00:00:0a:02", "02:00:00:00:0b:01")
    host.agrconfig("agr0", "address", "auto", "system-id", "auto")
    assert shown(host) == (mac(host, "re0"), mac(host, "re0"))


def test_ip_link_sets_an_address_too(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.run("ip", "link", "set", "agr0", "address", OWN)
    wait_until(lambda: shown(host) == (OWN, OWN), "agr0 has an address of its own")
    host.agrconfig("agr0", "agrport", "re1", "-agrport", "re0", "-agrport", "re1", "agrport", "re0")
    assert (mac(host, "agr0"), shown(host), reports(host)) == (OWN, (OWN, OWN), [])


def test_the_first_port_leaves_with_a_warning(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0", "agrport", "re1")
    first = mac(host, "re0")
    said = host.warned("agr0", "-agrport", "re0")
    assert said.startswith(f"agrconfig: agr0: -agrport re0: warning: agr0 keeps the address {first} of re0")
    assert reports(host) == [said.split(": warning: ")[1]]
    assert mac(host, "agr0") == mac(host, "re0") == first


def test_without_ports_agr0_has_nobodys_address(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0", "-agrport", "re0")
    assert mac(host, "agr0") != mac(host, "re0")
    assert reports(host) == []


@pytest.mark.parametrize("by", ["agrconfig", "ip"])
def test_an_address_that_somebody_else_has(host: Namespace, by: str) -> None:
    host.agrconfig("agr0", "create")
    other = mac(host, "re1")
    if by == "agrconfig":
        said = host.warned("agr0", "address", other)
        assert said.endswith(f"agr0 has the address {other}, and re1 has it too")
    else:
        host.run("ip", "link", "set", "agr0", "address", other)
    (text,) = wait_until(lambda: reports(host), "a report")
    assert text == f"agr0 has the address {other}, and re1 has it too"


@pytest.mark.parametrize("value", ["01:00:00:00:00:01", "00:00:00:00:00:00", "02:00:00:00:01", "mine"])
def test_an_address_that_is_none(host: Namespace, value: str) -> None:
    host.agrconfig("agr0", "create", "address", OWN)
    assert " EINVAL: address: " in host.refused("agr0", "address", value)
    assert (mac(host, "agr0"), shown(host)) == (OWN, (OWN, OWN))
