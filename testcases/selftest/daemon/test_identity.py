"""An interface is known by its ifindex and its namespace, not by what others may change: name and address."""

from __future__ import annotations

import pytest

from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.daemon.test_takeover import kill, wait_written
from testcases.selftest.host import wait_until

NEW_MAC = "02:00:00:00:00:77"


def rename(host: Namespace, old: str, new: str) -> None:
    host.run("ip", "link", "set", old, "address", NEW_MAC)
    host.run("ip", "link", "set", old, "name", new)


def given_back(host: Namespace, name: str, found: dict[str, object]) -> bool:
    """Whether the interface is as it was found, but for its name."""
    return {**host.snapshot(name), "multicast": None} == {**found, "multicast": None}


def test_a_port_that_has_another_address_and_name_hears_again(lab: Lab) -> None:
    """Both are changed before agrd looks; the interface gets its settings back, and the host hears again."""
    host, far = lab.host(), lab.host()
    lab.wire(host, "re0", far, "far0")
    far.run("ip", "link", "set", "far0", "up")
    found = host.snapshot("re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    rename(host, "re0", "slot4")
    wait_until(lambda: not host.agr0()["ports"], "it leaves agr0")
    wait_until(lambda: given_back(host, "slot4", found), "it is given back")
    host.agrconfig("agr0", "destroy", "force")
    for end, interface, address in ((host, "slot4", "10.79.0.1/24"), (far, "far0", "10.79.0.2/24")):
        end.run("ip", "address", "add", address, "dev", interface)
        end.run("ip", "link", "set", interface, "up")
    assert "1 received" in host.run("ping", "-c", "1", "-W", "30", "10.79.0.2")


@pytest.mark.parametrize("state", [True, False], ids=["with its state", "without its state"])
def test_what_a_killed_agrd_left_is_found_under_any_name(host: Namespace, state: bool) -> None:
    found = host.snapshot("re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_written(host, "re0")
    kill(host)
    rename(host, "re0", "slot4")
    if not state:
        host.files.state.unlink()
    host.status()
    assert given_back(host, "slot4", found)


def test_an_interface_that_has_got_the_index_of_a_port_is_left_alone(host: Namespace) -> None:
    """It was made while no agrd was there to see."""
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_written(host, "re0")
    index = str(host.snapshot("re0")["link"]["ifindex"])
    kill(host)
    host.run("ip", "link", "delete", "re0")
    host.run(
        "ip", "link", "add", "stranger", "index", index, "mtu", "1300", "type", "veth", "peer", "name", "x"
    )
    host.run("ip", "link", "set", "stranger", "promisc", "on")
    before = host.snapshot("stranger")
    assert host.agr0()["ports"] == {}
    assert host.snapshot("stranger") == before


def test_agr0_that_was_renamed_while_no_agrd_was_there_goes_on(host: Namespace) -> None:
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_written(host, "re0")
    kill(host)
    host.run("ip", "link", "set", "agr0", "name", "lag0")
    assert list(host.agr0()["ports"]) == ["re0"]
    host.agrconfig("agr0", "destroy", "force")
    assert host.link("lag0") is None


def test_a_name_that_another_interface_takes_is_no_port(host: Namespace) -> None:
    """The carrier of re0 is that of the interface that was attached, whoever is called re0 now."""
    host.agrconfig("agr0", "create", "agrport", "re0")
    wait_until(lambda: host.port("re0")["link"], "it has carrier")
    host.run("ip", "link", "set", "re0", "name", "x0")
    host.run("ip", "link", "set", "re1", "name", "re0")  # this one is down
    wait_until(lambda: not host.agr0()["ports"], "what was re0 leaves agr0")
    wait_until(lambda: "port re0 detached" in host.log(), "it is given back")
    assert "re0: link down" not in host.log()
    host.agrconfig("agr0", "agrport", "re0", "agrport", "x0")
    assert list(host.agr0()["ports"]) == ["re0", "x0"]


def test_an_agr_interface_is_none_of_its_own_ports_under_any_name(host: Namespace) -> None:
    host.agrconfig("agr0", "create")
    host.run("ip", "link", "set", "agr0", "name", "lag0")
    assert " EINVAL: lag0 is an agr interface itself" in host.refused("agr0", "agrport", "lag0")
    assert " EINVAL: agr0.m is an agr interface itself" in host.refused("agr0", "agrport", "agr0.m")
