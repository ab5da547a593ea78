"""Links between an aggregate and the managed switch: what each end says of them, on the wires and in words.

Three see a link: the wire, the implementation by its status, the switch by its command line. Where the switch
says of itself, or of what it has heard, other than the wire shows, that is the bench's trouble; where it does
not do its part, nothing is judged. Only what the implementation says and does is a FAIL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from harness.case.agreement import agreement
from harness.case.case import Case
from harness.case.premises import BRING_UP_TIME, step_missed
from harness.case.switched import SwitchLag, oddities, switch_lag
from harness.dut.implementation import Aggregate, PortStatus
from harness.pdu import Frame, PortInfo, State
from harness.profile.constants import FAST_PERIODIC_TIME, LONG_TIMEOUT_TIME, PROMPT, SHORT_TIMEOUT_TIME
from harness.switch import Internal, Neighbor, Refusal
from harness.verdict import BenchError, Inconclusive, NotApplicable, NotJudged
from harness.wire.moment import doubt, may_be_from, may_be_until
from harness.wire.wire import Wire

IN_USE = State.Synchronization | State.Collecting | State.Distributing

READY = State.Synchronization | State.Collecting

IN_USE_BY_OWN = State.Collecting | State.Distributing

SHOWN_TIME = 2.0 * FAST_PERIODIC_TIME
"""Seconds in which what is wrong all the time shows: whoever was held up before has no part in it."""

AHEAD = {"Synchronization": 0, "Collecting": 0, "Distributing": 0}
"""Bits in which an end may be ahead of its last LACPDU, where its partner wants one every 30 seconds."""


@dataclass(frozen=True)
class Link:
    """What both ends of a link said in their last LACPDUs."""

    own: Frame
    switch: Frame

    @property
    def settled(self) -> bool:
        """Both distribute, and each has heard that of the other."""
        return self.heard and all(IN_USE in info.state for info in (self.own.actor, self.switch.actor))

    @property
    def heard(self) -> bool:
        """Each end has what the other said last."""
        return self.own.partner == self.switch.actor and self.switch.partner == self.own.actor

    @property
    def partner(self) -> PortInfo:
        """What the implementation is to know of its partner: what the switch said last, or, where that was
        too long ago (43.4.12: EXPIRED, DEFAULTED), what it says of it itself."""
        mine = self.own.actor.state
        timeout = SHORT_TIMEOUT_TIME if State.Timeout in mine else LONG_TIMEOUT_TIME
        silent = self.own.time - self.switch.time > timeout - PROMPT
        gone = silent and mine & (State.Expired | State.Defaulted)
        return self.own.partner if gone else self.switch.actor

    def text(self) -> str:
        """For reports."""
        return f"{self.own.text()}; {self.switch.text()}"


class Ends:
    """An aggregate and a LAG of the switch over some wires; ``wires`` may be changed: those looked at."""

    def __init__(self, case: Case, lag: SwitchLag, aggregate: Aggregate, wires: Sequence[Wire]) -> None:
        self.lag = lag
        self.aggregate = aggregate
        self.wires = list(wires)
        self._case = case

    def link(self, wire: Wire, until: float = float("inf")) -> Link | None:
        """The last LACPDUs on a wire up to a moment; None where an end had not spoken yet."""
        last: dict[bool, Frame] = {}
        with self._case.loop.lock:
            for frame in reversed(wire.frames):
                if frame.is_lacpdu and frame.time <= until:
                    last.setdefault(frame.sent, frame)
                if len(last) == 2:
                    return Link(last[False], last[True])
        return None

    def settle(self, row: str, used: Sequence[Wire] | None = None, *, judged: bool = False) -> None:
        """Wait until these links, by default all, and no other ones are in use, by LACPDUs from now on.

        FAIL of the row where the implementation is why they are not; Inconclusive where it is the switch.
        That links come into use is a premise, unless that is what is ``judged``. All that are in use must be
        of one LAG (43.3.6). Then both ends' words are compared with the wires: see `agree`. Both ends must be
        at the fast rate.
        """
        case, since = self._case, self._case.now()
        wanted = self.wires if used is None else list(used)

        def as_wanted() -> bool:
            return all(self._used(wire, since) is (wire in wanted) for wire in self.wires)

        if not case.until(as_wanted, within=BRING_UP_TIME):
            self._blame(row, wanted, since, judged=judged)
        lags = {wire.name: self._lag_id(wire) for wire in wanted}
        case.check(len(set(lags.values())) <= 1, "one LAG ID on all links in use", lags, row=row)
        self.agree()

    def settled(self, wire: Wire, since: float) -> bool:
        """Whether both ends distribute on a link, and have heard so, by LACPDUs since then."""
        return self._used(wire, since) is True

    def _used(self, wire: Wire, since: float) -> bool | None:
        """Whether both ends distribute on a link, and have heard so; None where only one of them does, or
        both have not spoken since then."""
        seen = self.link(wire)
        if not wire.up:
            return False
        if seen is None or may_be_until(seen.own.time, since):
            return None
        if State.Distributing not in seen.own.actor.state:
            return False
        return True if seen.settled and not may_be_until(seen.switch.time, since) else None

    def own_id(self, wire: Wire) -> tuple[int, str, int]:
        """The implementation's half of the LAG ID, by its last LACPDU: system priority, system, key."""
        seen = self.link(wire)
        if seen is None:
            self._case.unmet("PT-01", f"LACPDUs of both ends on {wire.name}", "none of one end")
        info = seen.own.actor
        return info.system_priority, info.system, info.key

    def follows(self, row: str) -> bool:
        """FAIL where a link is not in use that the switch is in sync with and collects from, by its last
        LACPDU, or is in use where the switch is out of sync.

        Gives whether there was such a link to judge.
        """
        judged = False
        for wire in self.wires:
            seen = self.link(wire)
            if seen is None or not wire.up:
                continue
            own, state = seen.own, seen.switch.actor.state
            said, now = seen.switch.time, self._case.now()
            window = float(said) - doubt(said), now
            if READY in state and not may_be_until(said, now - SHOWN_TIME):  # it is not silent
                words = f"{wire.name} in use, as the switch is in sync with it and collects"
                used = State.Distributing in own.actor.state or own.time < seen.switch.time
                self._case.check(used, words, seen.text(), row=row, window=window)
            elif State.Synchronization not in state:
                words = f"{wire.name} not in use, as the switch is out of sync with it"
                used = own.time > seen.switch.time + PROMPT and bool(own.actor.state & IN_USE_BY_OWN)
                self._case.check(not used, words, seen.text(), row=row, window=window)
            else:
                continue
            judged = True
        return judged

    def _lag_id(self, wire: Wire) -> tuple[tuple[int, str, int], ...]:
        """Systems and keys of both ends."""
        seen = self.link(wire)
        ends = (seen.own.actor, seen.switch.actor) if seen else ()
        return tuple((info.system_priority, info.system, info.key) for info in ends)

    def _blame(self, row: str, wanted: Sequence[Wire], since: float, *, judged: bool) -> None:
        """Say whose fault it is that other links are in use than were wanted."""
        names = ", ".join(wire.name for wire in wanted) or "none"
        words = f"in use at both ends: {names}"
        end = self._case.now()
        for wire in self.wires:
            reason = self._unwilling(wire) if wire in wanted else self._too_willing(wire)
            if reason is None or not wire.up:
                continue
            step, why = reason
            window = (since, end) if wire in wanted else (end - SHOWN_TIME, end)
            if judged or step in self._case.rows or wire not in wanted:
                claimed = step if step in self._case.rows else row
                self._case.fail(words, why, row=claimed, window=window)
            self._case.unmet(step, words, why, window=window)
        raise Inconclusive(f"not {words}; the implementation does its part: {self.text()}")

    def _unwilling(self, wire: Wire) -> tuple[str, str] | None:
        """Which row the implementation breaks where a link is not in use, and how; None where it has done its
        part: it waits for the switch, which is silent, has not heard it, is not in sync, or slow."""
        last = {frame.sent: frame for frame in wire.frames if frame.is_lacpdu}
        own, switch = last.get(False), last.get(True)
        if own is None:
            return ("PT-14", f"no LACPDU on {wire.name}, where the switch sends some") if switch else None
        if switch is None:
            return None
        seen = f"{wire.name}: {own.text()}; {switch.text()}"
        if own.partner.identity != switch.actor.identity:
            return "LF-26", seen
        if State.Synchronization not in own.actor.state:
            return step_missed([own]), seen
        if switch.partner.identity != own.actor.identity or State.Synchronization not in switch.actor.state:
            return None
        if State.Timeout not in switch.actor.state:
            return None  # the implementation need not say yet what it does: its next LACPDU is 30 s away
        if State.Collecting not in own.actor.state:
            return "MX-06", seen
        if State.Collecting in switch.actor.state and State.Distributing not in own.actor.state:
            return "MX-08", seen
        return None

    def _too_willing(self, wire: Wire) -> tuple[str, str] | None:
        """How the implementation uses a link that it should not use; None where the switch has it so."""
        seen = self.link(wire)
        if seen is None or State.Distributing not in seen.own.actor.state:
            return None
        row = "MX-11" if State.Synchronization not in seen.switch.actor.state else ""
        return row, f"{wire.name}: {seen.text()}"

    def text(self) -> str:
        """What both ends said last on each link, for reports."""
        links = {wire.name: self.link(wire) for wire in self.wires}
        return "; ".join(f"{n}: {x.text() if x else 'not an LACPDU of each end'}" for n, x in links.items())

    # -- words

    def agree(self) -> None:
        """FAIL unless the implementation's status is as the wires have it (MG-05), of those with carrier.

        BenchError where the switch's command line shows it otherwise: that is its own affair, as is what its
        LACPDUs should not be, which is reported.
        """
        self.status_as_heard()
        self.switch_as_said()
        for odd in oddities(self._case, self.wires):
            if odd not in self._case.notes:
                self._case.report(odd)

    def _spoken(self) -> list[Wire]:
        """The wires with carrier on which both ends have spoken."""
        return [wire for wire in self.wires if wire.up and self.link(wire) is not None]

    def status_as_heard(self) -> None:
        """FAIL of MG-05 unless the status has as Actor what the implementation's LACPDUs say of it, and as
        Partner what those of the switch say."""
        wires = self._spoken()
        found = agreement(
            self._case,
            wires,
            lambda: self.aggregate.status().ports,
            partial(self._links, wires),
            lambda said, seen: all(_as_heard(said.get(wire.port), seen[wire.name]) for wire in wires),
            FAST_PERIODIC_TIME,
        )
        differs = [w for w in wires if not _as_heard(found.said.get(w.port), found.after[w.name])]
        self._case.check(
            found.right,
            f"a status of {', '.join(wire.port for wire in wires)} as LACPDUs of both ends have it",
            "; ".join(_difference(w, found.said.get(w.port), found.after[w.name]) for w in differs),
            row="MG-05",
            window=(self._case.now() - SHOWN_TIME, self._case.now()),
        )

    def _links(self, wires: Sequence[Wire], until: float) -> dict[str, Link | None]:
        return {wire.name: self.link(wire, until) for wire in wires}

    def switch_as_said(self) -> None:
        """BenchError unless the switch shows of its partners what it heard, and of itself what it says."""
        wires = self._spoken()
        for command, read, own in (
            ("neighbors", self.lag.switch.neighbors, True),
            ("internals", self.lag.switch.internals, False),
        ):
            shown = partial(self._shown, read)
            said = partial(self._said, wires, own)
            found = agreement(self._case, wires, shown, said, _within, FAST_PERIODIC_TIME)
            if not found.right:
                whose = "the LACPDUs that it got" if own else "its own LACPDUs"
                raise BenchError(
                    f"the {command} that the switch shows are not as {whose}: key, port priority, number, "
                    f"state"
                    f" {found.after}; it shows {found.said}"
                )

    def _shown(self, read: Callable[[], Sequence[Neighbor | Internal]]) -> Shown:
        ports = {port: name for name, port in self.lag.ports.items()}
        return {
            ports[row.port]: (row.key, row.port_priority, row.port_number, row.state)
            for row in read()
            if row.port in ports
        }

    def _said(self, wires: Sequence[Wire], own: bool, until: float) -> Said:
        """Of the last LACPDUs up to a moment: the implementation's own, or the switch's."""
        found: dict[str, tuple[int, int, int, int, int]] = {}
        for wire in wires:
            if (seen := self.link(wire, until)) is not None:
                info, other = (
                    (seen.own.actor, seen.switch.actor) if own else (seen.switch.actor, seen.own.actor)
                )
                ahead = not own and State.Timeout not in other.state
                unsure = int(IN_USE) if ahead else 0
                if own and not seen.heard:
                    unsure |= int(State.Synchronization)  # what it records is computed (43.4.9)
                found[wire.name] = (info.key, info.port_priority, info.port, int(info.state), unsure)
        return found


