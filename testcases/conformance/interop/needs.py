"""What testcases need that negotiate with a managed switch."""

from __future__ import annotations

NEGOTIATION = ("switch", "status", "active", "short_timeout")
"""LACP at the fast rate at both ends, each of which can be read."""

THROUGH = ("switch", "traffic", "active", "short_timeout")
"""LACP at the fast rate, and data through the switch."""
