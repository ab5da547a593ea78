"""What is said to Open vSwitch, and how its reports are read."""

import pytest

from fixtures.switch import ovs_reports
from fixtures.switch.model import LacpSide
from fixtures.switch.ovs_transaction import Transaction
from testcases.selftest.switch_emulated.fake import PORTS, Operator

INTERFACES = {name: f"sp{n}" for n, name in enumerate(PORTS, 1)}
LACP_SHOW = """\
---- Po7 ----
  status: active negotiated
  sys_id: 02:00:00:00:00:01

member: po7none: defaulted detached
  port_id: 9

member: sp1: current attached
  port_id: 257
  may_enable: true

  actor sys_id: 02:00:00:00:00:01
  actor sys_priority: 32768
  actor port_id: 257
  actor port_priority: 32768
  actor key: 7
  actor state: activity timeout aggregation synchronized collecting distributing

  partner sys_id: 02:00:00:00:00:02
  partner sys_priority: 100
  partner port_id: 3
  partner port_priority: 7
  partner key: 258
  partner state: defaulted expired
"""
BOND_SHOW = """\
---- Po7 ----
bond_mode: balance-slb
active member mac: 9e:29:e6:60:5f:b4(sp1)

member po7none: disabled
  may_enable: false

member sp1: enabled
  active member
  may_enable: true

"""
LACP_STATS = """\
---- Po7 statistics ----

member: sp1:
  TX PDUs: 2
  RX PDUs: 5
"""


def test_reports_are_read() -> None:
    report = ovs_reports.read(LACP_SHOW)["Po7"]["sp1"]
    assert report.words == ["current", "attached"]
    assert ovs_reports.side(report, "actor") == LacpSide(32768, "02:00:00:00:00:01", 7, 32768, 257, 0x3F)
    assert ovs_reports.side(report, "partner") == LacpSide(100, "02:00:00:00:00:02", 258, 7, 3, 0xC0)
    bonds = ovs_reports.read(BOND_SHOW)
    assert {name: member.words for name, member in bonds["Po7"].items()} == {
        "po7none": ["disabled"],
        "sp1": ["enabled"],
    }
    assert ovs_reports.read(LACP_STATS)["Po7"]["sp1"].values == {"TX PDUs": "2", "RX PDUs": "5"}
    assert ovs_reports.read("") == {}


def steps(operator: Operator, known: set[tuple[str, str]] | None = None) -> list[list[str]]:
    """The steps of the transaction for the operator's configuration."""
    words = Transaction(operator.config, INTERFACES, "02:00:00:00:00:01", known or set()).arguments()
    result: list[list[str]] = []
    for word in words:
        if word == "--":
            result.append([])
        else:
            result[-1].append(word)
    return result


def settings(operator: Operator, port: str) -> list[str]:
    """The columns of a new port row."""
    (step,) = [step for step in steps(operator) if step[1:4] == ["create", "Port", f"name={port}"]]
    return step[4:]


@pytest.mark.parametrize(
    ("lines", "columns"),
    [
        ((), ["vlan_mode=access", "tag=1", "trunks=[]"]),
        (("switchport access vlan 9",), ["vlan_mode=access", "tag=9", "trunks=[]"]),
        (("switchport mode dot1q-tunnel",), ["vlan_mode=dot1q-tunnel", "tag=1", "trunks=[]"]),
        (("switchport mode trunk",), ["vlan_mode=native-untagged", "tag=1", "trunks=[]"]),
        (
            (
                "switchport mode trunk",
                "switchport trunk allowed vlan 3,5-6",
                "switchport trunk native vlan 5",
            ),
            ["vlan_mode=native-untagged", "tag=5", "trunks=[3,5,6]"],
        ),
    ],
)
def test_vlans(operator: Operator, lines: tuple[str, ...], columns: list[str]) -> None:
    operator.configure("interface gi1/0/1", *lines)
    assert settings(operator, "sp1")[1:4] == columns


def test_a_group_is_a_bond_with_a_placeholder(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "channel-group 7 mode active", "lacp rate fast")
    operator.type("lacp port-priority 9", "lacp system-priority 4")
    found = steps(operator)
    created = {step[3]: step[4:] for step in found if step[1:3] == ["create", "Interface"]}
    assert created["name=sp1"] == [
        'other_config={lacp-aggregation-key="7",lacp-port-id="257",lacp-port-priority="9"}'
    ]
    assert created["name=po7none"] == ["type=internal", 'other_config={lacp-aggregation-key="7"}']
    columns = settings(operator, "Po7")
    assert columns[4:6] == ["lacp=active", "bond_mode=balance-slb"]
    assert 'lacp-time="fast",lacp-system-id="02:00:00:00:00:01",lacp-system-priority="4"' in columns[6]


@pytest.mark.parametrize(
    ("modes", "balance", "lacp", "bond_mode"),
    [
        (("passive", "passive"), "src-mac", "passive", "balance-slb"),
        (("passive", "active"), "src-dst-ip", "active", "balance-tcp"),
        (("on", "on"), "src-dst-ip", "off", "balance-slb"),
    ],
)
def test_modes(operator: Operator, modes: tuple[str, str], balance: str, lacp: str, bond_mode: str) -> None:
    operator.configure(f"port-channel load-balance {balance}")
    for number, mode in enumerate(modes, 1):
        operator.configure(f"interface gi1/0/{number}", f"channel-group 1 mode {mode}")
    assert settings(operator, "Po1")[4:6] == [f"lacp={lacp}", f"bond_mode={bond_mode}"]


def test_rows_that_are_there_are_kept(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "channel-group 7 mode active")
    known = {("Interface", "sp1"), ("Port", "sp1"), ("Interface", "sp2"), ("Port", "sp2")}
    found = steps(operator, known)
    assert ["get", "Interface", "sp1"] in [step[1:] for step in found]
    assert ["get", "Port", "sp2"] in [step[1:] for step in found]
    assert not any(step[-1] == "sp1" and "Port" in step for step in found)


def test_a_port_channel_without_members_is_no_port(operator: Operator) -> None:
    operator.configure("interface po9")
    assert not any("name=Po9" in step for step in steps(operator))
