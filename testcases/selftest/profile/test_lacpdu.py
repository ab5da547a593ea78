"""LACPDUs of version 1 and 2 by the rows about their version and their last TLV, in tests and the monitor."""

from __future__ import annotations

import pytest

from harness.pdu import PortInfo, lacpdu_frame
from harness.profile import Edition, profile
from harness.profile.lacpdu import length_wrong, reserved_wrong, terminator_wrong, version_wrong
from testcases.selftest.monitor.story import Story

VERSION_1 = lacpdu_frame("02:00:5e:00:52:01", PortInfo(port=1, key=1), PortInfo())

PORT_ALGORITHM = bytes.fromhex("04060080c201")
CONVERSATION_DIGEST = bytes.fromhex("0514") + b"\x01\x02" + bytes(range(16))
CONVERSATION_MASK = bytes.fromhex("0622") + bytes(range(1, 33))


def version_2(*tlvs: bytes, behind: bytes = b"") -> bytes:
    """An LACPDU of version 2 with these TLVs, a Terminator, and zeros or this behind it."""
    octets = VERSION_1[:15] + b"\x02" + VERSION_1[16:72] + b"".join(tlvs) + bytes(2)
    return (octets + behind).ljust(124, b"\0")


WHOLE = version_2(PORT_ALGORITHM, CONVERSATION_DIGEST)
LONG = version_2(PORT_ALGORITHM, CONVERSATION_DIGEST, CONVERSATION_MASK, CONVERSATION_MASK)
OF_2014: Edition = "802.1AX-2014"


def wrong(octets: bytes, edition: Edition, tlvs: str | None = None) -> dict[str, str]:
    """What is wrong with an LACPDU, by row."""
    chosen = {"version_2_tlvs": tlvs} if tlvs else {}
    judged_by = profile(edition, chosen)
    found = {
        "LF-06": version_wrong(octets, judged_by.reading("lacp_version")),
        "LF-10": terminator_wrong(octets, judged_by.reading("version_2_tlvs")),
        "LF-13": reserved_wrong(octets, judged_by.reading("version_2_tlvs")),
        "LF-14": length_wrong(octets),
    }
    return {row: words for row, words in found.items() if words}


@pytest.mark.parametrize("edition", ["802.3ad-2000", "802.1AX-2008", "802.1AX-2014", "802.1AX-2020"])
def test_version_1_is_right_in_every_edition(edition: Edition) -> None:
    assert wrong(VERSION_1, edition) == {}
    assert wrong(VERSION_1, edition, "judged") == {}


@pytest.mark.parametrize("octets", [WHOLE, LONG, version_2()], ids=["short", "long", "without TLVs"])
def test_version_2_is_an_option_since_2014(octets: bytes) -> None:
    assert wrong(octets, OF_2014) == {}
    assert wrong(octets, OF_2014, "judged") == {}
    assert set(wrong(octets, "802.3ad-2000")) == {"LF-06"}
    assert set(wrong(octets, "802.1AX-2008")) == {"LF-06"}


@pytest.mark.parametrize("version", [0, 3, 255])
def test_another_version_is_none(version: int) -> None:
    octets = VERSION_1[:15] + bytes([version]) + VERSION_1[16:]
    assert set(wrong(octets, OF_2014)) == {"LF-06"}
    assert set(wrong(octets, "802.1AX-2020")) == ({"LF-06"} if version == 0 else set())


def test_tlvs_of_version_2_in_version_1_are_wrong() -> None:
    octets = WHOLE[:15] + b"\x01" + WHOLE[16:]
    assert set(wrong(octets, OF_2014)) == {"LF-10", "LF-13"}


@pytest.mark.parametrize(
    ("octets", "rows"),
    [
        (WHOLE[:72] + b"\x04\x3a" + bytes(50), {"LF-10"}),
        (version_2(PORT_ALGORITHM, behind=b"\xee"), {"LF-13"}),
        (version_2(b"\x04\x00"), set()),
    ],
    ids=["without a Terminator", "not zero", "a TLV without a length"],
)
def test_a_broken_chain_is_judged_where_the_reading_says_so(octets: bytes, rows: set[str]) -> None:
    assert wrong(octets, OF_2014) == {}
    assert set(wrong(octets, OF_2014, "judged")) == rows


OF_FORM = {"LF-06", "LF-10", "LF-13", "LF-14", "SP-02"}


@pytest.mark.parametrize("octets", [VERSION_1, WHOLE, LONG], ids=["version 1", "short", "long"])
def test_the_monitor_judges_as_the_edition_has_it(octets: bytes) -> None:
    story = Story().hear(octets)
    story.judged_by = profile(OF_2014)
    assert not story.wrong() & OF_FORM
    assert story.judged() >= OF_FORM


def test_the_monitor_of_an_older_edition_finds_a_long_frame() -> None:
    assert {"LF-06", "SP-02"} <= Story().hear(LONG).wrong() & OF_FORM


def test_a_short_one_is_wrong_in_either_version() -> None:
    assert set(wrong(WHOLE[:110], OF_2014)) == {"LF-14"}
    assert set(wrong(VERSION_1[:110], OF_2014)) == {"LF-13", "LF-14"}
    assert "LF-14" in wrong(VERSION_1 + bytes(4), OF_2014)


def test_no_edition_has_a_frame_longer_than_any() -> None:
    story = Story().hear(version_2(PORT_ALGORITHM).ljust(1515, b"\0"))
    story.judged_by = profile(OF_2014)
    assert "SP-02" in story.wrong()
