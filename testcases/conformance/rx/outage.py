"""What a port knows of its partner when its carrier is back (43.4.12, PORT_DISABLED)."""

from __future__ import annotations

from harness.case import Case, any_lacpdu, lacpdu
from harness.case.premises import BRING_UP_TIME
from harness.profile.constants import FAST_PERIODIC_TIME
from harness.wire.station import Station


def comes_back(case: Case, station: Station, row: str) -> None:
    """Restore the carrier of a silent partner's wire; FAIL where the port has forgotten who that was."""
    up = case.link_up(station.wire)
    limit = up.done - up.ordered + FAST_PERIODIC_TIME
    first = case.check_frame(station, any_lacpdu(), since=up.ordered, within=limit, row=row)
    if first is None:
        return
    case.report(f"after the outage: {first.text()}")
    if case.reading("disabled_partner") == "kept":
        known = lacpdu(Expired=1, Defaulted=0, partner={"Timeout": 1, "Synchronization": 0})
        window = (up.ordered, first.time)  # without carrier no time is too long
        case.check(known(first), known.words, first.text(), row=row, window=window)
        said, partner = first.partner.identity, station.info.identity
        case.check(said == partner, f"partner's identity {partner}", str(said), row=row, window=window)


def same_lag(case: Case, station: Station) -> None:
    """The partner speaks again: FAIL unless the port is back in the LAG with it; reports how soon."""
    since = case.now()
    station.start()
    info = station.info
    back = lacpdu(
        Synchronization=1, Collecting=1, Distributing=1,
        partner={"system": info.system, "key": info.key, "port": info.port, "Synchronization": 1},
    )  # fmt: skip
    frame = case.check_frame(station, back, since=since, within=BRING_UP_TIME, row="RX-04")
    if frame is not None:
        words = "the partner's return to Distributing=1"
        case.within(frame.time - since, None, None, words, id="return-to-distributing")
