"""lab.yaml: which bench there is, how it is cabled, what it can do.

``load(path)`` gives a checked `Lab`, or raises one `UsageError` that lists every mistake: file, line, key.
``load_all(paths)`` gives those of several files.
"""

from harness.lab.load import load, load_all
from harness.lab.schema import Lab

__all__ = ["Lab", "load", "load_all"]
