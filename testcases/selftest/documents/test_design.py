"""docs/design.md, docs/running.md and docs/glossary.md against the code: layers, rules, verdicts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from harness.verdict import Verdict
from testcases.selftest.documents.documents import ROOT, document

HARNESS = ROOT / "harness"
_RULE = re.compile(r"^(\d+)\. \*\*", re.M)
_CITED = re.compile(r"docs/design\.md, rule (\d+)")
_AT_THE_SIDE = {"reference"}


def _floors() -> list[str]:
    """The folders of harness/ as the table of layers has them, the lowest first."""
    return re.findall(r"^\| `harness/(\w+)` \|", document("docs/design.md").text, re.M)


def _imported(path: Path) -> Iterator[str]:
    """The folders of harness/ that a file imports from."""
    for found in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(found, ast.ImportFrom) and found.module:
            names = [f"{found.module}.{one.name}" for one in found.names]
        elif isinstance(found, ast.Import):
            names = [one.name for one in found.names]
        for name in names:
            words = name.split(".")
            if words[0] == "harness" and len(words) > 1 and (HARNESS / words[1]).is_dir():
                yield words[1]


def test_every_folder_is_in_the_table() -> None:
    folders = {path.parent.name for path in HARNESS.glob("*/__init__.py")}
    floors = _floors()
    assert len(floors) == len(set(floors))
    assert set(floors) | _AT_THE_SIDE == folders


def test_folders_import_what_stands_above_them() -> None:
    floors = _floors()
    for place, folder in enumerate(floors):
        allowed = {*floors[:place], folder}
        for path in (HARNESS / folder).rglob("*.py"):
            assert set(_imported(path)) <= allowed, path.relative_to(ROOT)


def test_the_reference_model_stands_aside() -> None:
    imported = {folder for path in (HARNESS / "reference").rglob("*.py") for folder in _imported(path)}
    assert imported <= {"pdu", "profile", "reference"}


def test_rules_that_are_cited() -> None:
    """Each citation is of a rule that there is."""
    rules = set(_RULE.findall(document("docs/design.md").text))
    assert rules == {str(number) for number in range(1, len(rules) + 1)}
    sources = [*HARNESS.rglob("*.py"), *(ROOT / "agr").rglob("*.py"), *(ROOT / "testcases").rglob("*.py")]
    cited = [number for path in sources for number in _CITED.findall(path.read_text())]
    assert cited
    assert set(cited) <= rules


def test_the_table_of_verdicts() -> None:
    """It has each verdict, and no other."""
    section = document("docs/running.md").text.partition("## Verdicts\n")[2].partition("\n## ")[0]
    named = {word.lower() for word in re.findall(r"^\| ([A-Z ]+) \|", section, re.M)}
    assert named == {verdict.value for verdict in Verdict}
