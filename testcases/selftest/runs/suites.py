"""Testcases for runs that are not about an implementation: written to a file, as an engineer would."""

from __future__ import annotations

from pathlib import Path

LONG = '''
"""A testcase that goes on until the run is told to end."""

import os
from pathlib import Path

import pytest

from harness.case import Case, claims


@claims("LF-01", wires=1, seconds=600)
@pytest.mark.parametrize("bench", ["one", "other"])
def test_goes_on(case: Case, bench: str) -> None:
    """Goes on until it is told to end"""
    case.bundle()
    Path(os.environ["RUNS_REACHED"], case.bench.name).touch()
    case.run_for(600)
'''

DEAF = '''
"""A testcase that does not hear that the run is told to end."""

import os
import threading
from pathlib import Path

import pytest

from harness.case import Case, claims


@claims("LF-01", wires=1, seconds=600)
@pytest.mark.parametrize("which", ["first", "next"])
def test_hears_nothing(case: Case, which: str) -> None:
    """Goes on as if nothing were when it is told to end"""
    Path(os.environ["RUNS_REACHED"], case.bench.name).touch()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    case.bundle()
    case.check(True, "a LAG", "a LAG")
'''

CHANGES = '''
"""A testcase that has changed all that a bench lets it change when the run is killed."""

import os
from pathlib import Path

from harness.case import Case, claims


@claims("FD-13", wires=2, switch_wires=1, seconds=600)
def test_changes(case: Case) -> None:
    """Takes carrier away on both kinds of wire, and goes on"""
    case.bundle(2)
    case.wires[0].cut()
    case.switch_wires[0].cut()
    Path(os.environ["RUNS_REACHED"], case.bench.name).touch()
    case.run_for(600)
'''

SIDE_BY_SIDE = '''
"""Testcases of slices, each of which has changed something when the run is told to end, or is killed."""

import os
from pathlib import Path

import pytest

from harness.case import Case, claims


@claims("LF-01", wires=2, seconds=600)
@pytest.mark.parametrize("slice_", ["one", "other", "third"])
def test_goes_on(case: Case, slice_: str) -> None:
    """Takes a carrier away, and goes on"""
    case.bundle(2)
    case.wires[0].cut()
    Path(os.environ["RUNS_REACHED"], f"{case.bench.name}+{os.getpid()}").touch()
    case.run_for(600)
'''

CHECKS_NOTHING = '''
from harness.case import Case, claims


@claims("LF-01", wires=1)
def test_nothing(case: Case) -> None:
    """Checks nothing"""
    case.bundle()
'''

UNKNOWN_ROW = '''
from harness.case import Case, claims


@claims("LF-99", wires=1)
def test_unknown(case: Case) -> None:
    """Claims a row that is none"""
    case.bundle()
'''

ASKS = '''
from harness.case import Case, claims


@claims("{row}", wires=1)
def test_asks(case: Case) -> None:
    """Asks how the standard is read"""
    case.check(case.reading("{reading}") != "", "a choice", "none")
'''

NEEDS = '''
from harness.case import Case, claims


@claims("RX-31", wires=1, needs=["{need}"])
def test_needs(case: Case) -> None:
    """Is for one way to read the standard"""
    case.check(True, "to run", "")
'''

RAISES = '''
from harness.case import Case, claims


@claims("LF-01", wires=1)
def test_raises(case: Case) -> None:
    """Has a mistake of its own"""
    raise RuntimeError("my own mistake")
'''


def write(folder: Path, text: str, name: str = "test_of_a_run.py") -> Path:
    """A file of testcases; its path."""
    path = folder / name
    path.write_text(text)
    return path


FORM = '''
from harness.case import Case, claims


@claims("PT-12", wires=1)
def test_form(case: Case) -> None:
    """A row that takes its time"""
    seconds = case.form(full=600, short=2)
    begun = case.now()
    case.run_for(seconds)
    case.equal(case.soak, seconds == 600, "the full form with --soak only:")
    case.report(f"it lasts {case.now() - begun:g} s")
'''

ARRANGED = '''
"""Testcases of a bench that is arranged for each: on straight wires, on wires to the switch, on both."""

from harness.case import Case, claims


@claims("LF-01", wires=1)
def test_straight(case: Case) -> None:
    """Has two straight wires"""
    case.equal([wire.capture for wire in case.wires], ["tester", "tester"], "captures")


@claims("LF-01", wires=1, needs=["other_subtypes"], seconds=4)
def test_subtypes(case: Case) -> None:
    """Needs frames of other slow protocols to pass"""
    case.equal(len(case.wires), 2, "straight wires")


@claims("LF-01", switch_wires=2, needs=["tester_port"], seconds=4.5)
def test_switch(case: Case) -> None:
    """Has two wires to the switch"""
    case.equal((len(case.wires), len(case.switch_wires)), (0, 2), "wires")
'''

RELOADED = '''
"""The switch reloads while it is spoken to by both ways, with wires through it; and what comes after it."""

from harness.case import Case, claims


@claims("LF-01", wires=2, needs=["ssh", "console", "switch:reload"], seconds=30)
def test_reload(case: Case) -> None:
    """Reloads the switch, and bundles two wires through it"""
    for path in ("console", "ssh"):
        case.bench.switch(path).version()
    case.bench.switch("ssh").reload()
    case.bundle(2)
    case.equal(len(case.wires), 2, "straight wires")


@claims("LF-01", wires=2, needs=["cut"], seconds=10)
def test_after_it(case: Case) -> None:
    """Takes carrier away by the way that had no part in the reload"""
    case.bundle(2)
    case.wires[0].cut()
    case.wires[0].restore()
    case.equal(len(case.wires[0].downs), 1, "carrier losses")
'''

TUNNELLED = '''
"""A testcase on a bench of both kinds of wire, which has taken the carrier of each when the run is killed."""

import os
from pathlib import Path

from harness.case import Case, claims


@claims("FD-13", wires=1, switch_wires=1, seconds=600)
def test_tunnelled(case: Case) -> None:
    """Takes carrier away on both kinds of wire, and goes on"""
    case.bundle(1)
    case.wires[0].cut()
    case.switch_wires[0].cut()
    Path(os.environ["RUNS_REACHED"], case.bench.name).touch()
    case.run_for(600)
'''

WAITS = '''
"""A testcase that is in its middle until its run is told to end, and says of which lab it is."""

import os
import threading
from pathlib import Path

from harness.case import Case, claims


@claims("LF-01", wires=1, seconds=600)
def test_waits(case: Case) -> None:
    """Goes on until it is told to end"""
    Path(os.environ["RUNS_REACHED"], case.bench.lab.name).touch()
    threading.Event().wait()
'''
