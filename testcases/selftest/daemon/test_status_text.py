"""What agrconfig prints (AG-17): ifconfig(8)'s lines, and with -v all that the core knows."""

from __future__ import annotations

from typing import Any

from agr.cli_status import render

_INFORMATION = {
    "system_priority": 32768,
    "system": "02:00:00:00:00:01",
    "key": 258,
    "port_priority": 32768,
    "port": 1,
    "state": 0x3D,
}


def status(**changes: Any) -> dict[str, Any]:
    port = {
        "mac": "02:00:00:00:00:01",
        "link": True,
        "number": 1,
        "priority": 32768,
        "individual": False,
        "lacp": True,
        "receive_state": "CURRENT",
        "periodic_state": "FAST_PERIODIC",
        "mux_state": "DISTRIBUTING",
        "selected": "SELECTED",
        "actor_churn_state": "NO_ACTOR_CHURN",
        "partner_churn_state": "NO_PARTNER_CHURN",
        "collecting": True,
        "distributing": True,
        "actor": _INFORMATION,
        "partner": {**_INFORMATION, "system": "02:00:00:00:00:99"},
        "counters": {"LACPDUsRx": 12345678901, "LACPDUsTx": 4},
        "traffic": {"received": 7, "sent": 8},
    }
    aggregate = {
        "mac": "02:00:00:00:00:01",
        "mtu": 1500,
        "up": True,
        "carrier": True,
        "addresses": ["192.0.2.1/24", "2001:db8::1/64"],
        "flags": [],
        "system_priority": 32768,
        "system": "02:00:00:00:00:01",
        "key": 1,
        "activity": "active",
        "timeout": "long",
        "control": "independent",
        "collector_max_delay": 0,
        "ports": {"re0": port, "re1": {**port, "collecting": False, "distributing": False}},
        **changes,
    }
    return {"agrd": {"version": "1", "pid": 1}, "aggregates": {"agr0": aggregate}}


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


def test_flags_of_the_interface() -> None:
    first = render(status(flags=["link0"], carrier=False, up=False), verbose=False).splitlines()[0]
    assert first == "agr0: flags=0x9802<BROADCAST,SIMPLEX,LINK0,MULTICAST> mtu 1500"


def test_all_aggregates_in_the_order_of_their_numbers() -> None:
    one = status()["aggregates"]["agr0"]
    shown = render({"aggregates": {"agr10": one, "agr2": one}}, verbose=False)
    assert [line.split(":")[0] for line in shown.splitlines() if not line.startswith("\t")] == [
        "agr2",
        "agr10",
    ]


def test_verbose_says_everything_in_columns() -> None:
    lines = render(status(), verbose=True).splitlines()
    text = "\n".join(lines)
    for word in (
        "CURRENT",
        "DISTRIBUTING",
        "SELECTED",
        "NO_PARTNER_CHURN",
        "02:00:00:00:00:99",
        "258",
        "timeout long",
    ):
        assert word in text
    assert "0x3d<ACTIVITY,AGGREGATION,SYNC,COLLECTING,DISTRIBUTING>" in text
    head = next(index for index, line in enumerate(lines) if "LACPDUsRx" in line)
    assert lines[head].index("LACPDUsTx") == lines[head + 1].index("4", lines[head + 1].index("901") + 3)
    head = next(index for index, line in enumerate(lines) if "port priority" in line)
    for row in lines[head + 1 : head + 3]:
        assert row[lines[head].index("key") :].startswith("258")
