"""Where the ends of a bench's wires are: the places that its lab file names, each made once."""

from __future__ import annotations

from harness.host.location import Here, Location, named
from harness.lab.schema import Lab, Port


class Places:
    """Those of a lab file."""

    def __init__(self, lab: Lab) -> None:
        self._places: dict[str, Location] = {}
        self.implementation = self._place(Here(lab.implementation.namespace))

    def of(self, port: Port) -> Location:
        """Where an interface of the tester's is."""
        return self._place(Here(port.namespace))

    def find(self, where: str) -> Location:
        """The place of this name (`Location.where`), as it stands in a journal. BenchError where there is
        none."""
        return self._places.get(where) or named(where)

    def _place(self, place: Location) -> Location:
        return self._places.setdefault(place.where, place)
