"""The documents for people, and what is read out of them: headings, links, code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

NAMED = ("README.md", "CONTRIBUTING.md", "reports/README.md", "harness/catalogue/README.md")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_INDENTED = re.compile(r"(?:^ {4}.*\n|^\n(?= {4}))+", re.M)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)


@dataclass(frozen=True)
class Document:
    """One document; ``name`` is its path in the repository."""

    name: str
    text: str

    @property
    def folder(self) -> Path:
        """Where its relative links begin."""
        return (ROOT / self.name).parent

    @property
    def prose(self) -> str:
        """Its text without fenced code."""
        return _FENCE.sub("", self.text)

    @property
    def fences(self) -> list[tuple[str, str]]:
        """Fenced code: its language and its text."""
        return _FENCE.findall(self.text)

    @property
    def code(self) -> list[str]:
        """Every piece of code: spans, and the lines of blocks."""
        lines = [line.strip() for _, text in self.fences for line in text.splitlines()]
        lines += [line.strip() for text in _INDENTED.findall(self.prose) for line in text.splitlines()]
        return [*_SPAN.findall(self.prose), *filter(None, lines)]

    @property
    def links(self) -> list[str]:
        """What it links to."""
        return _LINK.findall(self.prose)

    @property
    def pictures(self) -> list[tuple[str, str]]:
        """Its pictures: what they say without being seen, and where they are."""
        return _PICTURE.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """What its headings are called in links, as GitHub makes it."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return words.replace(" ", "-")


def documents() -> list[Document]:
    """Every document for users and contributors; CHANGELOG.md, which names what is gone, is none."""
    names = [*NAMED, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
    return [Document(name, (ROOT / name).read_text()) for name in names]


def document(name: str) -> Document:
    """The document of this name."""
    return Document(name, (ROOT / name).read_text())


DOCUMENTS = documents()
IDS = [one.name for one in DOCUMENTS]
