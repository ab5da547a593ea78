"""The public sources of each transition and rule: `sources.yaml`, read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

UNCONFIRMED = "M"
"""What stands in place of sources where no two were found."""

FILE = Path(__file__).with_name("sources.yaml")


@dataclass(frozen=True)
class Source:
    """One public implementation or document that says the same, and where in it.

    Two sources of one `lineage` are one witness: the code of one comes from that of the other.
    """

    project: str
    what: str
    where: str
    lineage: str

    def text(self) -> str:
        """One line."""
        return f"{self.what}: {self.where}"


@cache
def sources() -> dict[str, tuple[Source, ...]]:
    """By the id of a transition or rule, its sources; none where it is unconfirmed.

    ValueError where the file is wrong.
    """
    data = yaml.safe_load(FILE.read_text())
    return {
        name: () if cited == UNCONFIRMED else tuple(_source(name, line, data["projects"]) for line in cited)
        for name, cited in data["sources"].items()
    }


def _source(name: str, line: str, projects: dict[str, dict[str, str]]) -> Source:
    project, comma, where = line.partition(", ")
    if not comma or project not in projects:
        raise ValueError(f"{FILE.name}: {name}: {line}: not 'project, function or section'")
    said = projects[project]
    return Source(project, said["what"], where, said.get("lineage", project))
