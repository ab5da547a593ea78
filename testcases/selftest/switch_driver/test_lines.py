"""Log messages, --More-- and line ends are taken out of a stream, however it is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.switch.cisco_ios.lines import Cleaner, is_message
from testcases.selftest.switch_driver.fake_ios import MESSAGE

MESSAGES = [
    MESSAGE,
    "%SYS-5-CONFIG_I: Configured from console by admin on console",
    "*Mar  1 00:02:11.000: %LINK-5-CHANGED: Interface Gi1/0/1, changed state to administratively down",
    "Mar 12 2024 10:02:11 UTC: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi1/0/1, changed state to up",
    ".Mar 12 10:02:11.123 CEST: %EC-5-BUNDLE: Interface Gi1/0/1 joined port-channel Po1",
    "000123: *Mar  1 00:02:11.000: %LINK-3-UPDOWN: Interface Gi1/0/1, changed state to up",
    "00:05:12: %LINK-3-UPDOWN: Interface Gi1/0/1, changed state to up",
    "*Mar  1 00:02:11.000: %DUAL-5-NBR: neighbor <down> [old] #3> gone",
    "1w2d: %PLATFORM_PM-SP-4-BAD: something",
]
NO_MESSAGES = [
    "% Invalid input detected at '^' marker.",
    "%Warning: portfast should only be enabled on ports connected to a single",
    "*    1 24    WS-C2960-24TT-L    15.0(2)SE11    C2960-LANBASEK9-M",
    "Mar 12 is a date",
    "00:05:12 uptime",
    "",
]


@pytest.mark.parametrize("line", MESSAGES)
def test_messages_are_known(line: str) -> None:
    assert is_message(line)


@pytest.mark.parametrize("line", NO_MESSAGES)
def test_other_lines_are_not_taken_for_messages(line: str) -> None:
    assert not is_message(line)


def cleaned(pieces: list[str]) -> tuple[str, list[str], int]:
    """Text, messages, and how often a key was asked for."""
    cleaner = Cleaner()
    text, pages = "", 0
    for piece in pieces:
        text += cleaner.feed(piece)
        pages += cleaner.paged
        cleaner.paged = False
    return text, cleaner.messages, pages


PARTS = st.lists(
    st.one_of(
        st.sampled_from([*MESSAGES, *NO_MESSAGES, "sw#show it", " shutdown", "Po1(SU)  LACP  Gi1/0/1(P)"]),
        st.text("ab %*:0123 ", max_size=12),
    ),
    max_size=8,
)


@given(lines=PARTS, end=st.sampled_from(["\r\n", "\n", "\r\r\n"]), data=st.data())
def test_any_cut_gives_the_same_clean_text(lines: list[str], end: str, data: st.DataObject) -> None:
    stream = "".join(line + end for line in lines) + "sw#"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    text, messages, _ = cleaned(pieces)
    assert text == "".join(f"{line}\n" for line in lines if not is_message(line)) + "sw#"
    assert messages == [line.strip() for line in lines if is_message(line)]


PAGED = "a\r\nb\r\n --More-- " + "\b" * 9 + " " * 8 + "\b" * 9 + " c\r\nsw#"


@pytest.mark.parametrize("cut", range(len(PAGED)))
def test_more_is_taken_out_and_asks_for_a_key(cut: int) -> None:
    text, _, pages = cleaned([PAGED[:cut], PAGED[cut:]])
    assert text == "a\nb\n c\nsw#"
    # Only where the line waits there is the key due: not when the next page has already come.
    waits = PAGED.index("--More--") + len("--More--") <= cut <= PAGED.index("\b")
    assert pages == (1 if waits else 0)


def test_a_prompt_is_given_out_at_once() -> None:
    assert cleaned(["\r\nsw#"])[0] == "\nsw#"
    assert cleaned(["Password: "])[0] == "Password: "
    assert cleaned(["Proceed with reload? [confirm]"])[0] == "Proceed with reload? [confirm]"
