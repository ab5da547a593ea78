"""How a breakage finds its place: by function and syntax tree, whatever the layout."""

from __future__ import annotations

import pytest

from testcases.selftest.breakages.breakage import Breakage, Change
from testcases.selftest.breakages.broken import broken
from testcases.selftest.breakages.syntax import Stale, changed_c, changed_python

SOURCE = """\
LIMIT = 3  # in any second
LOW, HIGH = 1, 10


class Port:
    def transmit(self, now):
        # the limit first
        if not self.NTT or self.allowed_at(now) > now: return
        self.NTT = False
        self.send(
            self.frame(source=self.mac),   # from the port's own address
        )

    def pause(self):
        self.NTT = False


ARCS = (
    (ANY, disabled, DISABLED),
    (CURRENT, received, CURRENT),
)
"""

C_SOURCE = """\
static int twice(int x)
{
	return x * 2;
}

SEC("tc") int agr_tx(struct __sk_buff *skb)
{
	int x = 1;
	return x  *  2; /* with other spaces */
}
"""


def changed(place: str, old: str, new: str) -> str:
    return changed_python(SOURCE, [Change(place, old, new)])


@pytest.mark.parametrize(
    ("place", "old", "new", "there", "gone"),
    [
        ("LIMIT", "3", "4", "LIMIT = 4", "LIMIT = 3"),
        ("HIGH", "10", "11", "LOW, HIGH = (1, 11)", "10"),
        ("Port.transmit", "self.NTT = False", "", "return\n        self.send", "return\n        self.NTT"),
        (
            "Port.pause",
            "self.NTT = False",
            "",
            "def pause(self):\n        pass",
            "def pause(self):\n        self",
        ),
        ("Port.transmit", "self.mac", "ZERO", "source=ZERO", "self.mac"),
        ("Port.transmit", "self.allowed_at(now) > now", "", "if not self.NTT:", "allowed_at"),
        (
            "Port.transmit",
            "self.NTT = False\nself.send(self.frame(source=self.mac))",
            "    for _ in range(2):\n        self.send(self.frame(source=self.mac))",
            "for _ in range(2):\n            self.send(self.frame(source=self.mac))",
            "return\n        self.NTT",
        ),
        ("ARCS", "(ANY, disabled, DISABLED)", "", "ARCS = ((CURRENT, received, CURRENT),)", "ANY"),
    ],
)
def test_code_is_found_by_what_it_says(place: str, old: str, new: str, there: str, gone: str) -> None:
    source = changed(place, old, new)
    assert there in source and gone not in source


@pytest.mark.parametrize(
    ("place", "old", "new", "said"),
    [
        ("Port.receive", "self.NTT = False", "", "the file holds 'Port.receive' 0 times, not once"),
        ("Port.pause", "self.NTT = True", "", "Port.pause holds 'self.NTT = True' 0 times, not once"),
        ("Port", "self.NTT = False", "", "Port holds 'self.NTT = False' 2 times, not once"),
        ("Port.pause", "self.NTT = False", "self.NTT=False", "'self.NTT=False' changes nothing"),
        ("LIMIT", "3", "", "'' cannot stand for an expression"),
        ("LIMIT", "3", "x = 3", "'x = 3' cannot stand for an expression"),
    ],
)
def test_what_does_not_fit_is_refused(place: str, old: str, new: str, said: str) -> None:
    with pytest.raises(Stale, match="^.*" + said.replace("(", r"\(").replace(".", r"\.") + "$"):
        changed(place, old, new)


def test_the_breakage_is_named() -> None:
    stale = Breakage("a limit of four", "core/constants.py", "MOST", "3", "4", ("TX-01",), "43.4.16")
    with pytest.raises(Stale, match=r"^a limit of four: core/constants\.py: the file holds 'MOST' 0 times"):
        broken(SOURCE, stale)


def test_c_is_found_by_function_and_tokens() -> None:
    source = changed_c(C_SOURCE, [Change("agr_tx", "return x * 2;", "return x;")])
    assert "int x = 1;\n\treturn x; /*" in source and "return x * 2;" in source
    with pytest.raises(Stale, match=r"agr_tx holds 'return x \+ 2;' 0 times"):
        changed_c(C_SOURCE, [Change("agr_tx", "return x + 2;", "")])
    with pytest.raises(Stale, match="agr_rx holds 'its own definition' 0 times"):
        changed_c(C_SOURCE, [Change("agr_rx", "return x;", "")])
