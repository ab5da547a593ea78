"""The data path follows the Mux machine (43.4.15), seen by a scripted partner and by agr0's client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agr.core import lacpdu
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort
from testcases.selftest.daemon.partner import SYSTEM, Partner

FROM_PARTNER = b"\xff" * 6 + SYSTEM + b"\x88\xb5" + bytes(46)
FROM_CLIENT = b"\xff" * 6 + bytes.fromhex("020000000777") + b"\x88\xb5" + bytes(46)


@pytest.fixture
def host(lab: Lab, data_path: str) -> Iterator[Namespace]:
    """agr0 with the port re0, and nothing that the kernel sends by itself."""
    host = lab.host()
    host.data_path = data_path
    host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    yield host


@pytest.fixture
def partner(lab: Lab, host: Namespace) -> Iterator[Partner]:
    """At the other end of re0, a port of agr0."""
    other = lab.host()
    other.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    lab.wire(host, "re0", other, "re0")
    other.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0")
    host.run("ip", "link", "set", "agr0", "up")
    with Partner(other, "re0") as partner:
        yield partner


def seen_by(client: RawPort) -> int:
    """Frames of the partner that have reached agr0."""
    return client.waiting().count(FROM_PARTNER)


def test_the_data_path_follows_the_mux_machine(host: Namespace, partner: Partner) -> None:
    """MX-07, MX-10, MX-11, MX-14 to MX-16, AG-20."""

    def becomes(mux_state: str) -> None:
        partner.run_until(lambda: host.port("re0")["mux_state"] == mux_state, mux_state)
        partner.data.clear()

    def handled() -> int:
        shown = host.agr0()
        return sum(shown["traffic"].values()) + sum(shown["ports"]["re0"]["traffic"].values())

    def carried() -> tuple[int, int]:
        """Frames that got through when one was sent each way."""
        before = handled()
        partner.wire.send(FROM_PARTNER)
        client.send(FROM_CLIENT)
        partner.run_until(lambda: handled() == before + 2, "agrd has had both frames")
        partner.data += partner.wire.waiting()
        return seen_by(client), partner.data.count(FROM_CLIENT)

    with RawPort(host, "agr0") as client:
        becomes("ATTACHED")
        partner.run_until(
            lambda: partner.heard and partner.heard.actor.state.Synchronization, "a LACPDU says so"
        )
        partner.wire.send(FROM_PARTNER)
        assert not host.agr0()["carrier"]

        partner.state = replace(partner.state, Synchronization=True)
        becomes("COLLECTING")
        assert not host.agr0()["carrier"]
        assert "NO-CARRIER" in (host.link("agr0") or {})["flags"]
        assert seen_by(client) == 0
        assert carried() == (1, 0)

        partner.state = replace(partner.state, Collecting=True)
        becomes("DISTRIBUTING")
        assert host.agr0()["carrier"]
        assert carried() == (1, 1)

        partner.state = replace(partner.state, Collecting=False)
        becomes("COLLECTING")
        assert not host.agr0()["carrier"]
        assert carried() == (1, 0)

        partner.state = replace(partner.state, Synchronization=False)
        becomes("ATTACHED")
        partner.wire.send(FROM_PARTNER)
        partner.run_until(lambda: host.port("re0")["traffic"]["discarded"] >= 2, "the frame is discarded")
        assert seen_by(client) == 0


def test_collecting_begins_with_the_pdu_that_says_so(host: Namespace, partner: Partner) -> None:
    """MX-15: frames right behind the PDU are not lost."""
    partner.run_until(lambda: host.port("re0")["mux_state"] == "ATTACHED", "ATTACHED")
    partner.state = replace(partner.state, Synchronization=True, Collecting=True, Distributing=True)
    with RawPort(host, "agr0") as client:
        partner.say()
        for _ in range(200):
            partner.wire.send(FROM_PARTNER)
        partner.run_until(lambda: host.port("re0")["traffic"]["received"] == 200, "all 200 are delivered")
        assert seen_by(client) == 200


def test_a_tagged_lacpdu_is_none(host: Namespace, partner: Partner) -> None:
    """SP-06: neither LACP's nor the client's."""
    partner.heard = partner.next_pdu()
    own = lacpdu.encode(partner.heard, SYSTEM)
    tagged = own[:12] + bytes.fromhex("81000064") + own[12:]
    with RawPort(host, "agr0") as client:
        partner.wire.send(tagged)
        partner.run_until(lambda: host.port("re0")["distributing"] is False, "a status")
        assert host.port("re0")["counters"]["LACPDUsRx"] == 0
        partner.say()
        partner.run_until(lambda: host.port("re0")["counters"]["LACPDUsRx"] == 1, "the other one is heard")
        assert tagged not in client.waiting()


def test_nothing_but_slow_protocols_leaves_an_idle_port(host: Namespace, partner: Partner) -> None:
    """No router solicitation, no multicast report, also not while the port is being attached."""
    host.agrconfig("agr0", "-agrport", "re0")
    host.run("sysctl", "-qw", "net.ipv6.conf.re0.disable_ipv6=0", "net.ipv6.conf.agr0.disable_ipv6=0")
    partner.wire.waiting()
    host.agrconfig("agr0", "agrport", "re0")
    partner.run_until(lambda: host.port("re0")["counters"]["LACPDUsTx"] >= 4, "four LACPDUs are sent")
    assert partner.data == []
