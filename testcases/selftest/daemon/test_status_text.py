"""What agrconfig prints (AG-17): ifconfig(8)'s lines, and with -v all that 30.7 and agrd know."""

from __future__ import annotations

import time

import pytest

from agr.cli.status import ago, render
from testcases.selftest.daemon.status_sample import CLOCK, aggregate, port, status


def verbose(**changes: object) -> list[str]:
    return render(status(**changes), verbose=True).splitlines()


def line(lines: list[str], label: str) -> str:
    """The first line that begins with ``label``, without it."""
    return (
        next(found.strip() for found in lines if found.strip().startswith(label)).removeprefix(label).strip()
    )


def test_as_ifconfig() -> None:
    assert render(status(), verbose=False).splitlines() == [
        "agr0: flags=0x8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu 1500",
        "\tagrport: re0, flags=0x3<COLLECTING,DISTRIBUTING>",
        "\tagrport: re1, flags=0x0<>",
        "\taddress: 02:00:00:00:00:01",
        "\tstatus: active",
        "\tinet 192.0.2.1/24",
        "\tinet6 2001:db8::1/64",
    ]


@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        (["link0"], "0x9802<BROADCAST,SIMPLEX,LINK0,MULTICAST>"),
        (["link1"], "0xa802<BROADCAST,SIMPLEX,LINK1,MULTICAST>"),
        (["link0", "link1"], "0xb802<BROADCAST,SIMPLEX,LINK0,LINK1,MULTICAST>"),
    ],
)
def test_flags_of_the_interface(flags: list[str], shown: str) -> None:
    first = render(status(flags=flags, carrier=False, up=False), verbose=False).splitlines()[0]
    assert first == f"agr0: flags={shown} mtu 1500"


def test_an_interface_that_is_deleted_at_this_moment() -> None:
    shown = status()
    for key in ("mtu", "up", "addresses"):
        del shown["aggregates"]["agr0"][key]
    assert render(shown, verbose=False).startswith(
        "agr0: flags=0x8842<BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu ?"
    )


def test_all_aggregates_in_the_order_of_their_numbers() -> None:
    shown = render({**status(), "aggregates": {"agr10": aggregate(), "agr2": aggregate()}}, verbose=False)
    assert [line.split(":")[0] for line in shown.splitlines() if not line.startswith("\t")] == [
        "agr2",
        "agr10",
    ]


def test_details_of_an_aggregate() -> None:
    lines = verbose()
    assert lines[1:9] == [
        "\tlacp: active, timeout long, control independent, collector max delay 0",
        "\tlinks: min 1, max unlimited, defaulted down",
        "\tsystem: 02:00:00:00:00:01, priority 32768, key 1",
        "\tpartner: 02:00:00:00:00:99, priority 32768, key 258",
        "\tstate: up, data rate 10000 Mbit/s, last change 75 s ago, came up 2, went down 1",
        "\tdata path: bpf",
        "\tmoves: 3, timed out 1, Markers sent 6, answered 5, conversations waiting 0",
        "\tframes: held 17, released 17; dropped: undistributed 1, overrun 0, held overrun 0",
    ]


def test_details_of_a_port() -> None:
    lines = verbose()
    first = lines.index("\tagrport: re0, flags=0x3<COLLECTING,DISTRIBUTING>")
    assert lines[first + 1 : first + 16] == [
        "\t link    up, 10000 Mbit/s, full duplex, address 02:00:00:00:00:01",
        "\t port    number 1, priority 32768, aggregatable, lacp on",
        "\t receive CURRENT, FAST_PERIODIC, last LACPDU 0.5 s ago",
        "\t mux     DISTRIBUTING, SELECTED: data flows: both ends agree",
        "\t actor   system 02:00:00:00:00:01 priority 32768, key 258, port 1 priority 32768",
        "\t         0x3d<ACTIVITY,AGGREGATION,SYNC,COLLECTING,DISTRIBUTING>",
        "\t         NO_ACTOR_CHURN, churned 1, came in sync 3, changed LAG 5",
        "\t partner system 02:00:00:00:00:99 priority 32768, key 258, port 1 priority 32768",
        "\t         0x3d<ACTIVITY,AGGREGATION,SYNC,COLLECTING,DISTRIBUTING>",
        "\t         NO_PARTNER_CHURN, churned 2, came in sync 4, changed LAG 6",
        "\t in      LACPDUs 120, Markers 2, Responses 4",
        "\t         unknown 6, illegal 7, overrun 9",
        "\t out     LACPDUs 121, Markers 5, Responses 3",
        "\t frames  received 12345678901, sent 8",
        "\t dropped discarded 1, overrun 0, undelivered 0, unsent 2",
    ]


