"""All breakages."""

from __future__ import annotations

from testcases.selftest.breakages.aggregates import AGGREGATES
from testcases.selftest.breakages.aggregation import AGGREGATION
from testcases.selftest.breakages.behaviour import BEHAVIOUR
from testcases.selftest.breakages.cadence import CADENCE
from testcases.selftest.breakages.configuration import CONFIGURATION
from testcases.selftest.breakages.interface import INTERFACE
from testcases.selftest.breakages.kernelpath import KERNEL_PATH
from testcases.selftest.breakages.layout import LAYOUT
from testcases.selftest.breakages.machines import MACHINES
from testcases.selftest.breakages.managed import MANAGED
from testcases.selftest.breakages.manual import MANUAL
from testcases.selftest.breakages.markers import MARKERS
from testcases.selftest.breakages.moving import MOVING
from testcases.selftest.breakages.receiving import RECEIVING
from testcases.selftest.breakages.reserved import RESERVED_ADDRESSES
from testcases.selftest.breakages.selection import SELECTING
from testcases.selftest.breakages.sharing import SHARING
from testcases.selftest.breakages.slow import SLOW_PROTOCOLS
from testcases.selftest.breakages.slowness import SLOWNESS
from testcases.selftest.breakages.switched import SWITCHED
from testcases.selftest.breakages.traffic import TRAFFIC

BREAKAGES = (
    *BEHAVIOUR,
    *CADENCE,
    *CONFIGURATION,
    *LAYOUT,
    *AGGREGATION,
    *SELECTING,
    *SHARING,
    *AGGREGATES,
    *MACHINES,
    *SLOW_PROTOCOLS,
    *MOVING,
    *MARKERS,
    *RECEIVING,
    *MANUAL,
    *MANAGED,
    *INTERFACE,
    *TRAFFIC,
    *RESERVED_ADDRESSES,
    *KERNEL_PATH,
    *SLOWNESS,
    *SWITCHED,
)
