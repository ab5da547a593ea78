"""Devices whose times are others: when they look and speak and see a link, how exact their timers are."""

from __future__ import annotations

import random

from harness.reference.choices import Choices
from harness.reference.transmit import latest
from harness.reference.variables import Port
from testcases.selftest.devices.device import Device, Timing

OFF = 0.2
"""Seconds by which timers are off; 43.4.12 to 43.4.17 have 250 ms either way."""

TIMERS = "43.4.12 to 43.4.17"
TICKS = "a machine takes a step when its device looks; only timers have a tolerance, of 250 ms"


class Early(Choices):
    """Each timer ends early."""

    def timer_error(self, timer: str) -> float:
        return -OFF


class Late(Choices):
    """Each timer ends late."""

    def timer_error(self, timer: str) -> float:
        return OFF


class Inexact(Choices):
    """Each timer is off by another time whenever it is started."""

    def __init__(self) -> None:
        super().__init__()
        self._draw = random.Random(43)

    def timer_error(self, timer: str) -> float:
        return self._draw.uniform(-OFF, OFF)


class Apart(Choices):
    """Timers of silence end late, those of speaking early."""

    def timer_error(self, timer: str) -> float:
        return -OFF if timer == "periodic_timer" else OFF


class Patient(Choices):
    """A fourth LACPDU waits as long as it may."""

    def transmit(self, port: Port) -> bool:
        return port.now >= latest(port)


class Slow(Choices):
    """Aggregate_Wait_Time is 12 s."""

    def timer_error(self, timer: str) -> float:
        return 10.0 if timer == "wait_while_timer" else 0.0


TIMING = (
    Device("ticks of 10 ms", TIMERS, TICKS, timing=Timing(tick=0.01), phases=10),
    Device("ticks of 100 ms", TIMERS, TICKS, timing=Timing(tick=0.1), phases=10),
    Device(
        "ticks of 1 s",
        TIMERS,
        "none: a timer that ends up to a second late is outside its tolerance",
        timing=Timing(tick=1.0),
        phases=10,
        found=("PT-09", "RX-08", "RX-09"),
        alone=False,
    ),
    Device(
        "Aggregate_Wait_Time of 12 s",
        "43.4.4",
        "none: the constant is 2 s",
        choices=Slow,
        found=("MX-02",),
    ),
    Device("timers 200 ms early", TIMERS, "a timer may end by its tolerance sooner", choices=Early),
    Device("timers 200 ms late", TIMERS, "a timer may end by its tolerance later", choices=Late),
    Device("timers off at random", TIMERS, "each run of a timer has its own error", choices=Inexact),
    Device("timers off in two ways", TIMERS, "each timer has its own error", choices=Apart),
    Device(
        "LACPDUs leave 50 ms late",
        "43.4.16",
        "the control plane is behind the data plane: data says first what an LACPDU will say",
        timing=Timing(egress=0.05),
    ),
    Device(
        "LACPDUs leave 200 ms late",
        "43.4.16",
        "no time is given from NTT to the LACPDU",
        timing=Timing(egress=0.2),
    ),
    Device(
        "LACPDUs are taken 50 ms late",
        "43.2.9",
        "no time is given from an LACPDU's arrival to the Receive machine",
        timing=Timing(ingress=0.05),
    ),
    Device(
        "LACPDUs are taken and leave 100 ms late",
        "43.2.9, 43.4.16",
        "the same, both ways",
        timing=Timing(ingress=0.1, egress=0.1),
    ),
    Device(
        "Marker Responses leave 1 s late",
        "43.5.4",
        "no time is given from a Marker to its Response",
        timing=Timing(response=1.0),
    ),
    Device(
        "a fourth LACPDU waits as long as it may",
        "43.4.16",
        "Fast_Periodic_Time, the limit's, has the tolerance of its timer",
        choices=Patient,
    ),
    Device(
        "carrier is seen 100 ms late",
        "43.4.8",
        "port_enabled follows the link when the device sees it; no time is given",
        timing=Timing(up=0.1, down=0.1),
        link_time=0.1,
    ),
    Device(
        "carrier that comes is seen 500 ms late",
        "43.4.8",
        "a PHY negotiates before the link is up",
        timing=Timing(up=0.5),
        link_time=0.5,
    ),
    Device(
        "carrier must be there for 2 s",
        "43.4.8",
        "a debounce: a link is up when its carrier has stayed for a while",
        timing=Timing(up=2.0),
        link_time=2.0,
    ),
    Device(
        "carrier that goes is seen 200 ms late",
        "43.4.8",
        "a debounce: a link is down when its carrier was away for a while",
        timing=Timing(down=0.2),
        link_time=0.2,
    ),
)
