"""Streams in which frames are lost, doubled and late: exactly so many, at random places."""

from __future__ import annotations

from collections import defaultdict
from random import Random

Arrivals = list[tuple[int, int]]
"""Flow and sequence number of each frame."""


def troubled(rng: Random, flows: int, each: int) -> tuple[Arrivals, list[tuple[int, int, int, int]]]:
    """Frames of ``flows`` flows, of ``each`` that many were sent; no frame is twice unlucky.

    And for each flow how many arrive, are doubled, come late and are lost.
    """
    ways, planted = [], []
    for _ in range(flows):
        count = rng.randrange(1, each // 5)
        chosen = rng.sample(range(each - 1), 3 * count)
        lost, doubled, late = chosen[:count], chosen[count : 2 * count], chosen[2 * count :]
        planted.append((each, count, count, count))
        ways.append(_with_faults(rng, each, lost, doubled, late))
    frames = []
    while any(ways):
        flow = rng.choice([number for number, way in enumerate(ways) if way])
        frames.append((flow, ways[flow].pop(0)))
    return frames, planted


def model(frames: Arrivals) -> dict[int, tuple[int, int, int]]:
    """Received, duplicated, reordered of each flow, one frame at a time."""
    seen: dict[int, set[int]] = defaultdict(set)
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for flow, sequence in frames:
        counts[flow][0] += 1
        if sequence in seen[flow]:
            counts[flow][1] += 1
        elif seen[flow] and sequence < max(seen[flow]):
            counts[flow][2] += 1
        seen[flow].add(sequence)
    return {flow: (counted[0], counted[1], counted[2]) for flow, counted in counts.items()}


def _with_faults(rng: Random, each: int, lost: list[int], doubled: list[int], late: list[int]) -> list[int]:
    """The sequence numbers of a flow as they arrive. The last is never late: others can come behind it."""
    way = [sequence for sequence in range(each) if sequence not in {*lost, *late}]
    for sequence in late:
        overtaking = next(place for place, other in enumerate(way) if other > sequence)
        way.insert(rng.randint(overtaking + 1, len(way)), sequence)
    for sequence in doubled:
        way.insert(rng.randint(way.index(sequence) + 1, len(way)), sequence)
    return way
