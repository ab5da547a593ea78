"""What the documents name exists: links, files, modules, rows, keys of lab files."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import catalogue
from harness.lab import load
from harness.lab.schema import Lab
from testcases.selftest.documents.documents import DOCUMENTS, IDS, ROOT, Document, document

_PATH = re.compile(r"(?<![\w./$@{-])(?:agr|docs|fixtures|harness|testcases|\.ci)/[\w./*-]*")
_MODULE = re.compile(r"(?<![\w./])((?:agr|fixtures|harness|testcases)(?:\.\w+)+):?(\w+)?")
_ROW = re.compile(r"\b[A-Z]{2}-\d{2}\b")
LABS = ROOT / "fixtures" / "labs"
_FILE_ENDINGS = ("yaml", "yml", "json", "md", "toml", "svg", "html")

each = pytest.mark.parametrize("doc", DOCUMENTS, ids=IDS)


@each
def test_links(doc: Document) -> None:
    """A relative link leads to a file, and to a heading that it has."""
    for link in doc.links:
        if re.match(r"[a-z]+:", link):
            continue
        where, _, anchor = link.partition("#")
        target = (doc.folder / where).resolve() if where else ROOT / doc.name
        assert target.exists(), f"{doc.name}: {link}"
        if anchor:
            assert anchor in document(str(target.relative_to(ROOT))).anchors, f"{doc.name}: {link}"


@each
def test_pictures(doc: Document) -> None:
    """A picture is there, is small, and says in words what it shows."""
    for words, where in doc.pictures:
        path = doc.folder / where
        assert path.exists(), f"{doc.name}: {where}"
        assert path.stat().st_size < 300_000, f"{doc.name}: {where} is large"
        assert words, f"{doc.name}: {where} has no words"


@each
def test_paths(doc: Document) -> None:
    """A path of the repository that is named in code is there."""
    for code in doc.code:
        for path in _PATH.findall(code):
            found = path.rstrip(".")
            assert list(ROOT.glob(found.rstrip("/"))), f"{doc.name}: {path}"


@each
def test_modules(doc: Document) -> None:
    """A dotted name of a module, a class, a function is one."""
    for code in doc.code:
        for name, attribute in _MODULE.findall(code):
            if name.rpartition(".")[2] not in _FILE_ENDINGS:
                assert _resolves(name, attribute), f"{doc.name}: {name}"


def _resolves(name: str, attribute: str) -> bool:
    module, rest = name, [attribute] if attribute else []
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
            if not module:
                return False
    for word in rest:
        if not hasattr(found, word) and word not in getattr(found, "__annotations__", {}):
            return False
        found = getattr(found, word, None)
    return True


@each
def test_rows(doc: Document) -> None:
    """A row is one of the catalogue's."""
    known = {row.id for row in catalogue.load()}
    assert set(_ROW.findall(doc.text)) <= known


@each
def test_pieces_of_lab_files(doc: Document, tmp_path: Path) -> None:
    """A piece of a lab file, in YAML, is taken where another has the rest; so is each of its comments."""
    for language, text in doc.fences:
        if language != "yaml":
            continue
        said = yaml.safe_load(text)
        if isinstance(said, dict) and set(said) <= set(Lab.model_fields) - {"kind"}:
            bases = {"impairments": "simulated.yaml", "client": "switch-ssh.yaml"}
            base = LABS / next((bases[key] for key in bases if key in said), "rehearsal.yaml")
            for number, piece in enumerate(_alternatives(text)):
                lab = tmp_path / f"{number}.yaml"
                lab.write_text(f"extends: {base}\n{piece}")
                assert load(lab), doc.name


def _alternatives(text: str) -> list[str]:
    """The text, and what is commented out in it, in place of the line before."""
    lines = text.splitlines()
    return [text, *(line.removeprefix("# ") for line in lines if re.match(r"# \w+: ", line))]


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.yaml")), ids=lambda path: path.name)
def test_lab_files_of_the_documents(path: Path) -> None:
    """They can be loaded."""
    assert load(path).name
