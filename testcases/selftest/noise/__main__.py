"""The suite beside load: ``python -m testcases.selftest.noise --seed 1``, as root.

The run must end by itself, without a FAIL and without an ERROR; what is inconclusive or unsteady is named
with its cause, and most testcases must have PASS all the same. With ``--breakages`` breakages of agr are run
beside the same load, each of which must still be a FAIL. Exit codes: 0 all of that holds, 1 it does not, 3
usage.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from harness.run.controller import git_commit
from harness.run.interrupt import interruptible
from testcases.selftest.breakages.broken import copy
from testcases.selftest.breakages.running import Job, Outcome, catches, run
from testcases.selftest.breakages.table import BREAKAGES
from testcases.selftest.noise import clock
from testcases.selftest.noise.load import Load

RECORDS = Path(__file__).with_name("records")
"""What each run came to: a file a run, kept."""

LEAST = {"light": 0.977, "heavy": 0.92}
"""Share of the applicable testcases that must have PASS: beside one busy process a core, or beside more."""

CAUGHT_ALL_THE_SAME = (
    "no Marker responder",
    "the timeout is the partner's",
    "expired state skipped",
    "more than three PDUs a second",
    "a frame in 10,000 is sent twice, by the program in the kernel",
)
"""Breakages by name (`testcases.selftest.breakages`): of answers, of timers, of states, of rates, of data."""


@dataclass
class Record:
    """What one run came to. ``troubled``: verdict and cause of what did not pass, by testcase."""

    seed: int
    load: str
    commit: str
    date: str
    machine: str
    seconds: float
    exit_code: int
    verdicts: dict[str, int]
    troubled: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    @property
    def amiss(self) -> list[str]:
        """What must not be, in words; nothing where all is well."""
        found = [
            f"{self.verdicts[word]} {word.upper()}" for word in ("fail", "error") if word in self.verdicts
        ]
        judged = sum(self.verdicts.values()) - self.verdicts.get("not applicable", 0)
        least = round(judged * LEAST["light" if self.load == f"busy {os.cpu_count()}" else "heavy"])
        passed = self.verdicts.get("pass", 0)
        return found + ([f"{passed} of {judged} have PASS, not {least}"] if passed < least else [])


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m testcases.selftest.noise", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the load (1)")
    parser.add_argument(
        "--busy", type=int, help="so many busy processes all the time, and no other load; 0: none"
    )
    parser.add_argument("--lab", default="lab.yaml", help="lab file of an emulated bench (lab.yaml)")
    parser.add_argument(
        "--reports", default="reports/noise", help="where the run's reports go (reports/noise)"
    )
    parser.add_argument("--breakages", action="store_true", help="break agr, and see it noticed")
    options, more = parser.parse_known_args(arguments)
    if os.geteuid() != 0:
        print("a bench of interfaces needs root: run it with sudo", file=sys.stderr)
        return 3
    interruptible()
    if options.breakages:
        return _breakages(options)
    record = _suite(options, more)
    RECORDS.mkdir(exist_ok=True)
    name = f"{record.load.replace(' ', '-')}-seed-{record.seed}-{record.date[:16].replace(':', '')}.json"
    (RECORDS / name).write_text(json.dumps(asdict(record), indent=1) + "\n")
    print(f"record: {RECORDS / name}")
    for word in record.amiss:
        print(f"AMISS: {word}")
    return 1 if record.amiss else 0


def _suite(options: argparse.Namespace, more: list[str]) -> Record:
    """The whole suite, beside load."""
    words = [sys.executable, "-m", "harness.cli", "run", "--lab", options.lab]
    environment = os.environ | (clock.environment(options.seed) if options.busy is None else {})
    begun = time.monotonic()
    with (
        subprocess.Popen([*words, "--reports", options.reports, *more], env=environment) as process,
        Load(process.pid, options.seed, options.busy) as load,
    ):
        try:
            process.wait()
        except BaseException:
            process.terminate()  # it cleans up behind itself
            process.wait()
            raise
    verdicts, troubled = _outcomes(Path(options.reports) / "junit.xml")
    return Record(
        options.seed,
        "random" if options.busy is None else f"busy {options.busy}",
        git_commit(),
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"{os.cpu_count()} cores, Linux {platform.release()}",
        round(time.monotonic() - begun, 1),
        process.returncode,
        verdicts,
        troubled,
        load.told,
    )


def _outcomes(junit: Path) -> tuple[dict[str, int], dict[str, str]]:
    verdicts: Counter[str] = Counter()
    troubled = {}
    for case in ET.parse(junit).getroot().iter("testcase"):
        said = {p.get("name"): p.get("value") or "" for p in case.iter("property")}
        verdicts[said["verdict"]] += 1
        attempts = said.get("first", "")
        ended = next((end for kind in ("failure", "error") for end in case.findall(kind)), None)
        if ended is not None or attempts:
            words = ended.get("message", "") if ended is not None else f"at the first attempt {attempts}"
            troubled[said["nodeid"]] = f"{said['verdict']}: {words}"
    return dict(verdicts), troubled


def _breakages(options: argparse.Namespace) -> int:
    """Each is a FAIL of one of its rows, beside the load of the seed."""
    missed = 0
    for broken in (one for one in BREAKAGES if one.name in CAUGHT_ALL_THE_SAME):
        with tempfile.TemporaryDirectory(prefix="agr-noise-") as folder:
            job = Job(copy(Path(folder), broken), broken.rows, Path(folder) / "reports")
            with Load(os.getpid(), options.seed, options.busy):
                outcomes = run([job], Path(options.lab))[0]
        messages = catches(broken, outcomes)
        missed += not messages
        print(f"{broken.name}: {messages[0] if messages else 'NOT NOTICED: ' + _said(outcomes)}", flush=True)
    return 1 if missed else 0


def _said(outcomes: list[Outcome]) -> str:
    return "; ".join(f"{one.verdict}: {one.name}: {one.message}" for one in outcomes)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
