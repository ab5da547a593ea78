"""All breakages."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import AGGREGATION
from testcases.selftest.breakages.behaviour import BEHAVIOUR
from testcases.selftest.breakages.interface import INTERFACE
from testcases.selftest.breakages.layout import LAYOUT
from testcases.selftest.breakages.markers import MARKERS
from testcases.selftest.breakages.moving import MOVING

BREAKAGES = BEHAVIOUR + LAYOUT + AGGREGATION + MOVING + MARKERS + INTERFACE
