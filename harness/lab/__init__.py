"""lab.yaml: which bench there is, how it is cabled, what it can do.

``load(path)`` gives a checked `Lab`, or raises one `UsageError` that lists every mistake: file, line, key.
"""

from harness.lab.load import load
from harness.lab.schema import (
    Capture,
    Console,
    Credentials,
    Implementation,
    Lab,
    Limits,
    Pics,
    Port,
    Ssh,
    Switch,
    SwitchWire,
    Wire,
)

__all__ = [
    "Capture",
    "Console",
    "Credentials",
    "Implementation",
    "Lab",
    "Limits",
    "Pics",
    "Port",
    "Ssh",
    "Switch",
    "SwitchWire",
    "Wire",
    "load",
]
