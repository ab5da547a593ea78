"""lab.yaml: which bench there is, how it is cabled, what it can do.

``load(path)`` gives a checked `Lab`, or raises one `UsageError` that lists every mistake: file, line, key.
"""

from harness.lab.load import load
from harness.lab.schema import Lab

__all__ = ["Lab", "load"]
