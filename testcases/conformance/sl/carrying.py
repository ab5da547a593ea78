"""Which links carry the client's frames."""

from __future__ import annotations

from collections.abc import Sequence

from harness.case.offer import Offer
from harness.wire.station import Station


def carrying(stations: Sequence[Station], offer: Offer) -> list[Station]:
    """The stations that offered frames have reached."""
    return [station for station in stations if any(map(offer.data, station.wire.received()))]
