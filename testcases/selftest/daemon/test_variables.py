"""Administrative variables (30.7): in force before the first port; changes show in the next LACPDU."""

from __future__ import annotations

from agr.core.lacpdu import LACPDU
from testcases.selftest.daemon.lab import Lab
from testcases.selftest.daemon.partner import Partner


def until(partner: Partner, wanted: str, value: object) -> LACPDU:
    """The LACPDU whose actor has ``value``; the three after the change at the latest."""
    for _ in range(3):
        pdu = partner.next_pdu()
        if getattr(pdu.actor, wanted, None) == value or getattr(pdu.actor.state, wanted, None) == value:
            return pdu
    raise AssertionError(f"{wanted} is not {value} in three LACPDUs")


def test_variables_show_on_the_wire(lab: Lab) -> None:
    """AG-13, AG-14."""
    host, other = lab.host(), lab.host()
    lab.wire(host, "re0", other, "re0")
    other.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "key", "258", "system-priority", "0x1234", "collector-max-delay", "7")
    host.agrconfig("agr0", "system-id", "02:00:00:00:12:34", "timeout", "short")
    with Partner(other, "re0") as partner:
        host.agrconfig("agr0", "agrport", "re0", "port", "re0", "port-priority", "99")
        first = partner.next_pdu()
        assert (first.actor.key, first.actor.system_priority) == (258, 0x1234)
        assert first.actor.system == bytes.fromhex("020000001234")
        assert (first.collector_max_delay, first.actor.state.LACP_Timeout) == (7, True)
        until(partner, "port_priority", 99)
        host.agrconfig("agr0", "timeout", "long")
        assert until(partner, "LACP_Timeout", False).actor.state.LACP_Activity
        host.agrconfig("agr0", "port", "re0", "individual", "on")
        until(partner, "Aggregation", False)
        host.agrconfig("agr0", "key", "3")
        until(partner, "key", 3)
    shown = host.agr0()
    assert (shown["key"], shown["system_priority"], shown["timeout"]) == (3, 0x1234, "long")
    assert (shown["ports"]["re0"]["priority"], shown["ports"]["re0"]["individual"]) == (99, True)
    assert "system: 02:00:00:00:12:34, priority 4660" in host.agrconfig("agr0", "-v")
