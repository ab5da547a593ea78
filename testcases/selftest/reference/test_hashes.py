"""Whatever a device hashes: no wrong FAIL for it, and what is broken is found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness.bench.opening import opened
from harness.lab import load
from harness.lab.schema import Lab
from harness.reference import selection
from harness.reference.lag import Lag, lag_id
from harness.reference.variables import Port
from harness.verdict import Verdict
from testcases.in_process import collect, run
from testcases.selftest.runs.command import ROOT

HASHES = ("Add", "Xor", "Layer2", "Layer23", "Layer34", "ByTurns")
ROWS = ("SL-", "CF-04", "CF-08", "FD-09", "FD-13", "FD-15", "FD-17")
"""What depends on which link a conversation takes; but for the long ones."""

JOINED = ("SL-02", "SL-03", "SL-04", "SL-06")
SECONDS = 20.0


def lab_of(name: str, folder: Path) -> Lab:
    """The reference's lab file, with the model of this name."""
    file = folder / f"{name}.yaml"
    reference = ROOT / "fixtures" / "labs" / "reference.yaml"
    load_words = f"implementation: {{load: 'testcases.selftest.reference.hashed:{name}'}}"
    file.write_text(f"extends: {reference}\n{load_words}\n")
    return load(file)


def ends(lab: Lab, rows: tuple[str, ...]) -> dict[str, Counter[Verdict]]:
    """The verdicts of testcases by row; of all that claim a row which begins so. For failures, their text."""
    found: dict[str, Counter[Verdict]] = {}
    chosen = [one for one in collect(lab) if any(row.startswith(rows) for row in one.spec.rows)]
    with opened(lab) as (bench, _):
        for testcase in chosen:
            judgement = run(testcase, bench, SECONDS).judgement
            assert judgement.verdict is not Verdict.ERROR, f"{testcase.nodeid}: {judgement.details}"
            for row, verdict in judgement.rows.items():
                found.setdefault(row, Counter())[verdict] += 1
    return found


@pytest.mark.parametrize("name", HASHES)
def test_no_hash_is_a_failure_and_each_spreads_enough_to_be_judged(name: str, tmp_path: Path) -> None:
    found = ends(lab_of(name, tmp_path), ROWS)
    assert {row: verdicts for row, verdicts in found.items() if set(verdicts) != {Verdict.PASS}} == {}


@pytest.mark.parametrize("name", HASHES)
def test_links_that_are_joined_whoever_the_partner_is_are_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_partner(port: Port) -> Lag:
        return lag_id(port)._replace(partner_system_priority=0, partner_system="", partner_key=0, link=None)

    monkeypatch.setattr(selection, "lag_id", without_partner)
    found = ends(lab_of(name, tmp_path), JOINED)
    assert {row for row in JOINED if Verdict.FAIL in found[row]} == set(JOINED)


def test_what_a_distribution_leaves_no_data_for_is_not_judged_and_never_failed(tmp_path: Path) -> None:
    found = ends(lab_of("OneLink", tmp_path), ROWS)
    seen = Counter(verdict for verdicts in found.values() for verdict in verdicts.elements())
    assert Verdict.FAIL not in seen
    assert all(found[row][Verdict.NOT_JUDGED] and not found[row][Verdict.PASS] for row in JOINED)


def test_a_link_that_gets_no_conversation_is_not_judged_for_what_leaves_there(tmp_path: Path) -> None:
    """A switch that goes by source addresses puts one client on one link; what arrives is judged as ever."""
    lab = lab_of("OneLink", tmp_path)
    pics = lab.implementation.pics.model_copy(update={"spreads": False})
    implementation = lab.implementation.model_copy(update={"pics": pics})
    found = ends(lab.model_copy(update={"implementation": implementation}), ("MX-14", "MX-16"))
    assert Verdict.NOT_JUDGED in found["MX-16"]
    assert set(found["MX-14"]) == {Verdict.PASS}
    assert not {row for row, verdicts in found.items() if Verdict.FAIL in verdicts}
