"""All devices."""

from __future__ import annotations

from testcases.selftest.devices.administration import ADMINISTRATION
from testcases.selftest.devices.frames import FRAMES
from testcases.selftest.devices.hashes import HASHES
from testcases.selftest.devices.machines import MACHINES
from testcases.selftest.devices.timing import TIMING

DEVICES = (*TIMING, *MACHINES, *ADMINISTRATION, *FRAMES, *HASHES)

BY_NAME = {device.name: device for device in DEVICES}
BY_ID = {device.id: device for device in DEVICES}
