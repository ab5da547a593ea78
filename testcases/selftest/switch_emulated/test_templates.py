"""What ntc-templates knows of the switch's commands it parses, with its own templates."""

from typing import Any

import pytest
from ntc_templates.parse import parse_output

from fixtures.switch.model import Link, Member
from testcases.selftest.switch_emulated.fake import ACTOR, PARTNER, PORTS, Operator


def parsed(operator: Operator, command: str) -> list[dict[str, Any]]:
    """The command's output through its template."""
    text = operator.type(command)
    result = parse_output(platform="cisco_ios", command=command, data=text)
    assert isinstance(result, list)
    return result


def test_version(operator: Operator) -> None:
    operator.configure("hostname left", "end")
    (found,) = parsed(operator, "show version")
    identity = operator.switch.identity
    assert found["hostname"] == "left"
    assert found["version"] == "15.2(7)E"
    assert found["software_image"] == "AGRLAB-MEMORY-M"
    assert found["hardware"] == ["EMU-MEMORY-4T"]
    assert found["serial"] == [identity.serial]
    assert found["mac_address"] == [identity.mac.upper()]
    assert found["uptime"] == "0 minutes"
    assert found["reload_reason"] == "power-on"
    assert found["config_register"] == "0xF"


@pytest.mark.parametrize(
    ("seconds", "uptime"),
    [
        (60, "1 minute"),
        (3600 * 25 + 120, "1 day, 1 hour, 2 minutes"),
        (86400 * 15, "2 weeks, 1 day, 0 minutes"),
    ],
)
def test_uptime(operator: Operator, seconds: float, uptime: str) -> None:
    operator.switch.booted -= seconds
    assert parsed(operator, "show version")[0]["uptime"] == uptime


def test_vlans(operator: Operator) -> None:
    operator.configure("vlan 100", "name tunnel", "interface gi1/0/2", "switchport access vlan 7", "end")
    found = parsed(operator, "show vlan brief")
    assert [(row["vlan_id"], row["vlan_name"]) for row in found] == [
        ("1", "default"), ("7", "VLAN0007"), ("100", "tunnel"),
    ]  # fmt: skip
    assert [row["interfaces"] for row in found] == [["Gi1/0/1", "Gi1/0/3", "Gi1/0/10"], ["Gi1/0/2"], []]


def test_etherchannel_summary(operator: Operator) -> None:
    operator.configure("interface range gi1/0/1 - 3 , gi1/0/10", "channel-group 12 mode active", "end")
    operator.backend.link_table[PORTS[3]] = Link(True, False, None, None)
    operator.backend.member_table = {
        12: {
            PORTS[0]: Member(True, "current", True, ACTOR, PARTNER),
            PORTS[1]: Member(False, "defaulted", False, ACTOR, PARTNER),
            PORTS[2]: Member(False, "expired", True, ACTOR, PARTNER),
            PORTS[3]: Member(False, "expired", True, ACTOR, PARTNER),
        }
    }
    (found,) = parsed(operator, "show etherchannel summary")
    assert found["group"] == "12"
    assert found["bundle_name"] == "Po12"
    assert found["bundle_status"] == "SU"
    assert found["bundle_protocol"] == "LACP"
    assert found["member_interface"] == ["Gi1/0/1", "Gi1/0/2", "Gi1/0/3", "Gi1/0/10"]
    assert found["member_interface_status"] == ["P", "s", "w", "D"]


def test_etherchannel_summary_of_two_groups(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "channel-group 1 mode on")
    operator.configure("interface range gi1/0/2 - 3", "channel-group 2 mode passive")
    operator.configure("interface po2", "port-channel min-links 2", "interface po3", "end")
    bundled, waiting = (
        Member(True, "current", True, ACTOR, PARTNER),
        Member(False, "current", True, ACTOR, PARTNER),
    )
    operator.backend.member_table = {
        1: {PORTS[0]: Member(True)},
        2: {PORTS[1]: bundled, PORTS[2]: waiting},
    }
    found = parsed(operator, "show etherchannel summary")
    assert [(row["bundle_name"], row["bundle_status"], row["bundle_protocol"]) for row in found] == [
        ("Po1", "SU", "-"),
        ("Po2", "SM", "LACP"),
        ("Po3", "SD", "-"),
    ]


def test_interfaces_status(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "description to re0", "switchport mode trunk")
    operator.configure("interface gi1/0/2", "switchport access vlan 77", "end")
    operator.backend.link_table[PORTS[1]] = Link(False, False, None, None)
    operator.backend.link_table[PORTS[2]] = Link(True, False, 1000, True)
    operator.backend.link_table[PORTS[3]] = Link(True, True, 10000, False)
    found = parsed(operator, "show interfaces status")
    shown = [
        tuple(row[key] for key in ("port", "name", "status", "vlan_id", "duplex", "speed")) for row in found
    ]
    assert shown == [
        ("Gi1/0/1", "to re0", "connected", "trunk", "a-full", "a-1000"),
        ("Gi1/0/2", "", "disabled", "77", "auto", "auto"),
        ("Gi1/0/3", "", "notconnect", "1", "auto", "auto"),
        ("Gi1/0/10", "", "connected", "1", "a-half", "a-10G"),
    ]


def test_interfaces_status_of_a_port_channel(operator: Operator) -> None:
    operator.configure("interface range gi1/0/1 - 2", "channel-group 1 mode active", "end")
    operator.backend.member_table = {
        1: {
            PORTS[0]: Member(True, "current", True, ACTOR, PARTNER),
            PORTS[1]: Member(False, "defaulted", False, ACTOR, PARTNER),
        }
    }
    status = {row["port"]: row["status"] for row in parsed(operator, "show interfaces status")}
    assert (status["Gi1/0/1"], status["Gi1/0/2"], status["Po1"]) == ("connected", "suspended", "connected")


def test_ip_interface_brief_and_clock(operator: Operator) -> None:
    operator.backend.link_table[PORTS[1]] = Link(False, False, None, None)
    brief = parsed(operator, "show ip interface brief")
    assert [(row["status"], row["proto"]) for row in brief[:2]] == [
        ("up", "up"),
        ("administratively down", "down"),
    ]
    (clock,) = parsed(operator, "show clock")
    assert clock["timezone"] == "UTC"
