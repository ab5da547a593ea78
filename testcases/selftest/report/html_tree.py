"""A strict reader of the page's HTML: every element closed in order, no id twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "col", "input", "br", "hr", "img"}


@dataclass
class Node:
    """One element."""

    tag: str
    attributes: dict[str, str]
    content: list[Node | str] = field(default_factory=list)

    def walk(self) -> list[Node]:
        """This element and all below it, in order."""
        return [self, *(below for each in self.content if isinstance(each, Node) for below in each.walk())]

    def all(self, tag: str, style: str = "") -> list[Node]:
        """Elements below with that tag, and with that class where one is given."""
        return [
            node
            for node in self.walk()
            if node.tag == tag and (not style or style in node.attributes.get("class", "").split())
        ]

    def by_id(self, name: str) -> Node:
        """The element with that id; AssertionError when there is not exactly one."""
        (found,) = [node for node in self.walk() if node.attributes.get("id") == name]
        return found

    @property
    def raw(self) -> str:
        """All text in it."""
        return "".join(each if isinstance(each, str) else each.raw for each in self.content)

    @property
    def text(self) -> str:
        """All text in it, white space folded."""
        return " ".join(self.raw.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def tree(html: str) -> Node:
    """The document; AssertionError when elements are not closed in order or an id comes twice."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    ids = [node.attributes["id"] for node in reader.open[0].walk() if "id" in node.attributes]
    assert len(ids) == len(set(ids)), "an id comes twice"
    return reader.open[0]
