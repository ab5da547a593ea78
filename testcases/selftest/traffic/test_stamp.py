"""A stamp says what was put into it, and when any octet of it was changed."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from harness.traffic.stamp import FIELDS, OCTETS, TICK_NS, delays, intact, stamp, ticks

WORD = st.integers(0, 2**32 - 1)
stamps = st.tuples(WORD, st.integers(0, 0xFFFF), WORD, st.integers(0, 2**63))


def rows(*octets: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.frombuffer(b"".join(octets), np.uint8).reshape(-1, OCTETS)


@given(stamps)
def test_what_was_put_in(said: tuple[int, int, int, int]) -> None:
    (found,) = rows(stamp(*said)).view(FIELDS)[:, 0]
    assert (found["run"], found["flow"], found["sequence"]) == said[:3]
    assert found["sent"] == ticks(said[3])


@given(st.lists(stamps, min_size=1, max_size=20))
@example([(0, 0, 0, 0), (2**32 - 1, 0xFFFF, 2**32 - 1, 2**63)])
def test_what_is_as_it_was_made_is_intact(said: list[tuple[int, int, int, int]]) -> None:
    assert intact(rows(*(stamp(*one) for one in said))).all()


@given(stamps, st.integers(0, OCTETS - 1), st.integers(1, 255))
@example((0, 0, 0, 0), 0, 255)
@example((0, 0, 0, 0), OCTETS - 1, 255)
def test_any_octet_that_was_changed_shows(said: tuple[int, int, int, int], place: int, change: int) -> None:
    octets = bytearray(stamp(*said))
    octets[place] ^= change
    assert intact(rows(stamp(*said), bytes(octets))).tolist() == [True, False]


@given(st.integers(2**60, 2**61), st.integers(-(2**38), 2**38))
def test_a_delay_is_known_as_well_as_the_tick(sent_ns: int, delay: int) -> None:
    received = np.array([sent_ns + delay], np.int64)
    (found,) = delays(received, np.array([ticks(sent_ns)], np.uint32)).tolist()
    assert abs(found - delay) < TICK_NS
