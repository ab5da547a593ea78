"""Actor_State and Partner_State: the state octet of 43.4.2.2."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PortState:
    """The eight flags, bit 0 first. LACP_Activity is True for Active, LACP_Timeout for Short Timeout."""

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
        return PortState(
            self.LACP_Activity,
            self.LACP_Timeout,
            self.Aggregation,
            self.Synchronization,
            self.Collecting,
            self.Distributing,
            self.Defaulted,
            self.Expired,
        )

    def octet(self) -> int:
        """The flags as sent, 0..255."""
        return (
            self.LACP_Activity
            | self.LACP_Timeout << 1
            | self.Aggregation << 2
            | self.Synchronization << 3
            | self.Collecting << 4
            | self.Distributing << 5
            | self.Defaulted << 6
            | self.Expired << 7
        )

    @classmethod
    def from_octet(cls, octet: int) -> PortState:
        """The flags of an octet 0..255."""
        return cls(*[bool(octet & bit) for bit in (1, 2, 4, 8, 16, 32, 64, 128)])
