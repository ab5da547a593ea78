"""What a lab file lets be changed on a switch that others use as well."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harness.verdict import BenchError


@dataclass(frozen=True)
class Permit:
    """Ports of the switch, as the lab file names them, and the words of its ``switch.may``.

    Beside these a run changes what it has made itself: LAGs and VLANs that were not there.
    """

    ports: Collection[str]
    may: Collection[str] = ()

    def check_port(self, port: str) -> None:
        """Raises BenchError for a port that the lab file does not name."""
        if port not in self.ports:
            raise BenchError(
                f"port {port} of the switch: the lab file does not name it, so it stays as it is"
            )

    def check_made(self, what: str, *, made: bool) -> None:
        """Raises BenchError for a LAG or a VLAN that the run has not made."""
        if not made:
            raise BenchError(f"{what} of the switch was there before this run, so it stays as it is")

    def check_whole(self, setting: str) -> None:
        """Raises BenchError for a setting of the whole switch that ``switch.may`` does not have."""
        if setting not in self.may:
            raise BenchError(
                f"{setting} is of the whole switch, and `may:` under `switch:` in the lab file does not name "
                "it, so it stays as it is"
            )
