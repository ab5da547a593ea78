"""The implementation's host as it was found, in a journal before it is changed (docs/design.md, rule 6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from harness.dut.host import Host
from harness.dut.interface import InterfaceState, read_interface
from harness.switch import Journal
from harness.switch.journal import Entry, Part
from harness.verdict import BenchBroken, BenchError, ImplementationRefused

PORT, MADE = "port", "interface"
"""Kinds of parts: a port of the lab's, which was there, and an interface that the bench makes."""


class HostState:
    """What a bench changes on a host: its `ports`, and interfaces that were not there.

    ``reset`` has the implementation take away what it has made. What it leaves is taken from it: interfaces,
    ports, and processes that the bench has started (`Location.end_started`).
    """

    def __init__(self, host: Host, journal: Journal, ports: Iterable[str], reset: Callable[[], None]) -> None:
        self._host = host
        self._journal = journal
        self._ports = list(dict.fromkeys(ports))
        self._reset = reset
        self._begun = False

    def begin(self) -> None:
        """Undo what a killed run left, and note what there is without aggregates. What is made from now on is
        noted before."""
        self.undo()
        with suppress(ImplementationRefused):  # aggregates that are there go with the first testcase
            self._reset()
        for port in self._ports:
            with _refused(port):
                found = read_interface(self._host, port)
            if found is not None:
                self._journal.record(Part(PORT, port), _lines(found))
        self.join()
        self._begun = True

    def join(self) -> None:
        """What is made from now on is noted before. Of a slice that is all: who holds the bench undoes it."""
        self._host.making = self._making

    def _making(self, name: str) -> None:
        part = Part(MADE, name)
        if name not in self._ports and not self._journal.knows(part):
            with _refused(name):
                is_there = read_interface(self._host, name) is not None
            if not is_there:
                self._journal.record(part, None)

    def undo(self) -> None:
        """Put the host back to what it was. BenchError, and the journal stays, where that cannot be."""
        entries = self._journal.entries()
        if not entries and not self._begun:
            return
        try:
            wrong = self._undo(entries)
        except BenchBroken as error:
            raise BenchBroken(f"{error}; {left_words(self._journal)}") from None
        if wrong:
            words = f"on the implementation's host: {'; '.join(wrong)}; {left_words(self._journal)}"
            raise BenchError(words)
        if entries:
            self._journal.clear()

    def _undo(self, entries: list[Entry]) -> list[str]:
        """What could not be put back, in words."""
        with suppress(ImplementationRefused):  # what is left is seen
            self._reset()
        wrong = [f"process {pid} does not end" for pid in self._host.at.end_started()]
        for entry in entries:
            try:
                wrong += [f"{entry.part.name}: {words}" for words in self._put_back(entry)]
            except ImplementationRefused as error:
                wrong.append(str(error))
        return wrong

    def _put_back(self, entry: Entry) -> list[str]:
        """What is not as it was afterwards, in words."""
        name = entry.part.name
        now = read_interface(self._host, name)
        if entry.before is None:
            if now is not None:
                self._host.tool(["ip", "link", "delete", "dev", name])
            return []
        was = _kept(_state(entry.before))
        if now is None:
            return ["it is gone"]
        commands = list(restoring(name, was, _kept(now)))
        for command in commands:
            self._host.tool(command)
        if commands:
            now = read_interface(self._host, name)
        return ["it is gone"] if now is None else _kept(now).differences(was)


def host_journal(state: Path) -> Journal:
    """That of a bench whose directory is ``state``."""
    return Journal(state / "host.journal", whose="the implementation's host")


def left_words(journal: Journal) -> str:
    """What is to be put back, for who does it by hand; "" where nothing is."""
    entries = journal.entries()
    if not entries:
        return ""
    ports = [entry.part.name for entry in entries if entry.before is not None]
    made = [entry.part.name for entry in entries if entry.before is None]
    words = [f"take away {', '.join(made)}"] if made else []
    words += [f"see that {', '.join(ports)} are as they stand there"] if ports else []
    return (
        f"what a run changed on the implementation's host is in {journal.path}: the next run or `agr-lab "
        f"clean` undoes it, or by hand: {', '.join(words)}, and delete the file"
    )


@contextmanager
def _refused(name: str) -> Iterator[None]:
    """Who cannot be asked how it is may not be changed."""
    try:
        yield
    except ImplementationRefused as error:
        raise BenchError(f"{name} of the implementation's host: how it is cannot be read: {error}") from None


def restoring(name: str, was: InterfaceState, now: InterfaceState) -> Iterator[list[str]]:
    """The commands that make an interface what it was, of what `_kept` leaves."""
    if now.ipv6_disabled != was.ipv6_disabled:
        yield ["sysctl", "-q", "-w", f"net/ipv6/conf/{name}/disable_ipv6={was.ipv6_disabled}"]
    link = ["ip", "link", "set", "dev", name]
    if now.mac != was.mac:
        yield [*link, "address", was.mac]
    if now.mtu != was.mtu:
        yield [*link, "mtu", str(was.mtu)]
    for flag in sorted(now.flags ^ was.flags):
        on = flag in was.flags
        if flag == "UP":
            yield [*link, "up" if on else "down"]
        elif flag in ("PROMISC", "MULTICAST", "ALLMULTI", "NOARP"):
            word = {"NOARP": "arp"}.get(flag, flag.lower())
            yield [*link, word, "on" if on is (flag != "NOARP") else "off"]
    for queue in now.queues:
        if queue not in was.queues:
            yield ["tc", "qdisc", "delete", "dev", name, queue if queue in ("clsact", "ingress") else "root"]
    for address in now.addresses:
        if address not in was.addresses:
            yield ["ip", "address", "delete", address, "dev", name]
    for address in was.addresses:
        if address not in now.addresses:
            yield ["ip", "address", "add", address, "dev", name]


def _kept(state: InterfaceState) -> InterfaceState:
    """Without what comes and goes by itself: IPv6's own address, and who captures there."""
    addresses = tuple(address for address in state.addresses if not address.startswith("fe80:"))
    return replace(state, addresses=addresses, promiscuity=0)


def _lines(state: InterfaceState) -> list[str]:
    """A state as a journal has it: a line a value."""
    values = {**vars(state), "flags": sorted(state.flags)}
    return [f"{name} {json.dumps(value)}" for name, value in values.items()]


def _state(lines: list[str]) -> InterfaceState:
    """A state of those lines."""
    values = {name: json.loads(value) for name, _, value in (line.partition(" ") for line in lines)}
    lists = {name: tuple(values[name]) for name in ("addresses", "queues")}
    return InterfaceState(**{**values, **lists, "flags": frozenset(values["flags"])})