Shown = Mapping[str, tuple[int, int, int, int]]
"""Key, port priority, port number and state of an end, by wire."""

Said = Mapping[str, tuple[int, int, int, int, int]]
"""The same from LACPDUs, with bits of the state that need not be alike."""


def _within(shown: Shown, said: Said) -> bool:
    """Whether what is shown is what was said, of each wire."""
    return all(
        name in shown and shown[name][:3] == told[:3] and not (shown[name][3] ^ told[3]) & ~told[4]
        for name, told in said.items()
    )


def _as_heard(port: PortStatus | None, seen: Link | None) -> bool:
    if port is None or seen is None:
        return False
    own, partner = seen.own.actor, seen.partner
    actor = port.actor
    if State.Timeout in partner.state:
        bits = own.change(Collecting=int(port.collecting), Distributing=int(port.distributing))
        if bits != own:
            return False
    else:
        actor, own = actor.change(**AHEAD), own.change(**AHEAD)
    # What is recorded of the partner's Synchronization is computed (43.4.9).
    sync = {} if seen.heard else {"Synchronization": 0}
    return actor == own and port.partner.change(**sync) == partner.change(**sync)


def _difference(wire: Wire, port: PortStatus | None, seen: Link | None) -> str:
    if port is None or seen is None:
        return f"no status of {wire.port}, or no LACPDU on {wire.name}"
    flags = f"collecting {port.collecting} distributing {port.distributing}"
    return (
        f"{wire.port}: actor[{port.actor.text()}] partner[{port.partner.text()}] {flags}; "
        f"LACPDUs: own[{seen.own.actor.text()}] the switch's[{seen.switch.actor.text()}]"
    )


