"""What agrconfig refuses, and that nothing has changed then: AG-07, AG-08."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import wait_until


@pytest.fixture(scope="module")
def agr(module_lab: Lab) -> Namespace:
    """A host that has agr0 with the port re0, and agr1 without ports."""
    host, other = module_lab.host(), module_lab.host()
    module_lab.wire(host, "re0", other, "re0")
    host.agrconfig("agr0", "create", "agrport", "re0")
    host.agrconfig("agr1", "create")
    return host


@pytest.fixture
def agr0(agr: Namespace) -> Iterator[Namespace]:
    """The same, with an interface re1 that is no port."""
    agr.run("ip", "link", "add", "re1", "type", "veth", "peer", "name", "re1.far")
    yield agr
    agr.run("ip", "link", "delete", "re1")


def refused(host: Namespace, *words: str) -> str:
    """The refusal of ``agrconfig agr0 words``, when neither re1 nor agr0 nor the ports have changed."""

    def everything() -> list[object]:
        return [host.snapshot("re1"), host.snapshot("agr0"), list(host.agr0()["ports"])]

    before = everything()
    said = host.refused("agr0", *words)
    assert everything() == before
    start = f"agrconfig: agr0: {' '.join(words)}: "
    assert said.startswith(start)
    return said.removeprefix(start)


@pytest.mark.parametrize("address", ["192.0.2.7/24", "2001:db8::7/64"])
def test_a_port_with_an_address(agr0: Namespace, address: str) -> None:
    agr0.run("ip", "address", "add", address, "dev", "re1")
    said = refused(agr0, "agrport", "re1")
    assert said.startswith("EBUSY: ")
    assert address in said


def test_a_port_with_an_automatic_link_local_address(host: Namespace) -> None:
    """AG-07, and the way on that the message shows."""
    host.agrconfig("agr0", "create")
    host.run("ip", "link", "set", "re1", "up")
    (address,) = wait_until(lambda: host.addresses("re1"), "re1 has a link-local address")
    said = refused(host, "agrport", "re1")
    assert said.startswith("EBUSY: ")
    assert f"{address}/64" in said
    host.run("ip", "address", "flush", "dev", "re1")
    host.agrconfig("agr0", "agrport", "re1")


def test_a_port_that_is_not_there(agr0: Namespace) -> None:
    assert refused(agr0, "agrport", "re9").startswith("ENOENT: ")
    assert refused(agr0, "agrport", "a-name-that-is-too-long").startswith("ENOENT: ")
    assert " EINVAL: " in agr0.refused("agr0", "agrport", "re\udcff")


@pytest.mark.parametrize("taken", [False, True])
def test_another_name_of_a_port(agr0: Namespace, taken: bool) -> None:
    """Else agrd would know the port by a name that no event bears, and one interface could be two ports."""
    port = "re0" if taken else "re1"
    agr0.run("ip", "link", "property", "add", "dev", port, "altname", "another")
    said = refused(agr0, "agrport", "another")
    agr0.run("ip", "link", "property", "del", "dev", port, "altname", "another")
    assert said.startswith("EINVAL: ")
    assert port in said


def test_a_port_that_is_a_member(agr0: Namespace) -> None:
    said = refused(agr0, "agrport", "re0")
    assert said.startswith("EBUSY: ")
    assert " EBUSY: " in agr0.refused("agr1", "agrport", "re0")
    assert agr0.status()["aggregates"]["agr1"]["ports"] == {}


def test_a_port_of_a_bridge(agr0: Namespace) -> None:
    agr0.run("ip", "link", "add", "br0", "type", "bridge")
    agr0.run("ip", "link", "set", "re1", "master", "br0")
    said = refused(agr0, "agrport", "re1")
    agr0.run("ip", "link", "delete", "br0")
    assert said.startswith("EBUSY: ")
    assert "br0" in said


@pytest.mark.parametrize("port", ["agr0", "agr0.m", "agr1"])
def test_an_agr_as_a_port(agr0: Namespace, port: str) -> None:
    assert refused(agr0, "agrport", port).startswith("EINVAL: ")


def test_a_port_that_is_not_ethernet(agr0: Namespace) -> None:
    assert refused(agr0, "agrport", "lo").startswith("EPROTONOSUPPORT: ")


def test_a_port_with_a_small_mtu(agr0: Namespace) -> None:
    agr0.run("ip", "link", "set", "re1", "mtu", "1499")
    said = refused(agr0, "agrport", "re1")
    assert said.startswith("EINVAL: ")
    assert "1499" in said


def test_detaching_what_is_not_attached(agr0: Namespace) -> None:
    assert refused(agr0, "-agrport", "re1").startswith("ENOENT: ")


@pytest.mark.parametrize(
    "words",
    [
        ("timeout", "soon"),
        ("key", "0"),
        ("key", "65536"),
        ("key", "many"),
        ("system-id", "01:00:00:00:00:01"),
        ("system-priority", "-1"),
        ("port", "re0", "individual", "perhaps"),
    ],
)
def test_a_value_that_is_none(agr0: Namespace, words: tuple[str, ...]) -> None:
    assert refused(agr0, *words).startswith("EINVAL: ")


def test_a_variable_of_what_is_no_port(agr0: Namespace) -> None:
    assert refused(agr0, "port", "re1", "individual", "on").startswith("ENOENT: ")


def test_names_that_cannot_be_created(agr0: Namespace) -> None:
    assert refused(agr0, "create").startswith("EEXIST: ")
    for name in ("bond0", "agr", "agr01", "agr-1"):
        assert f"{name}: create: EINVAL: " in agr0.refused(name, "create")
    agr0.run("ip", "link", "add", "agr7", "type", "veth", "peer", "name", "other")
    assert " EEXIST: " in agr0.refused("agr7", "create")


def test_a_refused_first_create_leaves_no_daemon(host: Namespace) -> None:
    assert " EINVAL: " in host.refused("bond0", "create")
    wait_until(lambda: not host.pids(), "agrd ends")


def test_an_interface_that_is_not_there(host: Namespace) -> None:
    for words in (("agr0",), ("agr0", "destroy"), ("agr0", "agrport", "re0"), ("agr0", "link0")):
        assert " ENXIO: " in host.refused(*words)
    host.agrconfig("agr1", "create")
    for words in (("agr0",), ("agr0", "destroy"), ("agr0", "agrport", "re0"), ("agr0", "link0")):
        assert " ENXIO: " in host.refused(*words)


def test_the_first_refusal_of_a_line_ends_it(host: Namespace) -> None:
    said = host.refused("agr0", "create", "timeout", "short", "agrport", "re9", "key", "7")
    assert said.startswith("agrconfig: agr0: agrport re9: ENOENT: ")
    assert (host.agr0()["timeout"], host.agr0()["key"]) == ("short", 1)
