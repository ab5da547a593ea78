"""The managed switch: its command line by SSH and console, what was changed there, and how it is put back."""

from harness.switch.cisco_ios.switch import Member, Switch, open_switch
from harness.switch.journal import Journal

__all__ = ["Journal", "Member", "Switch", "open_switch"]
