"""Whoever holds RTNL, for however long and in whatever namespace: no partner notices."""

from __future__ import annotations

import itertools
import os
import signal
import threading

import pytest

from agr.core.constants import Fast_Periodic_Time
from agr.core.lacpdu import PortState
from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.daemon.partner import Partner
from testcases.selftest.daemon.rtnl import rtnl_held
from testcases.selftest.host import wait_until

# Of a timer of clause 43.
TOLERANCE = 0.25
# Longer than a PDU may take to come. Not by much: all that runs on this host has to wait as long.
HELD_SECONDS = 2 * Fast_Periodic_Time


@pytest.fixture
def host(lab: Lab, data_path: str) -> Namespace:
    host = lab.host()
    host.data_path = data_path
    return host


@pytest.fixture
def partner(lab: Lab, host: Namespace) -> Partner:
    """Of re0, the port of agr0: it asks for PDUs at the fast rate, and all but distributes."""
    far = lab.host()
    far.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    lab.wire(host, "re0", far, "re0")
    far.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0")
    host.run("ip", "link", "set", "agr0", "up")
    partner = Partner(far, "re0")
    partner.state.Synchronization = True
    partner.run_until(lambda: _heard(partner).Collecting, "re0 collects")
    return partner


def _heard(partner: Partner) -> PortState:
    return partner.heard.actor.state if partner.heard else PortState()


def _state(host: Namespace, interface: str) -> str | None:
    link = host.link(interface)
    return link and link["operstate"]


def test_no_pdu_is_late(partner: Partner) -> None:
    first = len(partner.times) - 1
    with rtnl_held():
        held = threading.Event()
        threading.Timer(HELD_SECONDS, held.set).start()
        partner.run_until(held.is_set, "time passes")
        last = len(partner.times)
    partner.run_until(lambda: len(partner.times) > last, "another PDU")
    gaps = [later - earlier for earlier, later in itertools.pairwise(partner.times[first:])]
    assert max(gaps) <= Fast_Periodic_Time + TOLERANCE


def test_what_a_partner_says_is_answered(partner: Partner) -> None:
    """Collecting and Distributing of the partner: so does re0 (43.4.15), and it says so at once."""
    with rtnl_held():
        partner.state.Collecting = partner.state.Distributing = True
        partner.say()
        partner.run_until(lambda: _heard(partner).Distributing, "re0 distributes", Fast_Periodic_Time)


def test_what_was_asked_meanwhile_is_done_in_order(host: Namespace, partner: Partner) -> None:
    """agr0's carrier is that of its last change, and requests of agrconfig are answered."""
    with rtnl_held():
        for on in (True, False, True):
            partner.state.Collecting = partner.state.Distributing = on
            partner.say()
            partner.run_until(lambda on=on: _heard(partner).Distributing == on, "re0 follows")
        said: list[str] = []
        asking = threading.Thread(target=lambda: said.append(host.agrconfig("agr0", "link0")))
        asking.start()
    asking.join()
    assert said == [""]
    partner.run_until(lambda: _state(host, "agr0") == "UP", "agr0 runs")


def test_an_agrd_that_is_told_to_end_says_farewell_at_once(host: Namespace, partner: Partner) -> None:
    """And gives back what it has as soon as it may."""
    (pid,) = host.pids()
    with rtnl_held():
        os.kill(pid, signal.SIGTERM)
        partner.run_until(lambda: not _heard(partner).Synchronization, "a farewell", Fast_Periodic_Time)
        partner.state = PortState()
        partner.say()
    wait_until(lambda: not host.pids(), "agrd ends")
    assert host.link("agr0") is None
    port = host.link("re0")
    assert port is not None
    assert not {"UP", "PROMISC"} & set(port["flags"])
