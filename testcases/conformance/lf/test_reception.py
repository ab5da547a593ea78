"""Before the first LACPDU is heard, and LACPDUs longer than usual (43.4.2.2)."""

from __future__ import annotations

import pytest

from harness.case import Case, any_lacpdu, claims, lacpdu, where
from harness.pdu.build import lacpdu_packet
from harness.profile.constants import FAST_PERIODIC_TIME, SHORT_TIMEOUT_TIME

WATCHED = 3 * FAST_PERIODIC_TIME


@claims("LF-27", wires=1, needs=["active", "control"], seconds=7)
def test_defaults(case: Case) -> None:
    """Before a partner is heard, the Partner TLV carries the declared defaults, Expired is 1"""
    defaults = case.partner_defaults.change(Timeout=1, Synchronization=0)
    wire = case.wires[0]
    aggregate = case.aggregate([])
    since = case.now()
    aggregate.add(wire.port)
    expired = case.earliest(SHORT_TIMEOUT_TIME)
    seen = case.lacpdus([wire], since=since, during=expired)[wire.name]
    for frame in seen:
        case.equal(frame.partner.text(), defaults.text(), "while EXPIRED, Partner TLV")
        case.check(lacpdu(Expired=1)(frame), "Expired=1", frame.text())
    defaulted = sum(lacpdu(Defaulted=1)(frame) for frame in seen)
    case.report(f"Defaulted=1 in {defaulted} of {len(seen)} LACPDUs before a partner is heard")


@claims("LF-28", wires=1, seconds=11)
@pytest.mark.parametrize("pad", [4, 20, 64])
def test_padded(case: Case, pad: int) -> None:
    """An LACPDU with octets behind its 124 is accepted"""
    version = 1 if case.reading("lacp_version") == "one" else 2
    case.report(f"version {version}, as {case.profile.edition} has it")
    station = case.bundle().station
    station.silence()
    station.change(Defaulted=1)  # new in the padded LACPDUs alone, and nothing depends on it
    source = station.wire.tap.mac

    def padded() -> bytes:
        return bytes(lacpdu_packet(source, station.info, station.echo, version=version)) + bytes(pad)

    said = station.send(padded)
    case.expect(station, lacpdu(partner={"Defaulted": 1}), since=said.time, within=FAST_PERIODIC_TIME)
    distributing = lacpdu(Synchronization=1, Collecting=1, Distributing=1)
    for _ in range(round(WATCHED / FAST_PERIODIC_TIME)):
        station.send(padded)
        case.run_for(FAST_PERIODIC_TIME)
    leaves = where(
        "an LACPDU of a port that does not distribute", lambda f: f.is_lacpdu and not distributing(f)
    )
    case.never(station, leaves, since=said.time, during=WATCHED)


@claims("LF-27", "MG-05", wires=1, needs=["active", "status"], seconds=7)
def test_defaults_in_the_status(case: Case) -> None:
    """Before a partner is heard, the status tells the partner that the Partner TLV carries"""
    wire = case.wires[0]
    begun = case.now()
    aggregate = case.aggregate([wire])
    within = case.now() - begun + 2 * FAST_PERIODIC_TIME
    said = case.expect(wire, any_lacpdu(), since=begun, within=within, row="LF-27")
    told = aggregate.status().ports[wire.port].partner
    case.equal(told.identity, said.partner.identity, "the partner's identity in the status", row="MG-05")
