"""The promises of a switch driver (`harness.switch.switch.Switch`), looked at on a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from harness.check import BrokenPromise, Finding, expect, findings
from harness.lab import schema
from harness.switch import Journal, Member, Refusal, Switch, driver_of
from harness.switch.switch import SETTINGS
from harness.verdict import BenchError

JOURNAL = "switch.journal"

VLAN = 3333
"""One that is hardly there already."""

CHANGES: Mapping[str, Callable[[Switch, str, int], None]] = {
    "access-vlan": lambda switch, port, number: switch.set_access_vlan(port, VLAN),
    "lag-vlan": lambda switch, port, number: switch.set_lag_vlan(number, VLAN),
    "leave": lambda switch, port, number: switch.leave_lag([port]),
    "max-bundle": lambda switch, port, number: switch.set_max_bundle(number, 1),
    "min-links": lambda switch, port, number: switch.set_min_links(number, 2),
    "mode": lambda switch, port, number: switch.join_lag([port], number, "passive"),
    "port-priority": lambda switch, port, number: switch.set_port_priority(port, 4000),
    "rate": lambda switch, port, number: switch.set_rate(port, "fast"),
    "system-priority": lambda switch, port, number: switch.set_system_priority(4000),
}
"""A change of each setting, of a port and the LAG that it is in; what a load is balanced by has words of the
switch's own."""