@contextmanager
def ends_of(
    case: Case,
    wires: Sequence[Wire],
    *,
    mode: Literal["active", "passive"] = "active",
    rate: Literal["fast", "normal"] = "fast",
    **variables: str | int,
) -> Iterator[Ends]:
    """A LAG of the switch and an aggregate over these wires; see `switch_lag` and `Case.aggregate`."""
    with switch_lag(case, wires, mode=mode, rate=rate) as lag:
        chosen: dict[str, Any] = dict(variables)
        yield Ends(case, lag, case.aggregate(wires, **chosen), wires)


@contextmanager
def setting(word: str) -> Iterator[None]:
    """While the block sets this on the switch: raises NotApplicable where the switch has no such command, and
    NotJudged where it does not take it."""
    try:
        yield
    except Refusal as refusal:
        why = f"the switch does not take {word}: {refusal.words}"
        raise (NotApplicable if refusal.unknown else NotJudged)(why) from None


def spoken_by_the_switch(wire: Wire, since: float) -> list[Frame]:
    """The LACPDUs of the switch on a wire from a time on."""
    with wire.tap.loop.lock:
        return [f for f in wire.frames if f.sent and f.is_lacpdu and may_be_from(f.time, since)]


def says(
    case: Case, wire: Wire, what: Callable[[PortInfo], bool], words: str, within: float, since: float
) -> Frame:
    """The first LACPDU of the switch since then that says so. BenchError where none comes in time."""

    def found() -> Frame | None:
        return next((frame for frame in spoken_by_the_switch(wire, since) if what(frame.actor)), None)

    frame = case.until(found, within=within)
    if frame is None:
        last = [frame.text() for frame in spoken_by_the_switch(wire, float("-inf"))][-1:]
        raise BenchError(f"the switch does not say {words} on {wire.name}; its last LACPDU: {last or 'none'}")
    return frame
