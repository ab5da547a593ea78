"""The frame around an LACPDU: addresses, type, tag, subtype, version, length (43.2.10, 43.4.2.2, 43B)."""

from __future__ import annotations

from harness.case import Case, Conversation, any_lacpdu, claims, where
from harness.case.offer import Offer
from harness.pdu import SLOW_PROTOCOLS_ADDRESS
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.profile.lacpdu import LENGTH, length_wrong, version_wrong
from testcases.conformance.lf.capture import ALONE, INTRODUCTION_TIME, TOGETHER, look

SLOW_PROTOCOLS_TYPE = b"\x88\x09"


@claims("LF-01", wires=2, smoke=True, looks_at=TOGETHER, seconds=7)
def test_destination(case: Case) -> None:
    """LACPDUs go to 01-80-C2-00-00-02"""
    for seen in look(case, members=2).values():
        for frame in seen:
            case.equal(frame.destination, SLOW_PROTOCOLS_ADDRESS, "destination address")


@claims("LF-02", wires=2, seconds=11)
def test_source(case: Case) -> None:
    """LACPDUs bear the address of the port that sends them, not the aggregate's"""
    lag = case.bundle(2)
    aggregate = lag.aggregate.mac
    owner = {}
    for wire, seen in case.lacpdus(lag.stations, during=3 * FAST_PERIODIC_TIME).items():
        for frame in seen:
            case.check(not frame.data[6] & 1, f"an individual source address on {wire}", frame.source)
            case.equal(
                owner.setdefault(frame.source, wire), wire, f"the one wire that sends from {frame.source}:"
            )
    case.equal(len(owner), len(lag.stations), "different source addresses on the members:")
    case.report(f"the aggregate's address {aggregate} is that of the port on {owner.get(aggregate, 'none')}")


@claims("LF-03", wires=1, seconds=7)
def test_type(case: Case) -> None:
    """Length/Type of LACPDUs is 88-09"""
    wire = case.wires[0]
    to_slow_protocols = where(
        "a frame to 01-80-C2-00-00-02", lambda f: f.destination == SLOW_PROTOCOLS_ADDRESS
    )
    since = case.now()
    case.station(wire).start()
    case.aggregate([wire])
    seen = case.frames(wire, to_slow_protocols, since=since, during=INTRODUCTION_TIME)
    case.check(bool(seen), "frames to 01-80-C2-00-00-02", "none")
    for frame in seen:
        case.equal(frame.data[12:14], SLOW_PROTOCOLS_TYPE, "Length/Type")


@claims("LF-04", wires=1, needs=["tagged_frames"], seconds=13)
def test_untagged(case: Case) -> None:
    """LACPDUs are untagged while the aggregate carries VLANs and priorities"""
    wire = case.wires[0]
    station = case.station(wire)
    station.start()
    aggregate = case.aggregate([wire])
    case.run_for(INTRODUCTION_TIME)
    case.distributing([station])
    vlans = [
        Conversation(number, aggregate.mac, tci=tci) for number, tci in enumerate((0x0064, 0xE0C8, 0xA000))
    ]
    offer = Offer(case.loop, aggregate.client, vlans, "a tagged frame of the client's")
    offer.start()
    case.frames(wire, offer.data, during=3 * FAST_PERIODIC_TIME)
    offer.stop()
    passed = sum(map(offer.data, wire.received()))
    case.report(f"{passed} of {len(offer.sent)} tagged frames of the client passed meanwhile")
    if not passed:
        case.nothing_to_judge("no tagged frame of the client's passed")
    case.check(any(map(any_lacpdu(), wire.received())), "untagged LACPDUs", "none")
    for frame in wire.received():
        tagged_slow = frame.subtype is None and frame.untagged().subtype is not None
        case.check(not tagged_slow, "no tag before type 88-09", frame.data[:22].hex(" "))


@claims("LF-05", wires=1, seconds=7)
def test_subtype(case: Case) -> None:
    """LACPDUs have subtype 1"""
    wire = case.wires[0]
    with_lacp_tlvs = where(
        "a frame of type 88-09 with Actor and Partner TLVs",
        lambda f: f.subtype is not None and f.data[16:18] == b"\x01\x14" and f.data[36:38] == b"\x02\x14",
    )
    since = case.now()
    case.station(wire).start()
    case.aggregate([wire])
    seen = case.frames(wire, with_lacp_tlvs, since=since, during=INTRODUCTION_TIME)
    case.check(bool(seen), with_lacp_tlvs.words, "none")
    for frame in seen:
        case.equal(frame.subtype, 1, "subtype")


@claims("LF-06", wires=1, looks_at=ALONE, seconds=6)
def test_version(case: Case) -> None:
    """The version sent is one that the edition has"""
    reading = case.reading("lacp_version")
    seen = look(case)[case.wires[0].name]
    case.report(f"versions sent: {sorted({frame.data[15] for frame in seen})}")
    for frame in seen:
        wrong = version_wrong(frame.data, reading)
        case.check(not wrong, f"Version_Number: {reading.replace('_', ' ')}", wrong)


@claims("LF-14", wires=1, looks_at=ALONE, seconds=6)
def test_length(case: Case) -> None:
    """An LACPDU's frame has 124 octets without FCS, one of version 2 at least as many"""
    for frame in look(case)[case.wires[0].name]:
        wrong = length_wrong(frame.data)
        case.check(not wrong, f"{LENGTH} octets without FCS", wrong)