def test_a_partner_that_the_operator_has_set() -> None:
    """43.4.7: what stands for it while none is heard is shown with the one that is in force."""
    by_hand = {
        "system_priority": 1,
        "system": "02:00:00:00:0b:01",
        "key": 7,
        "port_priority": 2,
        "port": 3,
        "state": 0x3C,
    }
    lines = verbose(ports={"re0": port(partner_admin=by_hand, partner_admin_set=True)})
    first = lines.index("\t admin   the partner while none is heard:")
    assert lines[first - 1].startswith("\t         NO_PARTNER_CHURN")
    assert lines[first + 1 : first + 3] == [
        "\t         system 02:00:00:00:0b:01 priority 1, key 7, port 3 priority 2",
        "\t         0x3c<AGGREGATION,SYNC,COLLECTING,DISTRIBUTING>",
    ]
    assert not [line for line in verbose() if line.startswith("\t admin")], "none is set"


def test_what_is_not_there_is_said_in_words() -> None:
    silent = {**port()["debug"], "LastRxTime": None}
    lines = verbose(
        flags=["link1"],
        partner_system="00:00:00:00:00:00",
        last_change=None,
        data_rate=None,
        oper_key=7,
        ports={"re0": port(link=False, debug=silent)},
    )
    assert line(lines, "lacp:").startswith("off (link1)")
    assert line(lines, "partner:") == "none"
    assert line(lines, "state:").startswith("up, data rate unknown, last change never")
    assert line(lines, "system:").endswith("key 1 (operational 7)")
    assert line(lines, "link ").startswith("no carrier")
    assert line(lines, "receive").endswith("no LACPDU yet")


def test_the_python_path_says_why_and_reports_say_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    lines = verbose(
        data_path="python",
        data_path_reason="the kernel refuses bpf()",
        individual=True,
        reports=[{"time": 1770000000.0, "text": "re1 was set down"}, {"time": 1770000001.9, "text": "again"}],
    )
    assert "\tdata path: python (the kernel refuses bpf())" in lines
    assert "\treport: 2026-02-02 02:40:00 re1 was set down" in lines
    assert "\treport: 2026-02-02 02:40:01 again" in lines
    assert line(lines, "partner:").endswith(", individual")


def test_long_words_of_agrd_are_wrapped() -> None:
    told = "port re1 has got the address 2001:db8::7/64: nothing that is sent to it arrives; remove it"
    lines = verbose(data_path="python", data_path_reason="why " * 30, reports=[{"time": 1.0, "text": told}])
    assert max(len(line.expandtabs(8)) for line in lines) <= 100
    assert f"{told} agrport:" in " ".join(line.strip() for line in lines)


def test_no_line_is_wider_than_a_terminal() -> None:
    """80 columns hold what is usual, 100 the widest values of every field."""

    def widest(lines: list[str]) -> int:
        return max(len(line.expandtabs(8)) for line in lines)

    end = {**port()["actor"], "system_priority": 65535, "port": 65535, "key": 65535, "state": 0xFF}
    worst = port(
        actor=end,
        partner=end,
        partner_admin=end,
        partner_admin_set=True,
        receive_state="PORT_DISABLED",
        periodic_state="SLOW_PERIODIC",
        mux_state="DETACHED",
        selected="UNSELECTED",
        debug={**port()["debug"], "MuxReason": "m" * 60},
        speed_mbps=400000,
        counters=dict.fromkeys(port()["counters"], 999_999_999),
        overrun_pdus=999_999_999,
        traffic=dict.fromkeys(port()["traffic"], 999_999_999),
    )
    assert widest(verbose(ports={"re0": worst})) <= 100
    usual = port(
        actor={**port()["actor"], "state": 0x3F},
        traffic={**port()["traffic"], "received": 1_000_000_000},
    )
    lines = verbose(ports={"re0": usual})
    assert widest([line for line in lines if line.startswith("\t ") and "system" not in line]) <= 80


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.001, "0.0 s ago"),
        (0.26, "0.3 s ago"),
        (30.4, "30 s ago"),
        (119, "119 s ago"),
        (125, "2 min ago"),
        (3 * 3600 + 120, "3 h 2 min ago"),
        (3 * 86400 + 7200, "3 days 2 h ago"),
    ],
)
def test_how_long_ago(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_the_clock_is_agrds() -> None:
    later = {**status(), "agrd": {"version": "1", "pid": 1, "clock": CLOCK + 3600 * 3}}
    assert "last change 3 h 1 min ago" in line(render(later, verbose=True).splitlines(), "state:")
