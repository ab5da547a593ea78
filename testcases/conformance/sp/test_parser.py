"""The Control Parser: what is LACP's by address, type and tag (43.2.9, 43B.3)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, claims, lacpdu, where
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT
from harness.wire.station import Station
from testcases.conformance.sp.unimpressed import BETWEEN, ROGUE_KEY, address, rogue, settled, unimpressed

OTHER_GROUPS = {
    "Nearest non-TPMR Bridge": "01:80:c2:00:00:03",
    "Nearest Customer Bridge": "01:80:c2:00:00:00",
}
TAGS = {"of VLAN 7": b"\x81\x00\x00\x07", "with a priority only": b"\x81\x00\xe0\x00"}
OTHER_TYPES = {"IPv4": b"\x08\x00", "LLDP": b"\x88\xcc", "a local experiment": b"\x88\xb5"}

BESIDE = ("01:80:c2:00:00:10", "01:80:c2:00:00:11", "01:80:c2:00:00:ff")
"""Group addresses next to the sixteen that stay in a link (802.1D)."""


def heard(case: Case, station: Station, octets: bytes) -> bool:
    """Whether the port takes these octets, made of `rogue`, for an LACPDU; the partner is back after it."""
    station.silence()
    case.settle()
    sent = station.put(octets)
    echoed = lacpdu(partner={"key": ROGUE_KEY})
    found = case.until(lambda: any(map(echoed, station.wire.received(sent.time))), within=PROMPT)
    station.start()
    case.expect(station, lacpdu(Distributing=1), within=BRING_UP_TIME)
    return bool(found)


@claims("SP-05", wires=1, seconds=15)
def test_other_destinations(case: Case) -> None:
    """What becomes of LACPDUs to the port's own address, or to another group's, is as the profile reads it"""
    reading = case.reading("slow_address")
    station = case.bundle().station
    own = case.expect(station, any_lacpdu(), within=2 * FAST_PERIODIC_TIME, premise="PT-01").source
    octets = rogue(station)
    for words, to in {"the port's own address": own, **OTHER_GROUPS}.items():
        taken = heard(case, station, address(to) + octets[6:])
        case.report(f"an LACPDU to {words}: {'heard' if taken else 'not heard'}")
        if to == own and reading != "either":
            case.equal("taken" if taken else "ignored", reading, f"an LACPDU to {words} is")


@claims("SP-06", wires=1, seconds=15)
def test_tagged(case: Case) -> None:
    """What becomes of LACPDUs with a tag is reported; the port goes on with its partner"""
    station = case.bundle().station
    octets = rogue(station)
    for words, tag in TAGS.items():
        taken = heard(case, station, octets[:12] + tag + octets[12:])
        case.report(f"an LACPDU behind a tag {words}: {'heard' if taken else 'not heard'}")


@claims("SP-07", wires=1, needs=["other_subtypes"], seconds=11)
def test_other_types(case: Case) -> None:
    """Frames of another type to the slow protocols' address are nothing to LACP, whatever is in them"""
    lag = case.bundle()
    since = settled(case)
    octets = rogue(lag.station)
    for kind in OTHER_TYPES.values():
        lag.station.put(octets[:12] + kind + octets[14:])
        case.run_for(BETWEEN)
    case.run_for(2 * FAST_PERIODIC_TIME)
    unimpressed(case, [lag.station], since, "SP-07")


@claims("SP-07", wires=1, needs=["reserved_groups"], seconds=6)
def test_groups_beside(case: Case) -> None:
    """Data to group addresses next to those that stay in a link reaches the client"""
    lag = case.bundle()
    (flow,) = case.conversations(1, lag.station.wire.tap.mac)
    for number, group in enumerate(BESIDE):
        octets = address(group) + flow.frame(number)[6:]
        sent = lag.station.put(octets)
        same = where(f"the frame to {group}", lambda frame, octets=octets: frame.data == octets)
        case.expect(lag.aggregate.client, same, since=sent.time, within=PROMPT)
