"""The managed switch: what is asked of every one, and how what was changed there is put back."""

from harness.switch.journal import Journal
from harness.switch.switch import Internal, Member, Neighbor, Switch, driver_of, open_switch

__all__ = ["Internal", "Journal", "Member", "Neighbor", "Switch", "driver_of", "open_switch"]
