"""The protocol core of IEEE 802.3ad clause 43: no I/O, no clock, no threads (`agr.core.system.System`)."""
