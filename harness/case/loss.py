"""Where offered frames were lost, doubled or put out of order on their way through a switch.

    from the host:  offered to the client | the host's ports | switch | the tester's port
    to the host:    offered | the tester's port | switch | the host's ports | the client

What each place proves. *Offered*: a socket took the frame. *The tester's port*, going out: its driver was
given the frame. *The host's ports*, coming in: the kernel received the frame, and the implementation had it
to take (its hooks come behind the capture, unless it loads a program of XDP, which comes before). *The
host's ports*, going out: the implementation has sent it; whether it left the NIC is the bench's. *The
client*, coming in: it was delivered. So the implementation answers for what happens between the host's ports
and its client, and the bench for the rest, unless the implementation's own LACPDUs gave the switch a reason
to lose frames.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harness.case.case import Case
from harness.case.match import lacpdu
from harness.case.offer import Offer
from harness.case.traffic import Key, inversions, record
from harness.dut.implementation import Aggregate
from harness.profile.constants import SHORT_TIMEOUT_TIME
from harness.verdict import Inconclusive
from harness.wire.moment import doubt, may_be_from
from harness.wire.wire import Tap, Wire

IN_USE = lacpdu(Synchronization=1, Collecting=1, Distributing=1)


@dataclass(frozen=True)
class Stage:
    """What was seen at places that frames pass side by side: `words` for them; frames by place, by time."""

    words: str
    places: Mapping[str, Sequence[Key]]
    merged: Sequence[Key]


@dataclass(frozen=True)
class Leg:
    """What became of frames between two stages; `words` for what lies between, `number` of frames in all.

    `missing` were seen before and neither behind nor later on the way; `copies` are more than were seen
    before; `late` are those behind a frame of their conversation that was behind them before.
    """

    before: Stage
    after: Stage
    words: str
    number: int
    missing: Sequence[Key]
    copies: int
    late: int

    @property
    def clean(self) -> bool:
        """Nothing happened here."""
        return not (self.missing or self.copies or self.late)

    def text(self) -> str:
        """For reports: "864 of 11,968 frames did not reach re0, re1: lost in the switch, between ..."."""
        where = f"{self.words}, between {self.before.words} and {self.after.words}"
        said = []
        if self.missing:
            said.append(f"{len(self.missing):,} of {self.number:,} frames did not reach {self.after.words}: "
                        f"lost {where}")  # fmt: skip
        if self.copies:
            said.append(f"{self.copies:,} copies of frames were made {where}")
        if self.late:
            said.append(f"{self.late:,} frames came behind one that was sent later {where}")
        return "; ".join(said)


class Passing:
    """What became of an offer through a switch since a time: `own` is the implementation's part.

    `others` are the bench's: the switch, its cables, the tester's port.
    """

    def __init__(
        self,
        case: Case,
        offer: Offer,
        wires: Sequence[Wire],
        client: Tap,
        tester: Tap,
        *,
        inward: bool,
        since: float,
    ) -> None:
        with case.loop.lock:
            offered = list(offer.sent)
        source = tester if inward else client
        stages = [Stage(f"the offer at {source.name}", {"": offered}, offered)]
        ports = [wire.tap for wire in wires]
        at_the_host = f"the host's ports ({', '.join(wire.port for wire in wires)})"
        way: list[tuple[str, Sequence[Tap], bool]] = [(at_the_host, ports, inward)]
        if inward:
            way = [(f"the tester's port ({tester.name})", [tester], True), *way]
        end = client if inward else tester
        way.append(
            (f"the client ({end.name})" if inward else f"the tester's port ({end.name})", [end], False)
        )
        stages += [_seen(words, taps, sent, offer, since) for words, taps, sent in way]
        between = ["in the tester's own queue", "in the switch or on its cables", "by the implementation"]
        legs = _overtaken(_legs(stages, between if inward else between[2:0:-1]))
        self.own = legs[-1] if inward else legs[0]
        self.others = [leg for leg in legs if leg is not self.own]

    def bench_lost_nothing(self) -> None:
        """Raise Inconclusive, with place and counts, where something happened before or behind `own`.

        What is to be charged to the implementation is judged first; see `reason_to_lose` for what else is.
        """
        troubled = [leg.text() for leg in self.others if not leg.clean]
        if troubled:
            raise Inconclusive("; ".join(troubled))


def reason_to_lose(case: Case, wires: Sequence[Wire], since: float) -> str:
    """Why a switch may lose frames on the implementation's account; "" where there is no why.

    Each LACPDU of its must say that the link is in use, and none be so late that the switch may give up.
    """
    end = case.now()
    for wire in wires:
        said = [f for f in wire.received(since - SHORT_TIMEOUT_TIME) if f.is_lacpdu]
        if other := next((f for f in said if may_be_from(f.time, since) and not IN_USE(f)), None):
            return f"an LACPDU of the implementation on {wire.name}: {other.text()}"
        times = [*(f.time for f in said), end]
        pauses = [b - a for a, b in pairwise(times)]
        if max((pause + doubt(pause) for pause in pauses), default=SHORT_TIMEOUT_TIME) >= SHORT_TIMEOUT_TIME:
            return f"no LACPDU of the implementation on {wire.name} for {SHORT_TIMEOUT_TIME:g} s"
    return ""


def passing(
    case: Case, aggregate: Aggregate, wires: Sequence[Wire], offer: Offer, *, inward: bool, since: float
) -> Passing:
    """What became of an offer on its way between the aggregate's client and the tester's port at the switch.

    `inward`: to the client. Raises Inconclusive where there is no tester's port at the switch.
    """
    if case.bench.traffic is None:
        raise Inconclusive(f"{case.bench.lab.file}: traffic: no tester's port at the switch")
    return Passing(case, offer, wires, aggregate.client, case.bench.traffic, inward=inward, since=since)


def _seen(words: str, taps: Sequence[Tap], sent: bool, offer: Offer, since: float) -> Stage:
    """The offered frames that passed these captures in one direction."""
    found: dict[str, list[Key]] = {}
    every: list[tuple[float, Key]] = []
    for tap in taps:
        with tap.loop.lock:
            frames = [f for f in tap.frames if f.sent is sent and may_be_from(f.time, since)]
        keys = [(f.time, key) for f in frames if offer.data(f) and (key := record(f))]
        found[tap.name] = [key for _, key in keys]
        every += keys
    every.sort(key=lambda one: one[0])
    return Stage(words, found, [key for _, key in every])


def _legs(stages: Sequence[Stage], between: Sequence[str]) -> list[Leg]:
    legs: list[Leg] = []
    later: set[Key] = set()  # what a capture misses and is seen further on was not lost before it
    number = len(stages[0].merged)
    for (before, after), words in reversed(list(zip(pairwise(stages), between, strict=True))):
        later |= set(after.merged)
        had, has = Counter(before.merged), Counter(after.merged)
        missing = [key for key in had if key not in later]
        copies = sum(max(0, times - max(1, had[key])) for key, times in has.items())
        legs.append(Leg(before, after, words, number, missing, copies, _late(before, after)))
    return legs[::-1]


def _overtaken(legs: Sequence[Leg]) -> list[Leg]:
    """The legs, with frames that overtook each other on several links put to the leg that spread them."""
    late = _late(legs[0].before, legs[-1].after)
    if not late or any(leg.late for leg in legs):
        return list(legs)
    return [replace(leg, late=late) if len(leg.after.places) > 1 else leg for leg in legs]


def _late(before: Stage, after: Stage) -> int:
    """Frames that one place before had in another order: by place, since none is promised between two."""
    came = list(dict.fromkeys(after.merged))
    late = 0
    for keys in before.places.values():
        rank = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        order: dict[int, list[int]] = defaultdict(list)
        for key in came:
            if key in rank:
                order[key[0]].append(rank[key])
        late += sum(map(inversions, order.values()))
    return late
