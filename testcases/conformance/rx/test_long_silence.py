"""Receive machine: the long timeout, and long outages (43.4.4, 43.4.12), in one silence on several wires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from harness.case import Case, Lag, claims, lacpdu
from harness.dut.implementation import Variable
from harness.profile.constants import (
    EXPIRY_SHOWN,
    FAST_PERIODIC_TIME,
    LONG_TIMEOUT_TIME,
    PROMPT,
    SHORT_TIMEOUT_TIME,
)
from harness.wire.station import Station
from harness.wire.wire import Wire
from testcases.conformance.rx.outage import comes_back, same_lag

FULL_OUTAGE = 120.0
"""Seconds, as RX-41 has it."""

SHORT_FORM = LONG_TIMEOUT_TIME + 5 * FAST_PERIODIC_TIME
"""Seconds of an outage that is longer than every timer of the Receive machine."""

Part = Callable[[Case, Wire, str], Iterator[Lag]]
"""Something about a wire, with an aggregate of its own: up to the silence, and then what follows."""


def bundled(case: Case, wire: Wire, name: str, **variables: Variable) -> Lag:
    """An aggregate over this wire, that distributes to a willing, fast partner."""
    station = case.station(wire)
    station.start()
    lag = Lag(case.aggregate([wire], name, **variables), [station])
    case.distributing([station])
    return lag


def expires(case: Case, station: Station, silent: float, timeout: float, row: str) -> None:
    """FAIL unless the port expires after this timeout, neither sooner nor later."""
    shown = timeout + EXPIRY_SHOWN
    expired = case.check_frame(station, lacpdu(Expired=1), since=silent, within=shown + PROMPT, row=row)
    if expired is not None:
        words, name = f"silence to Expired=1 ({row})", f"silence-to-expired-{row.lower()}"
        case.within(expired.time - silent, timeout, shown, words, id=name, row=row)


@claims("RX-10", "RX-11", wires=1, needs=["long_timeout"], seconds=98)
def test_own_timeout_is_long(case: Case) -> None:
    """A port with the long timeout expires 90 s after the last LACPDU, though its partner's Timeout is 1"""
    station = bundled(case, case.wires[0], "agr0", timeout="long").station
    silent = station.last(Timeout=1).time
    short = case.latest(SHORT_TIMEOUT_TIME + EXPIRY_SHOWN)
    case.never(station, lacpdu(Expired=1), since=silent, during=short, row="RX-11")
    if not case.broken("RX-11"):
        expires(case, station, silent, LONG_TIMEOUT_TIME, "RX-10")


def timeout_changes(case: Case, wire: Wire, name: str) -> Iterator[Lag]:
    """90 s, though the own timeout became short after the last LACPDU."""
    lag = bundled(case, wire, name, timeout="long")
    silent = lag.station.last().time
    case.arrived()
    lag.aggregate.set("timeout", "short")
    changed = case.now()
    yield lag
    if case.reading("timeout_change") == "at_reception":
        expires(case, lag.station, silent, LONG_TIMEOUT_TIME, "RX-40")
    else:
        since, limit = silent, changed - silent + SHORT_TIMEOUT_TIME + EXPIRY_SHOWN
        expired = case.check_frame(lag.station, lacpdu(Expired=1), since=since, within=limit, row="RX-40")
        if expired is not None:
            words, name = "silence to Expired=1 (RX-40)", "silence-to-expired-rx-40"
            case.within(expired.time - since, SHORT_TIMEOUT_TIME, limit, words, id=name, row="RX-40")


def carrier_goes(case: Case, wire: Wire, name: str) -> Iterator[Lag]:
    """The partner is known after an outage of any length."""
    lag = bundled(case, wire, name)
    lag.station.silence()
    wire.cut()
    back = case.now() + case.form(FULL_OUTAGE, SHORT_FORM)
    yield lag
    case.run_for(back - case.now())
    comes_back(case, lag.station, "RX-41")
    same_lag(case, lag.station)


PARTS: Mapping[str, Part] = {"RX-41": carrier_goes, "RX-40": timeout_changes}
"""By row; the longest first: the others begin while it is silent already."""


@claims(
    "RX-04", "RX-40", "RX-41", wires=1, needs=["control"], seconds=113,
    row_needs={"RX-04": ["active", "cut"], "RX-41": ["active", "cut"],
               "RX-40": ["long_timeout", "short_timeout", "while_running:timeout"]},
)  # fmt: skip
def test_long_silence(case: Case) -> None:
    """The timeout is that of when the last LACPDU came; a partner is known after a long outage"""
    wires = case.wires if case.can("several_aggregates") else case.wires[:1]
    parts = [part for row, part in PARTS.items() if row in case.rows]
    lags: list[Lag] = []
    for first in range(0, len(parts), len(wires)):  # as many at a time as there are wires
        for lag in lags:
            lag.station.leave()
            lag.aggregate.destroy()
        now = parts[first : first + len(wires)]
        begun = [part(case, wire, f"agr{n}") for n, (part, wire) in enumerate(zip(now, wires, strict=False))]
        lags = [next(part) for part in begun]
        for part in begun:
            next(part, None)
