"""Port_State and the port information that an LACPDU carries (43.4.2.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag
from typing import Any


class State(IntFlag):
    """Actor_State and Partner_State, bit 0 to bit 7 (43.4.2.2)."""

    Activity = 0x01
    Timeout = 0x02
    Aggregation = 0x04
    Synchronization = 0x08
    Collecting = 0x10
    Distributing = 0x20
    Defaulted = 0x40
    Expired = 0x80

    def with_bits(self, **bits: bool | int) -> State:
        """The same octet with the named bits set or cleared: ``state.with_bits(Timeout=0)``."""
        octet = int(self)
        for name, on in bits.items():
            bit = int(State[name])
            octet = octet | bit if on else octet & ~bit
        return State(octet & 0xFF)

    def text(self) -> str:
        """The octet with the names of its bits: ``0x3d Activity Aggregation ...``."""
        names = " ".join(flag.name or "" for flag in State if flag in self)
        return f"0x{int(self):02x} {names or '-'}"


NO_STATE = State(0)
BITS = tuple(str(flag.name) for flag in State)


@dataclass(frozen=True)
class PortInfo:
    """Actor or Partner Information of an LACPDU: identity and state of one port (43.4.2.2)."""

    system_priority: int = 0
    system: str = "00:00:00:00:00:00"
    key: int = 0
    port_priority: int = 0
    port: int = 0
    state: State = NO_STATE

    def change(self, **changes: Any) -> PortInfo:
        """A copy with other fields; the names of state bits are fields as well: ``Collecting=0``."""
        bits = {name: changes.pop(name) for name in BITS if name in changes}
        info = replace(self, **changes)
        return replace(info, state=info.state.with_bits(**bits)) if bits else info

    @property
    def identity(self) -> tuple[int, str, int, int, int]:
        """The five fields that name a port (43.3.4, 43.3.6)."""
        return self.system_priority, self.system, self.key, self.port_priority, self.port

    def text(self) -> str:
        """One line for reports."""
        return (
            f"system {self.system_priority:04x},{self.system} key {self.key:04x} "
            f"port {self.port_priority:04x},{self.port:04x} state {self.state.text()}"
        )
