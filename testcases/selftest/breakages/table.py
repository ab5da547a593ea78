"""All breakages."""

from __future__ import annotations

from testcases.selftest.breakages.behaviour import BEHAVIOUR
from testcases.selftest.breakages.layout import LAYOUT

BREAKAGES = BEHAVIOUR + LAYOUT
