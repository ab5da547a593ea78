"""agr: link aggregation for Linux after NetBSD's agr(4), with LACP and the Marker Protocol (IEEE 802.3ad)."""

__version__ = "0.1.0"
