"""The profile: an edition of the standard, and the readings chosen where editions or readers differ.

`editions.yaml` holds the constants that differ by edition, `readings.yaml` the questions with their choices.
"""

from harness.profile.profile import (
    EDITIONS_FILE,
    READINGS_FILE,
    Edition,
    Profile,
    Reading,
    UnknownReading,
    profile,
    readings,
)

__all__ = [
    "EDITIONS_FILE",
    "READINGS_FILE",
    "Edition",
    "Profile",
    "Reading",
    "UnknownReading",
    "profile",
    "readings",
]
