"""The JSON Schema of lab files is that of the models, and takes what they take."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.lab import load
from harness.lab.json_schema import PLUGIN_SECTIONS, lab_schema
from harness.lab.pics import Pics
from harness.lab.source import read
from harness.verdict import UsageError

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "harness" / "lab" / "lab.schema.json"
FILES = [ROOT / "lab.yaml", *sorted((ROOT / "fixtures" / "labs").glob("*.yaml"))]
WRITE = "write it anew: .venv/bin/agr-lab schema > harness/lab/lab.schema.json"


def ours() -> dict[str, list[str]]:
    """The entry points of this repository's pyproject.toml, without those of other packages."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    return {section: sorted(points[base.registry.group]) for section, base in PLUGIN_SECTIONS.items()}


def mistakes(data: Any) -> list[str]:
    """What an editor would underline."""
    schema = json.loads(KEPT.read_text())
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


def test_the_kept_schema_is_that_of_the_models() -> None:
    assert json.loads(KEPT.read_text()) == lab_schema(ours()), WRITE


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(KEPT.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_lab_file_of_the_repository_fits(path: Path) -> None:
    assert mistakes(read(path).data) == []


WIRES = "wires: [{name: a, port: re4, to: tester, tester: {interface: te4}}]\n"
WHOLE = f"kind: hardware\nname: a\nimplementation: {{adapter: agr}}\n{WIRES}"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (WHOLE, True),
        (f"version: 1\n{WHOLE}", True),
        (f"version: 2\n{WHOLE}", False),
        (WHOLE.replace("{adapter: agr}", "{adapter: agr, pics: a.yaml, deviations: {file: b.yaml}}"), True),
        (WHOLE.replace("{adapter: agr}", "{adapter: agr, pics: 7}"), False),
        (WHOLE.replace("{adapter: agr}", "{adapter: nobody}"), False),
        (WHOLE.replace("{adapter: agr}", "{adapter: openvswitch}"), False),
        (WHOLE.replace("{adapter: agr}", "{adapter: openvswitch, options: {rundir: /run/o}}"), True),
        (WHOLE.replace("{adapter: agr}", "{adapter: openvswitch, data_path: bpf}"), False),
        (WHOLE.replace("{adapter: agr}", "{}"), False),
        (WHOLE.replace(WIRES, ""), False),
        (f"{WHOLE}generator: {{kind: trex, address: t, ports: {{a: 1}}}}\n", True),
        (f"{WHOLE}generator: {{kind: trex, address: t}}\n", False),
        (f"{WHOLE}generator: {{kind: tcpreplay, address: t}}\n", False),
        (f"{WHOLE}switch: {{driver: cisco_ios, from: file}}\n", True),
        (f"{WHOLE}switch: {{driver: cisco_ios, form: file}}\n", False),
        (f"{WHOLE}colour: red\n", False),
        ("extends: BASE\nimplementation: {data_path: python}\n", True),
        ("extends: BASE\nimplementation: {data_path: snake}\n", False),
    ],
)
def test_it_takes_what_is_loaded(tmp_path: Path, text: str, fits: bool) -> None:
    path = tmp_path / "lab.yaml"
    (tmp_path / "base.yaml").write_text(WHOLE)
    (tmp_path / "a.yaml").write_text("churn: false\n")
    (tmp_path / "b.yaml").write_text("known: []\n")
    path.write_text(text.replace("BASE", "base.yaml"))
    assert (mistakes(read(path).data) == []) is fits
    if fits:
        load(path)
    else:
        with pytest.raises(UsageError):
            load(path)


def test_what_each_word_of_the_pics_means_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", (ROOT / "docs" / "pics.md").read_text(), re.MULTILINE)
    means = {
        name: " ".join((info.description or "").split()).replace("``", "`")
        for name, info in Pics.model_fields.items()
        if name != "file"
    }
    assert all(means.values())
    assert {name: words for name, words in rows if name in means} == means
