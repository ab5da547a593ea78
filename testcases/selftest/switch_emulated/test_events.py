"""The log: which messages a change makes, and min-links."""

import asyncio
import struct
from collections.abc import Callable
from typing import Any

import pytest

from fixtures.switch import link_events
from fixtures.switch.events import Events, link_change
from fixtures.switch.model import Link, Member
from testcases.selftest.switch_emulated.fake import ACTOR, PARTNER, PORTS, Operator

UP = Link(True, True, None, None)
NO_CARRIER = Link(True, False, None, None)
SHUT = Link(False, False, None, None)


@pytest.mark.parametrize(
    ("before", "after", "messages"),
    [
        (UP, UP, []),
        (UP, NO_CARRIER, ["LINK-3-UPDOWN down", "LINEPROTO-5-UPDOWN down"]),
        (NO_CARRIER, UP, ["LINK-3-UPDOWN up", "LINEPROTO-5-UPDOWN up"]),
        (UP, SHUT, ["LINK-5-CHANGED down", "LINEPROTO-5-UPDOWN down"]),
        (NO_CARRIER, SHUT, ["LINK-5-CHANGED down"]),
        (SHUT, NO_CARRIER, ["LINK-3-UPDOWN down"]),
        (SHUT, UP, ["LINK-3-UPDOWN up", "LINEPROTO-5-UPDOWN up"]),
        (None, SHUT, []),
    ],
)
def test_messages_of_a_link(before: Link | None, after: Link, messages: list[str]) -> None:
    found = [
        f"{facility}-{level}-{mnemonic} {text.split()[-1]}"
        for facility, level, mnemonic, text in link_change(before, after)
    ]
    assert found == messages


def netlink_message(kind: int, family: int, flags: int, name: bytes) -> bytes:
    """An rtnetlink link message: header, ifinfomsg, an attribute of no interest, the name."""
    attributes = struct.pack("=HHI", 8, 4, 1500) + struct.pack("=HH", 4 + len(name), 3) + name
    attributes += b"\0" * (-len(attributes) % 4)
    body = struct.pack("=BxHiII", family, 1, 7, flags, 0) + attributes
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def test_link_events_are_read() -> None:
    data = (
        netlink_message(16, 0, 0x11043, b"sp1\0")
        + netlink_message(16, 7, 0x11043, b"bridge\0")
        + netlink_message(17, 0, 0, b"gone\0")
        + netlink_message(16, 0, 0x1003, b"longername\0")
        + netlink_message(16, 0, 0x1002, b"sp3\0")
    )
    assert list(link_events.parse(data)) == [
        link_events.LinkEvent("sp1", True, True),
        link_events.LinkEvent("longername", True, False),
        link_events.LinkEvent("sp3", False, False),
    ]
    assert list(link_events.parse(b"\0" * 40)) == []


def watch(operator: Operator) -> Events:
    """Events of a switch whose links are all up."""

    async def blocking(call: Callable[[], Any]) -> Any:
        return call()

    events = Events(operator.switch, "none", {}, blocking)
    events.links = dict.fromkeys(PORTS, UP)
    return events


def messages(operator: Operator) -> list[str]:
    """What was logged since the last call, without time stamps."""
    found = [line.split(": ", 1)[1] for line in operator.log]
    operator.log.clear()
    return found


BUNDLED = Member(True, "current", True, ACTOR, PARTNER)
SUSPENDED = Member(False, "defaulted", False, ACTOR, PARTNER)


def test_messages_of_a_port_channel(operator: Operator) -> None:
    async def run() -> None:
        events = watch(operator)
        operator.configure("interface range gi1/0/1 - 2", "channel-group 1 mode active")
        operator.backend.member_table = {1: {PORTS[0]: BUNDLED, PORTS[1]: SUSPENDED}}
        events.look()
        assert messages(operator) == [
            "%EC-5-BUNDLE: Interface Gi1/0/1 joined port-channel Po1",
            "%EC-5-L3DONTBNDL2: Gi1/0/2 suspended: LACP currently not enabled on the remote port.",
            "%LINK-3-UPDOWN: Interface Port-channel1, changed state to up",
            "%LINEPROTO-5-UPDOWN: Line protocol on Interface Port-channel1, changed state to up",
        ]
        events.look()
        assert messages(operator) == []
        operator.backend.member_table = {}
        operator.configure("no interface po1")
        events.look()
        assert messages(operator) == [
            "%EC-5-UNBUNDLE: Interface Gi1/0/1 left the port-channel Po1",
            "%LINK-3-UPDOWN: Interface Port-channel1, changed state to down",
            "%LINEPROTO-5-UPDOWN: Line protocol on Interface Port-channel1, changed state to down",
        ]

    asyncio.run(run())


def test_min_links_holds_the_members(operator: Operator) -> None:
    async def run() -> None:
        events = watch(operator)
        operator.configure("interface range gi1/0/1 - 2", "channel-group 1 mode active", "interface po1")
        operator.type("port-channel min-links 2")
        operator.backend.member_table = {1: {PORTS[0]: BUNDLED, PORTS[1]: SUSPENDED}}
        events.look()
        assert {port for port, held in operator.backend.held.items() if held} == {PORTS[0], PORTS[1]}
        assert any("MINLINKS_NOTMET" in line for line in messages(operator))
        operator.backend.member_table = {1: {PORTS[0]: BUNDLED, PORTS[1]: BUNDLED}}
        events.look()
        assert not any(operator.backend.held.values())

    asyncio.run(run())
