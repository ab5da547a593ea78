"""What Jenkins and GitLab read of JUnit XML (after the junit-10.xsd of Jenkins' xUnit plugin), as a table.

The standard library cannot validate against an XSD; these rules are what such a schema says: which children
an element may have, in which number, and which attributes of which type. Properties of a testcase come first
in it, as pytest and Maven write them.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

NUMBER, DECIMAL, TEXT = r"\d+", r"\d+(\.\d+)?", r".*"
NAME, MOMENT = r".+", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


@dataclass(frozen=True)
class Rule:
    """One element: patterns of its attributes, greatest number of each child (None: any), text or not."""

    required: dict[str, str] = field(default_factory=dict)
    optional: dict[str, str] = field(default_factory=dict)
    children: dict[str, int | None] = field(default_factory=dict)  # in this order
    text: bool = False


_TOTALS = {"tests": NUMBER, "failures": NUMBER, "errors": NUMBER, "skipped": NUMBER, "time": DECIMAL}
_OUTCOME = Rule(required={"message": NAME, "type": NAME}, text=True)

RULES = {
    "testsuites": Rule({**_TOTALS, "name": NAME}, children={"testsuite": None}),
    "testsuite": Rule(
        {**_TOTALS, "name": NAME},
        {"timestamp": MOMENT, "assertions": NUMBER, "disabled": NUMBER},
        {"properties": 1, "testcase": None},
    ),
    "properties": Rule(children={"property": None}),
    "property": Rule({"name": NAME, "value": TEXT}),
    "testcase": Rule(
        {"name": NAME, "classname": r"[^.\s]+(\.[^.]+)*", "time": DECIMAL},
        {"assertions": NUMBER},
        {"properties": 1, "failure": 1, "error": 1, "skipped": 1, "system-out": 1},
    ),
    "failure": _OUTCOME,
    "error": _OUTCOME,
    "skipped": Rule({"message": NAME, "type": NAME}, text=True),
    "system-out": Rule(text=True),
}


def violations(element: ET.Element, path: str = "") -> list[str]:
    """What an element and everything in it does against the rules; empty when it is valid."""
    path = f"{path}/{element.tag}"
    rule = RULES.get(element.tag)
    if rule is None:
        return [f"{path}: unknown element"]
    found = _attributes(element, rule, path)
    tags = [child.tag for child in element]
    order = list(rule.children)
    found += [f"{path}: {tag} may not be here" for tag in tags if tag not in order]
    if [tag for tag in order for _ in range(tags.count(tag))] != tags:
        found.append(f"{path}: children in wrong order: {tags}")
    found += [
        f"{path}: too many {tag}" for tag, most in rule.children.items() if most and tags.count(tag) > most
    ]
    if not rule.text and (element.text or "").strip():
        found.append(f"{path}: text {element.text!r}")
    return found + [line for child in element for line in violations(child, path)]


def _attributes(element: ET.Element, rule: Rule, path: str) -> list[str]:
    known = {**rule.required, **rule.optional}
    found = [f"{path}: lacks {name}" for name in rule.required if name not in element.attrib]
    for name, value in element.attrib.items():
        if name not in known:
            found.append(f"{path}: unknown attribute {name}")
        elif not re.fullmatch(known[name], value, re.DOTALL):
            found.append(f"{path}: {name}={value!r}")
    return found
