"""The bench and its cabling as an inline SVG: implementation left, switch in the middle, tester right.

Wires by way of the switch come first, straight wires run below the switch. An eye stands on the end where a
wire is captured.
"""

from __future__ import annotations

from markupsafe import Markup

from harness.report.text import one_line
from harness.verdict.result import Cable, Cabling, End

_ROW, _TOP, _BOX, _WIDTH = 34, 74, 200, 800
_LEFT = {"implementation": 4, "switch": 300, "tester": 596}
_TITLES = {"implementation": "Implementation", "switch": "Managed switch", "tester": "Tester"}
_PORT_WIDTH, _PORT_HEIGHT = 74, 22


def picture(cabling: Cabling) -> Markup:
    """Draw it. Ends at nodes other than those three are listed in the table beside the picture, not drawn."""
    drawn = [cable for cable in cabling.cables if _columns(cable)]
    rows = _rows(drawn)
    switched = [rows[id(cable)] for cable in drawn if "switch" in (cable.a.node, cable.b.node)]
    below = 1 + max(switched) if switched else 0
    bottoms = {"switch": _y(below, 0) - _ROW // 2 + 4}
    deepest = max((_y(row, below) for row in rows.values()), default=_TOP)
    bottoms["implementation"] = bottoms["tester"] = deepest + _ROW // 2 + 4
    height = bottoms["tester"] + 6
    parts = []
    for node in _LEFT:
        if node == "switch" and not switched:
            continue
        parts.append(_box(node, cabling.captions.get(node, ""), bottoms[node]))
    parts += [_wire(cable, _y(rows[id(cable)], below)) for cable in drawn]
    label = f"{len(cabling.cables)} wires between implementation, switch and tester"
    return Markup(
        '<svg class="bench" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">{parts}</svg>'
    ).format(w=_WIDTH, h=height, label=label, parts=Markup("").join(parts))


def _y(row: int, below: int) -> int:
    """Height of a row's line; rows from ``below`` on stand clear of the switch's box."""
    return _TOP + row * _ROW + _ROW // 2 + (_ROW // 2 if below and row >= below else 0)


def _columns(cable: Cable) -> tuple[End, End] | None:
    """The cable's ends from left to right; None when it cannot be drawn."""
    order = list(_LEFT)
    if cable.a.node not in order or cable.b.node not in order or cable.a.node == cable.b.node:
        return None
    first, second = sorted((cable.a, cable.b), key=lambda end: order.index(end.node))
    return first, second


def _rows(cables: list[Cable]) -> dict[int, int]:
    """A row for each cable (by identity): either side of the switch from the top, then straight wires."""
    rows: dict[int, int] = {}
    used = {"implementation": 0, "tester": 0}
    straight = []
    for cable in cables:
        outer = [end.node for end in (cable.a, cable.b) if end.node != "switch"]
        if len(outer) == 1:
            rows[id(cable)] = used[outer[0]]
            used[outer[0]] += 1
        else:
            straight.append(cable)
    first = max(used.values())
    rows.update({id(cable): first + number for number, cable in enumerate(straight)})
    return rows


def _box(node: str, caption: str, bottom: int) -> Markup:
    left = _LEFT[node]
    lines = _wrapped(one_line(caption), 30)[:2]
    texts = [
        Markup('<text class="caption" x="{}" y="{}">{}</text>').format(left + 10, 44 + 16 * number, line)
        for number, line in enumerate(lines)
    ]
    return Markup(
        '<rect class="node" x="{x}" y="4" width="{w}" height="{h}" rx="8"/>'
        '<text class="name" x="{t}" y="25">{title}</text>{texts}'
    ).format(x=left, w=_BOX, h=bottom - 4, t=left + 10, title=_TITLES[node], texts=Markup("").join(texts))


def _wire(cable: Cable, y: int) -> Markup:
    ends = _columns(cable)
    assert ends is not None
    first, second = ends
    start, stop = _LEFT[first.node] + _BOX, _LEFT[second.node]
    middle = (start + stop) // 2
    if _LEFT[second.node] - _LEFT[first.node] > 500:
        middle = _LEFT["switch"] + _BOX // 2
    eye = Markup("")
    if cable.captured_at in (first.node, second.node):
        x = start + 16 if cable.captured_at == first.node else stop - 16
        eye = Markup(
            '<g class="eye"><ellipse cx="{x}" cy="{y}" rx="10" ry="6"/><circle cx="{x}" cy="{y}" r="3"/></g>'
        ).format(x=x, y=y)
    words = ", ".join(filter(None, (cable.topology, f"captured at {cable.capture}" if cable.capture else "")))
    return Markup(
        '<g class="wire {kind}"><title>{name}: {a} to {b}. {words}</title>'
        '<line x1="{start}" y1="{y}" x2="{stop}" y2="{y}"/>{ports}{eye}'
        '<text class="label" x="{middle}" y="{above}">{label}</text></g>'
    ).format(
        kind=Markup("t1" if cable.topology == "T1" else "t2"),
        name=one_line(cable.name),
        a=one_line(first.port),
        b=one_line(second.port),
        words=one_line(words),
        start=start,
        stop=stop,
        y=y,
        ports=_port(first.port, start - _PORT_WIDTH - 6, y) + _port(second.port, stop + 6, y),
        eye=eye,
        middle=middle,
        above=y - 5,
        label=_clipped(one_line(cable.name), 9 if stop - start < 200 else 40),
    )


def _port(name: str, x: int, y: int) -> Markup:
    return Markup(
        '<rect class="port" x="{x}" y="{top}" width="{w}" height="{h}" rx="4"/>'
        '<text class="label" x="{middle}" y="{base}">{name}</text>'
    ).format(
        x=x,
        top=y - _PORT_HEIGHT // 2,
        w=_PORT_WIDTH,
        h=_PORT_HEIGHT,
        middle=x + _PORT_WIDTH // 2,
        base=y + 4,
        name=_clipped(one_line(name), 11),
    )


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _wrapped(text: str, length: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= length:
            lines[-1] = joined
        else:
            lines.append(_clipped(word, length))
    return [line for line in lines if line]
