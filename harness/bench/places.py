"""Where the ends of a bench's wires are: the places that its lab file names, each made once."""

from __future__ import annotations

from contextlib import ExitStack

from harness.host.location import Here, Location, named
from harness.host.over_ssh import OverSsh
from harness.lab.place import At, Port
from harness.lab.schema import Lab
from harness.verdict import BenchError


class Places:
    """Those of a lab file, open until they are closed. BenchError where one cannot be reached."""

    def __init__(self, lab: Lab) -> None:
        self._bench = lab.name
        self._clock_limit = lab.limits.clock_error
        self._places: dict[str, Location] = {}
        try:
            implementation = lab.implementation
            self.implementation = self._open(implementation.at, implementation.namespace, "implementation.at")
            for port in lab.own_ports:
                self.of(port)
        except BaseException:
            self.close()
            raise

    @property
    def all(self) -> list[Location]:
        """Each of them."""
        return list(self._places.values())

    @property
    def elsewhere(self) -> list[OverSsh]:
        """Those on other machines."""
        return [place for place in self.all if isinstance(place, OverSsh)]

    def of(self, port: Port) -> Location:
        """Where an interface of the tester's is."""
        return self._open(port.at, port.namespace, f"{port.interface}: at")

    def find(self, where: str) -> Location:
        """The place of this name (`Location.where`), as it stands in a journal. BenchError where there is
        none."""
        if (found := self._places.get(where)) is not None:
            return found
        try:
            return named(where)
        except BenchError:
            words = "ports there are to be put back, and the lab file does not name it any more"
            raise BenchError(
                f"{where}: {words}: name it, or set them up by hand and delete the journal"
            ) from None

    def close(self) -> None:
        """Leave all of them."""
        with ExitStack() as closing:
            for place in self.all:
                closing.callback(place.close)

    def _open(self, at: At | None, namespace: str | None, key: str) -> Location:
        if at is not None and at.ssh:
            if at.host not in self._places:
                self._places[at.host] = OverSsh(at, self._bench, key, self._clock_limit)
            return self._places[at.host]
        here = Here(namespace)
        return self._places.setdefault(here.where, here)
