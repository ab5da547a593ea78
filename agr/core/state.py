"""Actor_State and Partner_State: the state octet of 43.4.2.2."""

from __future__ import annotations

from dataclasses import dataclass

# Bit 0 first.
BITS = (
    "LACP_Activity",
    "LACP_Timeout",
    "Aggregation",
    "Synchronization",
    "Collecting",
    "Distributing",
    "Defaulted",
    "Expired",
)


@dataclass(slots=True)
class PortState:
    """The eight flags. LACP_Activity is True for Active, LACP_Timeout is True for Short Timeout."""

    LACP_Activity: bool = False
    LACP_Timeout: bool = False
    Aggregation: bool = False
    Synchronization: bool = False
    Collecting: bool = False
    Distributing: bool = False
    Defaulted: bool = False
    Expired: bool = False

    def copy(self) -> PortState:
        """The same flags, to change on their own."""
        return PortState(*[getattr(self, name) for name in BITS])

    def octet(self) -> int:
        """The flags as sent, 0..255."""
        return sum(1 << bit for bit, name in enumerate(BITS) if getattr(self, name))

    @classmethod
    def from_octet(cls, octet: int) -> PortState:
        """The flags of an octet 0..255."""
        return cls(**{name: bool(octet >> bit & 1) for bit, name in enumerate(BITS)})
