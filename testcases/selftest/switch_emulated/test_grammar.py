"""Abbreviations, interface names, and the place where a line goes wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.switch import names
from fixtures.switch.commands import grammars
from fixtures.switch.grammar import Match, Node, Problem, Tree, abbreviated
from fixtures.switch.session import Mode
from testcases.selftest.switch_emulated.fake import FEATURES

WORDS = st.text(alphabet="abc-", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, unique=True), WORDS)
def test_an_abbreviation_stands_for_every_word_it_begins(words: list[str], token: str) -> None:
    tree = Tree()
    for word in words:
        tree.add(word, lambda: None)
    meant = [word for word in words if word.startswith(token)]
    found = tree.parse(token)
    if token in words or len(meant) == 1:
        assert isinstance(found, Match)
    else:
        assert isinstance(found, Problem)
        assert found.kind == ("ambiguous" if meant else "invalid")


@given(st.sampled_from(["show", "etherchannel", "summary", "Show", "SUMMARY"]), st.integers(1, 12))
def test_case_does_not_matter(word: str, length: int) -> None:
    typed = word[:length]
    assert abbreviated(typed, [word.lower()]) == [word.lower()]


def _commands(node: Node, typed: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command of a tree that has words only."""
    found = [typed] if node.handler else []
    for word, (_, after) in node.words.items():
        if word != "do":
            found += _commands(after, (*typed, word))
    return found


COMMANDS = [(mode, words) for mode, tree in grammars(FEATURES).items() for words in _commands(tree.root)]


@given(st.sampled_from(COMMANDS), st.data())
def test_a_command_in_its_shortest_words_is_the_command(
    command: tuple[Mode, tuple[str, ...]], data: st.DataObject
) -> None:
    mode, words = command
    tree, node, typed = grammars(FEATURES)[mode], grammars(FEATURES)[mode].root, []
    for word in words:
        lengths = [n for n in range(1, len(word) + 1) if abbreviated(word[:n], list(node.words)) == [word]]
        typed.append(word[: data.draw(st.sampled_from(lengths))])
        node = node.words[word][1]
    full, short = tree.parse(" ".join(words)), tree.parse(" ".join(typed))
    assert isinstance(full, Match)
    assert short == full


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("gi1/0/1", "GigabitEthernet1/0/1"),
        ("GigabitEthernet 1/0/1", "GigabitEthernet1/0/1"),
        ("g1/0/10", "GigabitEthernet1/0/10"),
        ("po1", "Port-channel1"),
        ("port-channel 48", "Port-channel48"),
        ("te1/1", "TenGigabitEthernet1/1"),
        ("twe1/0/2", "TwentyFiveGigE1/0/2"),
        ("tw1/0/2", "TwoGigabitEthernet1/0/2"),
        ("HundredGigE1/0/49", "HundredGigE1/0/49"),
    ],
)
def test_interface_names(typed: str, name: str) -> None:
    assert names.read_interface(typed) == (name, len(typed))


@pytest.mark.parametrize("typed", ["", "gi", "1/0/1", "vlan1", "po49", "po0", "gix1/0/1"])
def test_no_interface_names(typed: str) -> None:
    assert names.read_interface(typed) is None


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("gi1/0/1", "1"),
        ("gi1/0/1 - 3", "123"),
        ("gi1/0/1-3", "123"),
        ("gi1/0/1 -2 , gi1/0/7", "127"),
        ("gi1/0/7,gi1/0/1", "71"),
        ("gi1/0/1,gi1/0/1-2", "12"),
    ],
)
def test_ranges(typed: str, ends: str) -> None:
    assert names.read_range(typed) == ([f"GigabitEthernet1/0/{end}" for end in ends], len(typed))


@pytest.mark.parametrize("typed", ["gi1/0/3 - 1", "gi1/0/1 ,", "1 - 3"])
def test_bad_ranges(typed: str) -> None:
    assert names.read_range(typed) is None


@pytest.mark.parametrize(
    ("line", "kind", "marker"),
    [
        ("show etherchannel summary extra", "invalid", "                          ^"),
        ("show etherchannel sumary", "invalid", "                     ^"),
        ("show etherchannel 49 summary", "invalid", "                  ^"),
        ("  sh   foo", "invalid", "       ^"),
        ("show lacp", "incomplete", None),
        ("show l", "ambiguous", None),
        ("show version | ", "incomplete", None),
        ("show version | grep x", "invalid", "               ^"),
        ("show version | in", "incomplete", None),
        ("configure terminal | include x", "invalid", "                   ^"),
    ],
)
def test_where_a_line_goes_wrong(line: str, kind: str, marker: str | None) -> None:
    found = grammars(FEATURES)[Mode.PRIVILEGED].parse(line)
    assert isinstance(found, Problem)
    assert found.kind == kind
    if marker is not None:
        assert found.position == marker.index("^")
