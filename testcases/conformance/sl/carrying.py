"""Which links carry the client's frames."""

from __future__ import annotations

from collections.abc import Sequence

from harness.bench.station import Station
from harness.case.offer import Offer


def carrying(stations: Sequence[Station], offer: Offer) -> list[Station]:
    """The stations that offered frames have reached."""
    return [station for station in stations if any(map(offer.data, station.wire.received()))]
