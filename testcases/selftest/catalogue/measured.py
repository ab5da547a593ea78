"""How long each testcase took in a quiet run, which claims are held against.

``python -m testcases.selftest.catalogue.measured [FILE]`` keeps those of a run of `lab.yaml`, by its
junit.xml.
"""

from __future__ import annotations

import argparse
import json
import xml.etree.ElementTree as ET
from pathlib import Path

KEPT = Path(__file__).with_name("measured.json")


def kept() -> dict[str, float]:
    """Seconds by node id."""
    times: dict[str, float] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return times


def of_run(junit: Path) -> dict[str, float]:
    """Seconds by node id of the testcases that passed at the first attempt. OSError, ParseError as usual."""
    found = {}
    for case in ET.parse(junit).getroot().iter("testcase"):
        said = {p.get("name"): p.get("value") or "" for p in case.iter("property")}
        if said.get("verdict") == "pass" and "attempts" not in said:
            found[said["nodeid"]] = float(case.get("time") or 0)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m testcases.selftest.catalogue.measured")
    parser.add_argument("junit", nargs="?", type=Path, default=Path("reports/junit.xml"), help="of the run")
    times = kept() | of_run(parser.parse_args().junit)
    KEPT.write_text(json.dumps(dict(sorted(times.items())), indent=1) + "\n")
