"""The mutants themselves, and a few of them tried."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import catalogue
from testcases.mutants import ROOT, server
from testcases.mutants.generator import generate
from testcases.mutants.mutant import CORE, Mutant
from testcases.mutants.outcomes import MOST_EQUIVALENT, MOST_OWN, equivalents
from testcases.mutants.reach import AT_IMPORT, Lines, may_notice
from testcases.mutants.scope import (
    LEFT_OUT,
    OUT_OF_SCOPE,
    claimed_by,
    clauses,
    in_scope,
    own_choice,
    own_choices,
)

SAMPLE = (
    "constants.py:Short_Timeout_Time:larger:1",
    "lacpdu.py:_encode_information:nothing:4",
    "mux.py:INDEPENDENT_CONTROL:arc missing:2",
    "receive.py:RECEIVE:action missing:1",
    "receive.py:update_NTT:word:2",
    "marker.py:response:nothing:2",
    "detach.py:_partner_stopped:logic:2",
    "machine.py:Machine.enter:step:3",
    "redistribution.py:_assign:step:1",
    "status.py:_information:element key:1",
)

OWN = "counters.py:MoveCounters:larger:3"
"""Of agr's own choices."""


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return generate()


def test_there_are_enough_and_each_has_a_name_of_its_own(mutants: list[Mutant]) -> None:
    assert len(mutants) >= 1500
    assert len({mutant.id for mutant in mutants}) == len(mutants)


def test_each_is_another_program(mutants: list[Mutant]) -> None:
    before = {path.name: ast.dump(ast.parse(path.read_text())) for path in CORE.glob("*.py")}
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.source())) != before[mutant.file], mutant.id
        assert mutant.diff(), mutant.id


def test_every_file_is_in_scope_or_has_a_reason() -> None:
    for path in CORE.glob("*.py"):
        named = path.name in OUT_OF_SCOPE
        assert named is not in_scope(path.name, ""), f"{path.name}: scope.py must say which clauses it has"
    assert set(OUT_OF_SCOPE) <= {path.name for path in CORE.glob("*.py")}


def test_what_is_left_out_is_there_and_has_a_reason() -> None:
    for file, names in LEFT_OUT.items():
        defined = list(_names(ast.parse((CORE / file).read_text())))
        for name, reason in names.items():
            assert any(each.startswith(name) for each in defined), f"{file} has no {name}"
            assert len(reason) > 10


def _names(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield ast.unparse(node.targets[0])
        elif isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for name in _names(node))


def test_what_a_snapshot_alone_needs_is_not_broken(mutants: list[Mutant]) -> None:
    """A variable of a class that is left out, and a condition of a step that is."""
    assert not [mutant.diff() for mutant in mutants if "saved = " in mutant.diff()]
    assert not [mutant.diff() for mutant in mutants if "+        if (not (news)):" in mutant.diff()]
    assert [mutant for mutant in mutants if "_under_way = 1" in mutant.diff()], "others are broken"


def test_lines_that_are_run_are_noted(mutants: list[Mutant]) -> None:
    """A function of the core is run here: mutants of its lines may be noticed by who runs it, others not."""
    from agr.core.timer import Timer

    lines = Lines()
    timer = Timer()
    with lines.noted() as run:
        timer.start(1.0, 2.0)
    reach = {AT_IMPORT: {}, "starts": run, "stops": {}}
    of_start = [mutant for mutant in mutants if mutant.qualname == "Timer.start"]
    assert of_start and all(may_notice(mutant, "starts", reach) for mutant in of_start)
    assert not any(may_notice(mutant, "stops", reach) for mutant in of_start)
    of_stop = [mutant for mutant in mutants if mutant.qualname == "Timer.stop"]
    assert of_stop and not any(may_notice(mutant, "starts", reach) for mutant in of_stop)
    assert all(may_notice(mutant, "stops", {**reach, AT_IMPORT: run}) for mutant in of_start)


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


def test_own_choices_are_few_and_there(mutants: list[Mutant]) -> None:
    """Each has a reason and self-tests, and no mutant is both equivalent and agr's own choice."""
    for one in own_choices():
        assert len(one.because) > 40
        assert (ROOT / one.judge).is_file()
        for name in one.mutants:
            found = [each.id for each in mutants if each.id == name or each.id.startswith(f"{name}:")]
            assert found, f"own.yaml: no mutant is called {name}"
            assert not set(found) & set(equivalents())
    own = [mutant for mutant in mutants if own_choice(mutant.id)]
    assert len(own) <= MOST_OWN * len(mutants)


def run(reports: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "testcases.mutants", "--reports", str(reports), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize("only", SAMPLE)
def test_is_caught_by_its_clause(only: str, tried: dict[str, dict[str, object]]) -> None:
    assert tried[only]["outcome"] == "caught", tried[only]
    assert tried[only]["claims_the_clause"], tried[only]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What became of the sample and of an own choice, by id, from one run.

    Own choices are too many among so few, which is its exit code; that of the sample alone is the second's.
    """
    reports = tmp_path_factory.mktemp("mutants")
    words = [word for each in SAMPLE for word in ("--only", each)]
    done = run(reports, "--jobs", "1", *words, "--only", OWN)
    assert not done.stderr, done.stdout + done.stderr
    rows = {row["id"]: row for row in json.loads((reports / "mutants.json").read_text())}
    again = run(reports, "--jobs", "1", *words)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "without mutation" not in again.stdout, "what was tried already is tried again"
    told = json.loads((reports / "mutants-run.json").read_text())
    assert (told["mutants"], told["caught"], told["survived"]) == (len(SAMPLE), len(SAMPLE), 0)
    return rows


@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_trouble_of_the_bench_is_no_catch(
    error: type[Exception], mutants: list[Mutant], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise error("the folder is gone")

    unstarted = object.__new__(server.Server)
    vars(unstarted).update(_lab=None, _jobs=1, _testcases=[], _taken={}, _reach=None, _catches=Counter())
    monkeypatch.setattr(server, "try_mutant", breaks)
    with pytest.raises(RuntimeError, match="the bench broke down"):
        list(unstarted.run(mutants[:1]))


def test_a_self_test_judges_an_own_choice(tried: dict[str, dict[str, object]]) -> None:
    row = tried[OWN]
    assert row["outcome"] == "own"
    assert "test_moves.py" in str(row["by"]) and row["own_choice"]


def test_no_such_mutant(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "nonsense")
    assert (done.returncode, done.stderr) == (3, "no mutant has 'nonsense' in its id\n")
    assert list(tmp_path.iterdir()) == []
