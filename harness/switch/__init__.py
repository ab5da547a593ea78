"""The managed switch: what is asked of every one, and how what was changed there is put back."""

from harness.switch.journal import Journal
from harness.switch.permit import Permit
from harness.switch.refusal import DriverLacks, Refusal
from harness.switch.switch import Internal, Member, Neighbor, Switch, SystemId, driver_of, open_switch

__all__ = [
    "DriverLacks",
    "Internal",
    "Journal",
    "Member",
    "Neighbor",
    "Permit",
    "Refusal",
    "Switch",
    "SystemId",
    "driver_of",
    "open_switch",
]
