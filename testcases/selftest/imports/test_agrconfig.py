"""Scripts call agrconfig many times: it imports nothing slow that it can do without."""

from __future__ import annotations

import subprocess
import sys

SHOW_IMPORTS = """
import sys
before = set(sys.modules)
import agr.cli.__main__
print(*set(sys.modules) - before)
"""


def test_no_module_that_takes_long() -> None:
    done = subprocess.run([sys.executable, "-c", SHOW_IMPORTS], capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert "agr.cli.main" in imported
    slow = {"asyncio", "dataclasses", "difflib", "logging", "pathlib", "subprocess", "textwrap", "typing"}
    assert not imported & slow
    assert not {name for name in imported if name.startswith(("agr.daemon", "agr.core"))}
