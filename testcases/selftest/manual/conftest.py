"""The lab of the daemon's tests."""

from __future__ import annotations

from testcases.selftest.daemon.conftest import host, lab

__all__ = ["host", "lab"]
