"""A short flood; ``python -m testcases.selftest.frames`` is the long one."""

from __future__ import annotations

from testcases.selftest.core.samples import LACPDU_FRAME, MARKER_FRAME
from testcases.selftest.daemon.lab import Lab, distributing
from testcases.selftest.daemon.partner import Partner
from testcases.selftest.frames.flood import GROWTH_KIB, Flood, survived
from testcases.selftest.frames.frames import counter

COUNT = 5_000


def test_flood(lab: Lab) -> None:
    """Every frame is counted once, where it belongs; memory is flat; then a partner is welcome as ever."""
    flood = Flood(lab, seed=802)
    try:
        flood.run(COUNT)
    finally:
        flood.close()
    survived(flood.host)
    assert flood.expected.total() > COUNT // 2
    assert flood.memory[-1] - flood.memory[1] < GROWTH_KIB
    with Partner(flood.other, "re0") as partner:
        _cooperate(partner, flood)


def _cooperate(partner: Partner, flood: Flood) -> None:
    partner.run_until(lambda: partner.heard, "agrd says a LACPDU", 35.0)
    for flag in ("Synchronization", "Collecting", "Distributing"):
        setattr(partner.state, flag, True)
    partner.run_until(lambda: distributing(flood.host, "re0"), "re0 distributes")


def test_the_accounts_themselves() -> None:
    """Frames written out in the clauses' order, each with its counter."""
    assert counter(LACPDU_FRAME) == "LACPDUsRx"
    assert counter(LACPDU_FRAME[:72]) == "LACPDUsRx"
    assert counter(LACPDU_FRAME[:71]) == "IllegalRx"
    assert counter(MARKER_FRAME) == "MarkerPDUsRx"
    assert counter(MARKER_FRAME[:16] + b"\x02" + MARKER_FRAME[17:]) == "MarkerResponsePDUsRx"
    assert counter(MARKER_FRAME[:17] + b"\x11" + MARKER_FRAME[18:]) == "IllegalRx"
    assert counter(LACPDU_FRAME[:14] + b"\x03") == "UnknownRx"
    assert counter(LACPDU_FRAME[:14] + b"\x0b") == "IllegalRx"
    assert counter(LACPDU_FRAME[:12] + b"\x81\x00" + LACPDU_FRAME[12:]) is None
    assert counter(bytes(6) + LACPDU_FRAME[6:]) == "UnknownRx"
    assert counter(bytes(60)) is None
