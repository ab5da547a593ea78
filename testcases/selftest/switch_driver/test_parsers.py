"""`show lacp ...` as rows."""

from __future__ import annotations

import pytest

from harness.switch import SystemId
from harness.switch.cisco_ios import parsers
from harness.verdict import BenchError

LEGEND = """\
Flags:  S - Device is requesting Slow LACPDUs
        F - Device is requesting Fast LACPDUs
        A - Device is in Active mode       P - Device is in Passive mode

"""
NEIGHBOR = (
    LEGEND
    + """\
Channel group 1 neighbors

Partner's information:

          Partner               Partner                     Partner
Port      System ID             Port Number     Age         Flags
Gi1/0/1   32768,0011.2233.4455  0x1             12s         SA

          LACP Partner         Partner         Partner
          Port Priority        Oper Key        Port State
          128                  0x102           0x3D

          Port State Flags Decode:
          Activity:   Timeout:   Aggregation:   Synchronization:
          Active      Long       Yes            Yes

          Collecting:   Distributing:   Defaulted:   Expired:
          Yes           Yes             No           No

          Partner               Partner                     Partner
Port      System ID             Port Number     Age         Flags
Gi1/0/2   7,0011.2233.4455      0x2             0s          FP

          LACP Partner         Partner         Partner
          Port Priority        Oper Key        Port State
          32768                0x102           0xF

          Port State Flags Decode:
          Activity:   Timeout:   Aggregation:   Synchronization:
          Passive     Short      Yes            Yes

          Collecting:   Distributing:   Defaulted:   Expired:
          No            No              No           No

Channel group 12 neighbors

Partner's information:

          Partner               Partner                     Partner
Port      System ID             Port Number     Age         Flags
Te1/1/1   32768,aabb.cc00.0100  0x301           3s          FA

          LACP Partner         Partner         Partner
          Port Priority        Oper Key        Port State
          32768                0x1             0x3F

"""
)
INTERNAL = (
    LEGEND
    + """\
Channel group 1
                            LACP port     Admin     Oper    Port        Port
Port      Flags   State     Priority      Key       Key     Number      State
Gi1/0/1   SA      bndl      32768         0x1       0x1     0x102       0x3D
Gi1/0/2   SA      hot-sby   32768         0x1       0x1     0x103       0x5

"""
)
COUNTERS = """\
             LACPDUs         Marker      Marker Response    LACPDUs
Port       Sent   Recv     Sent   Recv     Sent   Recv      Pkts Err
---------------------------------------------------------------------
Channel group: 1
Gi1/0/1    14     12       1      2        3      4         5

"""


def test_neighbors() -> None:
    rows = parsers.neighbors(NEIGHBOR)
    assert [(row.group, row.port, row.flags) for row in rows] == [
        (1, "GigabitEthernet1/0/1", "SA"),
        (1, "GigabitEthernet1/0/2", "FP"),
        (12, "TenGigabitEthernet1/1/1", "FA"),
    ]
    assert rows[0] == parsers.IosNeighbor(
        group=1,
        port="GigabitEthernet1/0/1",
        flags="SA",
        system_priority=32768,
        system="00:11:22:33:44:55",
        port_priority=128,
        age=12,
        key=0x102,
        port_number=1,
        state=0x3D,
    )


def test_internals() -> None:
    first, second = parsers.internals(INTERNAL)
    assert (first.port, first.bundle, first.port_number, first.state) == (
        "GigabitEthernet1/0/1",
        "bndl",
        0x102,
        0x3D,
    )
    assert second.bundle == "hot-sby"


def test_counters() -> None:
    assert parsers.counters(COUNTERS) == [parsers.Counters(1, "GigabitEthernet1/0/1", 14, 12, 1, 2, 3, 4, 5)]


def test_system_id() -> None:
    assert parsers.system_id("32768, 0011.2233.4455\n") == SystemId(32768, "00:11:22:33:44:55")


VLANS = """
VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Gi1/0/2, Gi1/0/3
                                                Gi1/0/10
100  two words                        act/lshut
101  VLAN0101                         suspended
1002 fddi-default                     act/unsup
"""


def test_vlan_names() -> None:
    assert parsers.vlan_names(VLANS) == {
        1: "default", 100: "two words", 101: "VLAN0101", 1002: "fddi-default",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "Not for you.\n", VLANS.replace("active", "")])
def test_an_answer_without_vlans(text: str) -> None:
    with pytest.raises(BenchError, match=r"`show vlan brief`: .*not understood"):
        parsers.vlan_names(text)


def test_no_groups() -> None:
    assert parsers.neighbors(LEGEND) == []
    assert parsers.neighbors("") == []


@pytest.mark.parametrize("line", [NEIGHBOR.splitlines()[11], NEIGHBOR.splitlines()[15]])
def test_a_row_that_was_disturbed_is_an_error_and_not_a_shorter_table(line: str) -> None:
    for place in range(1, len(line)):
        broken = NEIGHBOR.replace(line, f"{line[:place]}\n{line[place:]}")
        if line[place - 1] != " " and line[place : place + 1] != " ":
            with pytest.raises(BenchError, match="`show lacp neighbor detail`: "):
                parsers.neighbors(broken)


def test_an_answer_that_is_no_system_id() -> None:
    with pytest.raises(BenchError, match="`show lacp sys-id`: the switch's answer is not understood"):
        parsers.system_id("% LACP is not running")


@pytest.mark.parametrize(
    ("command", "text", "count"),
    [
        ("show lacp neighbor detail", NEIGHBOR, 3),
        ("show lacp 1 nei det", NEIGHBOR, 3),
        ("show lacp internal", INTERNAL, 2),
        ("show lacp counters", COUNTERS, 1),
        ("show lacp sys-id", "1, 0011.2233.4455", 1),
    ],
)
def test_rows_by_command(command: str, text: str, count: int) -> None:
    rows = parsers.parse(command, text)
    assert rows is not None
    assert len(rows) == count


@pytest.mark.parametrize("command", ["show version", "show lacp neighbor", "show etherchannel summary"])
def test_other_commands_are_left_to_templates(command: str) -> None:
    assert parsers.parse(command, "") is None
