"""The mutants themselves, and a few of them tried."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness import catalogue
from testcases.mutants import server
from testcases.mutants.generator import generate
from testcases.mutants.mutant import CORE, Mutant
from testcases.mutants.outcomes import MOST_EQUIVALENT, equivalents
from testcases.mutants.scope import OUT_OF_SCOPE, claimed_by, clauses, in_scope

SAMPLE = (
    "constants.py:Short_Timeout_Time:larger:1",
    "lacpdu.py:_encode_information:nothing:4",
    "mux.py:INDEPENDENT_CONTROL:arc missing:2",
    "receive.py:RECEIVE:action missing:1",
    "receive.py:update_NTT:word:2",
    "marker.py:response:nothing:2",
)


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return generate()


def test_there_are_enough_and_each_has_a_name_of_its_own(mutants: list[Mutant]) -> None:
    assert len(mutants) >= 300
    assert len({mutant.id for mutant in mutants}) == len(mutants)


def test_each_is_another_program(mutants: list[Mutant]) -> None:
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.source())) != ast.dump(ast.parse(mutant.path.read_text())), mutant.id
        assert mutant.diff(), mutant.id


def test_every_file_is_in_scope_or_has_a_reason() -> None:
    for path in CORE.glob("*.py"):
        named = path.name in OUT_OF_SCOPE
        assert named is not in_scope(path.name, ""), f"{path.name}: scope.py must say which clauses it has"
    assert set(OUT_OF_SCOPE) <= {path.name for path in CORE.glob("*.py")}


def test_the_code_of_each_has_a_clause_that_a_row_claims(mutants: list[Mutant]) -> None:
    rows = list(catalogue.load())
    for place in {(mutant.file, mutant.qualname) for mutant in mutants}:
        assert any(claimed_by(clauses(*place), row) for row in rows), place


def test_a_clause_is_claimed_by_what_claims_one_below_it() -> None:
    row = catalogue.load().row("MK-03")
    assert row.clauses == ("43.5.3.2",)
    assert claimed_by(["43.5"], row) and claimed_by(["43.5.3.2"], row) and claimed_by(["MK-03"], row)
    assert not claimed_by(["43.5.4"], row)


def test_equivalents_are_few_and_there(mutants: list[Mutant]) -> None:
    argued = equivalents()
    assert set(argued) <= {mutant.id for mutant in mutants}
    assert len(argued) <= MOST_EQUIVALENT * len(mutants)
    assert all(len(words) > 40 for words in argued.values())


def run(reports: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "testcases.mutants", "--reports", str(reports), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize("only", SAMPLE)
def test_is_caught_by_its_clause(only: str, tried: dict[str, dict[str, object]]) -> None:
    assert tried[only]["outcome"] == "caught", tried[only]
    assert tried[only]["claims_the_clause"], tried[only]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What became of the sample, by id, from one run."""
    reports = tmp_path_factory.mktemp("mutants")
    done = run(reports, "--jobs", "1", *[word for each in SAMPLE for word in ("--only", each)])
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["id"]: row for row in json.loads((reports / "mutants.json").read_text())}
    told = json.loads((reports / "mutants-run.json").read_text())
    assert (told["mutants"], told["caught"], told["survived"]) == (len(SAMPLE), len(SAMPLE), 0)
    again = run(reports, "--jobs", "1", *[word for each in SAMPLE for word in ("--only", each)])
    assert "without mutation" not in again.stdout, "what was tried already is tried again"
    return rows


@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_trouble_of_the_bench_is_no_catch(
    error: type[Exception], mutants: list[Mutant], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise error("the folder is gone")

    unstarted = object.__new__(server.Server)
    vars(unstarted).update(_lab=None, _jobs=1, _testcases=[], _taken={})
    monkeypatch.setattr(server, "try_mutant", breaks)
    with pytest.raises(RuntimeError, match="the bench broke down"):
        list(unstarted.run(mutants[:1]))


def test_no_such_mutant(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "nonsense")
    assert (done.returncode, done.stderr) == (3, "no mutant has 'nonsense' in its id\n")
    assert list(tmp_path.iterdir()) == []
