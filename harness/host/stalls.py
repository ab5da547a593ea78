"""Stalls of the bench: when, for how long and why the machine kept the implementation or the tester waiting.

INCONCLUSIVE needs a measurement that the implementation cannot influence (docs/design.md, rule 4). So:

- A process of one thread cannot cause its own wait. Where the implementation has several, its wait is that
  of the thread that waited longest; no more of it counts than the time in which others had the processors;
  and of k threads that want to run at once only as much as there are processors for: the rest would wait on
  any machine.
- Whoever keeps the processors busy makes the tester late, and the switch, and timers. Of what these waited
  only the part counts that others had of the processors' time, so an implementation that takes all of it
  excuses nothing.
- Sleep is no wait, nor is a busy loop: only a thread that wants to run and is not let is held up.

The lock of the kernel's interfaces (RTNL) and the disk are measured by probes, which do not see who keeps
them: an implementation that did so for longer than the allowance would not fail by that, but be INCONCLUSIVE
with this as the cause, alone on the machine as well.

That an order to a switch waited for its turn, as the command line was another slice's, is measured where it
waits. A switch under test whose commands are slow makes slices wait; who is alone does not wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KEPT = 36_000
"""Slots that are kept: an hour of ten a second."""

SHOWN = 0.01
"""Seconds below which a source is not named."""

THIS_MACHINE = "the tester's machine"

UNSEEN = 0.05
"""Seconds of waits in a window that no measurement sees: those shorter than a look, or a probe's floor."""


def harmless(allowance: float) -> float:
    """Seconds of measured waits that explain nothing: the allowance, less what is not seen of them."""
    return allowance - min(UNSEEN, allowance / 2)


class Source(StrEnum):
    """Why a bench stalls; the words of a message, with ``{}`` for the implementation's name."""

    IMPLEMENTATION = "the host did not run {}"
    SWITCH = "the host did not run the emulated switch"
    TESTER = "the host did not run the tester"
    FAR_END = "the host did not run the tester's program there"
    LOOP = "the bench was scheduled late"
    TIMERS = "timers came late"
    SOFTIRQ = "frames waited in the kernel for a processor"
    STEAL = "the hypervisor ran something else"
    RTNL = "the kernel's interfaces were locked (RTNL)"
    DISK = "the disk kept a write waiting"
    TURN = "another slice was at the switch's command line"


OF_THE_TESTER = (Source.TESTER, Source.FAR_END, Source.LOOP, Source.TIMERS)


@dataclass(slots=True)
class Slot:
    """The time between two looks. ``late``: seconds by source. Of the processors' seconds ``own`` went to the
    implementation, ``others`` to the rest; ``waited`` is what all its threads waited."""

    start: float
    end: float
    own: float = 0.0
    others: float = 0.0
    waited: float = 0.0
    late: dict[Source, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Stall:
    """How long the bench was stalled in a window of ``window`` seconds, in seconds by source."""

    window: float
    by: Mapping[Source, float]

    @property
    def total(self) -> float:
        """All sources together, those that show that the tester was late as one; no more than the window."""
        tester = max(self.by.get(source, 0.0) for source in OF_THE_TESTER)
        rest = sum(seconds for source, seconds in self.by.items() if source not in OF_THE_TESTER)
        return min(tester + rest, self.window)

    def words(self, implementation: str) -> str:
        """As "the host did not run agr for 1.3 s"; "" where no source is to be named."""
        shown = sorted((seconds, source) for source, seconds in self.by.items() if seconds >= SHOWN)
        return ", ".join(
            f"{source.format(implementation)} for {seconds:.2g} s" for seconds, source in shown[::-1]
        )


@dataclass(frozen=True)
class BenchStall:
    """The stalls of a bench's machines in a window of ``window`` seconds, by where they are; "" is here."""

    window: float
    by: Mapping[str, Stall]

    @property
    def total(self) -> float:
        """Those of all machines together, and no more than the window: one waits for the other."""
        return min(sum(stall.total for stall in self.by.values()), self.window)

    def words(self, implementation: str) -> str:
        """As "the host did not run agr for 1.3 s of these 3.5 s", with the machines' names where there are
        several."""
        several = len(self.by) > 1
        told = [
            f"{words} ({where or THIS_MACHINE})" if several else words
            for where, stall in self.by.items()
            if (words := stall.words(implementation))
        ]
        return f"{'; '.join(told)} of these {self.window:.1f} s"


class Stalls:
    """The stalls of the last hour on a machine of so many processors (``cores``).

    Times are bench seconds; slots before the last `KEPT` are dropped.
    """

    def __init__(self, cores: int = 1) -> None:
        self.cores = cores
        self._slots: deque[Slot] = deque(maxlen=KEPT)
        self._spans: dict[Source, deque[tuple[float, float]]] = {}

    def add(self, slot: Slot, late: Iterable[tuple[Source, float]], waited: Iterable[float] = ()) -> None:
        """Add the slot since the last look: how late each thread was at its end, and the waits of the
        implementation's threads.

        A wait is told when it has ended, so one that is longer than the slot began in those before. Of
        threads of one source the longest wait counts.
        """
        self._slots.append(slot)
        for source, seconds in late:
            for each, part in self._back(seconds):
                each.late[source] = max(each.late.get(source, 0.0), part)
        for seconds in waited:
            for each, part in self._back(seconds):
                each.waited += part

    def _back(self, seconds: float) -> Iterator[tuple[Slot, float]]:
        """The slots of a wait that has just ended, and how much of each it took."""
        for slot in reversed(self._slots):
            part = min(seconds, slot.seconds)
            seconds -= part
            yield slot, part
            if seconds <= 0:
                return

    def note(self, source: Source, start: float, end: float) -> None:
        """Something was late from `start` to `end`. What overlaps with the last such time prolongs it."""
        spans = self._spans.setdefault(source, deque(maxlen=KEPT))
        if spans and start <= spans[-1][1]:
            first, last = spans.pop()
            start, end = min(first, start), max(last, end)
        spans.append((start, end))

    def between(self, start: float, end: float) -> Stall:
        """The stall of the bench between two times."""
        found: dict[Source, float] = {}
        own = others = waited = 0.0
        for slot, share in self._parts(start, end):
            own, others = own + slot.own * share, others + slot.others * share
            waited += slot.waited * share
            for source, seconds in slot.late.items():
                found[source] = found.get(source, 0.0) + seconds * share
        for source, spans in self._spans.items():
            for first, last in reversed(spans):
                if last <= start:
                    break
                found[source] = found.get(source, 0.0) + max(0.0, min(end, last) - max(start, first))
        by_others = others / (own + others) if others else (0.0 if own else 1.0)
        for source in found:
            if source is Source.IMPLEMENTATION:
                at_once = (own + waited) / ((end - start) * self.cores) if end > start else 0.0
                found[source] = min(found[source], others) / max(1.0, at_once)
            elif source is not Source.TURN:  # which is not about processors
                found[source] *= by_others
        return Stall(max(0.0, end - start), found)

    def _parts(self, start: float, end: float) -> Iterator[tuple[Slot, float]]:
        """The slots of a window, and how much of each lies in it."""
        for slot in reversed(self._slots):
            if slot.end <= start:
                return
            inside = min(end, slot.end) - max(start, slot.start)
            if inside > 0:
                yield slot, inside / slot.seconds
