"""A status in the shape of `agrconfig --json`, for tests of what is made of it."""

from __future__ import annotations

from typing import Any

CLOCK = 5000.0

_INFORMATION = {
    "system_priority": 32768,
    "system": "02:00:00:00:00:01",
    "key": 258,
    "port_priority": 32768,
    "port": 1,
    "state": 0x3D,
}


def port(**changes: Any) -> dict[str, Any]:
    """A port that distributes; its partner is 02:00:00:00:00:99."""
    return {
        "mac": "02:00:00:00:00:01",
        "link": True,
        "speed_mbps": 10000,
        "full_duplex": True,
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
        "partner_admin": {**_INFORMATION, "system": "00:00:00:00:00:00", "key": 0, "port": 0, "state": 0},
        "partner_admin_set": False,
        "counters": {
            "LACPDUsRx": 120,
            "LACPDUsTx": 121,
            "MarkerPDUsRx": 2,
            "MarkerResponsePDUsTx": 3,
            "MarkerResponsePDUsRx": 4,
            "MarkerPDUsTx": 5,
            "UnknownRx": 6,
            "IllegalRx": 7,
        },
        "overrun_pdus": 9,
        "debug": {
            "LastRxTime": CLOCK - 0.5,
            "ActorChurnCount": 1,
            "PartnerChurnCount": 2,
            "ActorSyncTransitionCount": 3,
            "PartnerSyncTransitionCount": 4,
            "ActorChangeCount": 5,
            "PartnerChangeCount": 6,
            "MuxReason": "data flows: both ends agree",
        },
        "traffic": {
            "received": 12345678901,
            "sent": 8,
            "discarded": 1,
            "overrun": 0,
            "undelivered": 0,
            "unsent": 2,
        },
        **changes,
    }


def aggregate(**changes: Any) -> dict[str, Any]:
    """agr0 with re0, which distributes, and re1, which stands by."""
    standby = {
        "collecting": False,
        "distributing": False,
        "mux_state": "WAITING",
        "selected": "STANDBY",
        "number": 2,
    }
    return {
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
        "min_links": 1,
        "max_links": 0,
        "defaulted": "down",
        "oper_key": 1,
        "partner_system_priority": 32768,
        "partner_system": "02:00:00:00:00:99",
        "partner_key": 258,
        "individual": False,
        "oper_state": "up",
        "data_rate": 10_000_000_000,
        "last_change": CLOCK - 75,
        "notifications": {"LinkUp": 2, "LinkDown": 1},
        "moves": {"Moves": 3, "MovesTimedOut": 1, "MarkersTx": 6, "MarkerResponsesRx": 5, "held": 0},
        "data_path": "bpf",
        "data_path_reason": None,
        "traffic": {"undistributed": 1, "overrun": 0, "held": 17, "released": 17, "held_overrun": 0},
        "reports": [],
        "ports": {"re0": port(), "re1": port(**standby)},
        **changes,
    }


def status(**changes: Any) -> dict[str, Any]:
    """agr0 alone, with ``changes``."""
    return {
        "agrd": {"version": "1.2", "pid": 1, "clock": CLOCK},
        "aggregates": {"agr0": aggregate(**changes)},
    }