class Trial:
    """One switch, by all its ways, and ports of it that carry nothing else meanwhile."""

    def __init__(self, section: schema.Switch, ports: Sequence[str], folder: Path) -> None:
        self._section = section
        self._driver = driver_of(section)
        self._ports = list(ports)
        self._folder = folder
        self._paths: list[str] = []
        self._open_now: dict[str, Switch] = {}

    def checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each promise, and what looks whether it is kept; in an order in which each needs those before."""
        yield "paths names the ways to it, and open logs in by each", self._opens
        for path in self._paths:
            yield f"{path}: version is a line of text", partial(self._version, path)
        yield "views, and with them agree, are the same by all ways, and twice the same", self._agrees
        yield "port_name and short_name turn into one another", self._names
        yield "lags are numbers, and there is no member of one that is not there", self._lags
        yield "nothing is changed without a journal", self._needs_journal
        for path in self._paths:
            yield f"{path}: shut is in the journal, and restore takes it back", partial(self._shuts, path)
            yield f"{path}: make_lag makes one, and restore takes it back", partial(self._makes_lag, path)
        for word in sorted(self._driver.settable(self._section) & set(CHANGES)):
            yield f"{SETTINGS[word]} changes something, and restore takes it back", partial(self._sets, word)
        yield "another session restores what one has changed that is no more", self._restores_anothers
        yield "a port that is none is a BenchError", self._no_port
        yield "close may be called twice", self._closes

    def close(self) -> None:
        """Put everything back, and log out."""
        try:
            journal = Journal(self._folder / JOURNAL)
            if self._paths and journal.pending():
                self._open(self._paths[0]).restore(journal)
        finally:
            for path in list(self._open_now):
                self._open_now.pop(path).close()

    def _open(self, path: str) -> Switch:
        """The one session by a way: a console has no room for two."""
        if path not in self._open_now:
            self._open_now[path] = self._new(path, Journal(self._folder / JOURNAL))
        return self._open_now[path]

    def _new(self, path: str, journal: Journal | None) -> Switch:
        """A new session by a way, whose other one is closed first."""
        if path in self._open_now:
            self._open_now.pop(path).close()
        return self._driver.open(self._section, path, self._folder / f"{path}.transcript", journal)

    def _first(self) -> Switch:
        expect(self._paths, "no way to the switch was opened: see above")
        return self._open(self._paths[0])

    def _opens(self) -> None:
        paths = self._driver.paths(self._section)
        expect(paths, "paths gives none")
        for path in paths:
            switch = self._open(path)
            expect(switch.path == path, f"open({path!r}) gives a switch whose path is {switch.path!r}")
            self._paths.append(path)

    def _version(self, path: str) -> None:
        text = self._open(path).version()
        expect(isinstance(text, str) and text.strip() and "\n" not in text, f"it is {text!r}")

    def _agrees(self) -> None:
        first, *others = [self._open(path) for path in self._paths]
        for other in (first, *others):
            facts = first.agree(other)
            expect("switch" in facts, f"agree gives {facts!r}, without `switch`")

    def _names(self) -> None:
        for port in self._ports:
            long = self._driver.port_name(port)
            short = self._driver.short_name(long)
            expect(self._driver.port_name(long) == long, f"port_name({long!r}) is another name")
            expect(self._driver.port_name(short) == long, f"port_name({short!r}) is not {long!r}")

    def _lags(self) -> None:
        switch = self._first()
        lags = switch.lags()
        expect(all(type(number) is int for number in lags), f"lags() gives {lags!r}")
        free = free_number(switch)
        expect(switch.lag(free) == [], f"lag({free}) gives {switch.lag(free)!r}, and lags() has no {free}")

    def _needs_journal(self) -> None:
        self._first()
        switch = self._new(self._paths[0], None)
        before = switch.views()
        try:
            switch.shut(self._ports[0])
        except BenchError:
            expect(switch.views() == before, "it refused, and changed something all the same")
        else:
            raise BrokenPromise("it changed the switch")
        finally:
            switch.close()

    def _shuts(self, path: str) -> None:
        switch = self._open(path)
        before = switch.views()
        switch.shut(self._ports[0])
        expect(Journal(self._folder / JOURNAL).pending(), "the journal has no entry of it")
        expect(switch.views() != before, "views shows no change")
        switch.no_shut(self._ports[0])
        self._put_back(switch, before)

    def _makes_lag(self, path: str) -> None:
        switch = self._open(path)
        before, number = switch.views(), free_number(switch)
        wanted = {self._driver.port_name(port) for port in self._ports}
        switch.make_lag(self._ports, number, "active", "fast")
        expect(number in switch.lags(), f"lags() gives {switch.lags()!r}, without {number}")
        members = switch.lag(number)
        expect(all(isinstance(one, Member) for one in members), f"lag({number}) gives {members!r}")
        found = {one.port for one in members}
        expect(found == wanted, f"lag({number}) has {sorted(found)}, not {sorted(wanted)}")
        for question, rows in (("neighbors", switch.neighbors()), ("internals", switch.internals())):
            strange = [row.port for row in rows if row.group == number and row.port not in wanted]
            expect(not strange, f"{question}() has {strange} in LAG {number}")
        self._put_back(switch, before)
        expect(number not in switch.lags(), f"after restore lags() has {number}")

    def _sets(self, word: str) -> None:
        """Of a port that is in no LAG, or of a LAG of all ports, where the setting is about one."""
        switch = self._first()
        before, number = switch.views(), free_number(switch)
        if word != "access-vlan":
            switch.make_lag(self._ports, number, "active", "normal")
        made = switch.views()
        try:
            with switch.together():
                CHANGES[word](switch, self._ports[0], number)
            expect(switch.views() != made, "views shows no change")
            if word == "leave":
                left = {member.port for member in switch.lag(number)}
                expect(self._driver.port_name(self._ports[0]) not in left, f"lag({number}) has {left} still")
        except Refusal as refusal:
            if not refusal.unknown:  # a switch need not have all that its driver has words for
                raise
        finally:
            self._put_back(switch, before)

    def _put_back(self, switch: Switch, before: dict[str, list[str]]) -> None:
        switch.restore()
        expect(not Journal(self._folder / JOURNAL).pending(), "restore left something in the journal")
        after = switch.views()
        changed = [question for question, lines in before.items() if after[question] != lines]
        expect(not changed, f"after restore `{'`, `'.join(changed)}` is not as before")

    def _restores_anothers(self) -> None:
        self._first()
        journal = Journal(self._folder / JOURNAL)
        one = self._new(self._paths[0], journal)
        before = one.views()
        one.shut(self._ports[0])
        one.close()
        switch = self._first()
        switch.restore(Journal(journal.path))
        expect(not journal.pending(), "restore left something in the journal")
        expect(switch.views() == before, "views is not as before")

    def _no_port(self) -> None:
        try:
            self._first().shut("no-such-port")
        except BenchError:
            return
        raise BrokenPromise("shut('no-such-port') is done, it seems")

    def _closes(self) -> None:
        self._first()
        switch = self._open_now.pop(self._paths[0])
        switch.close()
        switch.close()


def check_switch(section: schema.Switch, ports: Sequence[str], folder: Path) -> Iterator[Finding]:
    """Hold a switch driver against its interface; one finding a promise, as they come.

    ``ports`` of the switch, at least one, are shut and put into a LAG for a moment; ``folder`` takes journals
    and transcripts. Everything is put back at the end. Raises UsageError where there is no such driver.
    """
    if not ports:
        raise BenchError("a switch driver is checked on ports of the switch; the lab file names none")
    trial = Trial(section, ports, folder)
    try:
        yield from findings(trial.checks())
    finally:
        trial.close()


def free_number(switch: Switch) -> int:
    """The lowest number that no LAG of the switch has."""
    used = set(switch.lags())
    return min(set(range(1, len(used) + 2)) - used)
