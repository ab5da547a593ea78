"""Devices with other defaults, and with fewer variables that an operator can set."""

from __future__ import annotations

from functools import partial

from harness.pdu import PortInfo, State
from harness.reference.choices import Choices
from testcases.selftest.devices.boundary import Boundary
from testcases.selftest.devices.device import Device, declared

ANYBODY = PortInfo(
    system_priority=0xFFFF,
    system="00:00:00:00:00:00",
    key=0xFFFF,
    port_priority=0xFFFF,
    port=0xFFFF,
    state=State.Aggregation | State.Timeout,
)
"""Partner_Admin_* with all bits of its numbers set."""

KNOWN = PortInfo(
    system_priority=0x0001,
    system="02:00:5e:00:99:01",
    key=0x0203,
    port_priority=0x0405,
    port=0x0607,
    state=State.Activity,
)
"""Partner_Admin_* of a partner that an operator knows, active."""

OPTIONS = frozenset(
    {"key", "system-priority", "system-id", "port-priority", "individual", "lacp", "max-links"}
)
"""Administrative variables without which an implementation conforms."""


class Untold(Boundary):
    """Nobody tells it what speed and duplex its links have: all are alike."""

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        return


class FullDuplex(Boundary):
    """LACP runs on half duplex links too."""

    def medium(self, now: float, port: str, speed_mbps: int, full_duplex: bool) -> None:
        super().medium(now, port, speed_mbps, full_duplex=True)


ADMINISTRATION = (
    Device(
        "other numbers",
        "43.3.2 to 43.3.5",
        "priorities, keys and port numbers are the implementation's, but for 0",
        choices=partial(
            Choices,
            aggregator={"system_priority": 0x0101},
            first_key=0x7F00,
            first_port=0xFE01,
            port_priority=0x00FE,
        ),
    ),
    Device(
        "Partner_Admin with all bits set",
        "43.4.7",
        "the default values of a partner (PICS partner_defaults)",
        choices=partial(Choices, partner_admin=ANYBODY),
        pics=declared(ANYBODY),
    ),
    Device(
        "Partner_Admin of a partner that is known",
        "43.4.7",
        "the same, of an active partner with an identity",
        choices=partial(Choices, partner_admin=KNOWN),
        pics=declared(KNOWN),
    ),
    Device(
        "Short Timeout by default",
        "43.4.7",
        "Actor_Admin_Port_State.LACP_Timeout of a new port",
        choices=partial(Choices, aggregator={"short": True}),
    ),
    Device(
        "an address of its own",
        "43.2.10, 43.3.2",
        "whose the Aggregators' address and the System's is",
        choices=partial(Choices, own_address=bytes.fromhex("02005e005f01")),
    ),
    Device(
        "Collector_Max_Delay of 500 ms",
        "43.4.6",
        "how long the Frame Collector may take",
        choices=partial(Choices, aggregator={"collector_max_delay": 50_000}),
    ),
    Device(
        "LACP on half duplex links",
        "43.4.8",
        "what becomes of a half duplex link (reading half_duplex)",
        boundary=FullDuplex,
        readings={"half_duplex": "out_of_scope"},
        pics={"half_duplex": True},
    ),
    Device(
        "one key for all speeds",
        "43.1.2, 43.3.5",
        "whether links of several speeds have one key (readings mixed_speeds, half_duplex)",
        boundary=Untold,
        readings={"mixed_speeds": "by_key", "half_duplex": "out_of_scope"},
        pics={"half_duplex": True},
        unjudged=frozenset({"MG-14"}),  # it cannot tell its data rate
    ),
    Device(
        "as few variables as may be",
        "30.7, 43.4.7",
        "which variables an operator can set (PICS)",
        refuses=OPTIONS,
        pics={
            "set_key": False,
            "set_system_priority": False,
            "set_port_priority": False,
            "individual": False,
            "lacp_off": False,
            "max_links": False,
            "shared_system": False,
        },
    ),
    Device(
        "neither LACP_Activity nor LACP_Timeout can be set",
        "43.4.7",
        "which variables an operator can set (PICS): it is active, and asks for the slow period",
        refuses=frozenset({"activity", "timeout"}),
        pics={"passive": False, "short_timeout": False},
    ),
    Device(
        "no counters",
        "30.7",
        "management is optional (PICS counters, churn)",
        pics={"counters": False, "churn": False},
    ),
)
