"""Ways in which a link of a LAG comes and goes: who does it, what may be lost, how long it may last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.case import Case
from harness.dut.implementation import Aggregate
from harness.pdu import PortInfo
from harness.profile.constants import PROMPT, SHORT_TIMEOUT_TIME
from harness.wire.station import Station


@dataclass(frozen=True)
class Link:
    """The link that changes."""

    case: Case
    aggregate: Aggregate
    station: Station


@dataclass
class Fate:
    """``dead``: the bench time from which on nothing is under way on the link that could be overtaken.

    ``deaf``: from when on the partner gets nothing of what is sent to it.
    """

    dead: float = float("inf")
    deaf: float = float("inf")


Limit = Callable[[Case], float | None]


def declared_wait(case: Case) -> float | None:
    """How long conversations that move may be held (MK-23); None where nothing is declared."""
    wait = case.pics.marker_wait
    return None if wait is None else case.latest(wait)


def failover(case: Case) -> float:
    """The bench's limit for a carrier loss (FD-13)."""
    return case.longest_interruption


def partner_notices(case: Case) -> float:
    """A partner that hears nothing is EXPIRED after one short timeout, and DEFAULTED after the next.

    Coupled control heeds it only then (43.4.15). The Response to a Marker may be waited for besides.
    """
    timeouts = 1 if case.pics.independent_control else 2
    wait = case.pics.marker_wait or 0.0
    return case.latest(timeouts * SHORT_TIMEOUT_TIME + PROMPT + wait)


@dataclass(frozen=True)
class Change:
    """``make`` carries the change out and lets pass what belongs to it.

    ``before`` prepares it; ``limit`` is for the interruption of a conversation, ``row`` judges. ``lossless``:
    no frame is in danger. ``slow``: the first link is long, so that a frame may overtake those on it.
    ``first``: it is the first link that changes, else the third.
    """

    row: str
    make: Callable[[Link], Fate]
    limit: Limit = declared_wait
    before: Callable[[Link], None] = lambda link: None
    lossless: bool = True
    slow: bool = False
    first: bool = True


def removed(link: Link) -> Fate:
    """Removed by configuration."""
    link.aggregate.remove(link.station.wire.port)
    return Fate()


def added(link: Link) -> Fate:
    """Added by configuration."""
    link.aggregate.add(link.station.wire.port)
    link.case.distributing([link.station])
    return Fate()


def cut(link: Link) -> Fate:
    """Without carrier."""
    fate = Fate(dead=link.case.now())
    link.station.wire.cut()
    return fate


def brought_back(link: Link) -> Fate:
    """With carrier again."""
    link.station.wire.restore()
    link.case.distributing([link.station])
    return Fate()


def withdrawn(link: Link) -> Fate:
    """Taken out of service by the partner, which says so: it collects no more what is still under way."""
    return Fate(dead=link.station.say(Synchronization=0, Collecting=0, Distributing=0).time)


def silenced(link: Link) -> Fate:
    """The partner's LACPDUs stay away, the link is up and data passes."""
    silent = link.station.last().time
    link.case.run_for(SHORT_TIMEOUT_TIME + PROMPT)
    return Fate(dead=silent + link.case.earliest(SHORT_TIMEOUT_TIME))


def cut_one_way(link: Link) -> Fate:
    """Nothing reaches the partner any more, which goes on speaking and sees it in its own time (43.4.12)."""
    case, partner = link.case, link.station
    now = case.now()
    partner.fixed_echo = partner.echo
    partner.answers = False
    case.run_for(SHORT_TIMEOUT_TIME)
    partner.fixed_echo = partner.echo.change(Synchronization=0)
    partner.say(Collecting=0, Distributing=0, Expired=1)
    case.run_for(SHORT_TIMEOUT_TIME)
    partner.fixed_echo = PortInfo()
    partner.say(Synchronization=0, Expired=0, Defaulted=1)
    return Fate(dead=now, deaf=now)


def take_out(link: Link) -> None:
    """It is no link of the aggregate yet."""
    link.aggregate.remove(link.station.wire.port)


def take_carrier(link: Link) -> None:
    """It has no carrier for a while."""
    link.station.wire.cut()


CHANGES = {
    "added": Change("FD-11", added, before=take_out, first=False),
    "added beside a slow link": Change("FD-11", added, before=take_out, first=False, slow=True),
    "brought back": Change("FD-11", brought_back, before=take_carrier, first=False),
    "removed": Change("FD-12", removed),
    "removed, slow": Change("FD-12", removed, slow=True),
    "withdrawn by the partner": Change("FD-12", withdrawn),
    "cut": Change("FD-13", cut, failover, lossless=False),
    "silenced": Change("FD-14", silenced),
    "cut one way": Change("FD-14", cut_one_way, partner_notices, lossless=False),
}
