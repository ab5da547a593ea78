"""A Cisco IOS or IOS XE switch."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, cast

from ntc_templates.parse import parse_output

from harness.lab.schema import CommandLineSwitch
from harness.switch.access import Access, find_access
from harness.switch.cisco_ios import answers, config, hindrances, parsers, readback
from harness.switch.cisco_ios.command_line import KNOCK, CommandLine
from harness.switch.cisco_ios.names import long_name, short_name
from harness.switch.cisco_ios.restart import MINUTE, Start
from harness.switch.cisco_ios.settings import Preview, Settings
from harness.switch.cisco_ios.unsaved import NO_STARTUP, RELOAD, SHOWN, unsaved
from harness.switch.journal import Entry, Journal, Part
from harness.switch.refusal import Refusal
from harness.switch.switch import Member, Switch, SystemId
from harness.verdict import BenchError

_WHOLE_SWITCH = {"lacp system-priority": "system-priority", "port-channel load-balance": "load-balance"}
"""Configuration lines of the whole switch that a lab file may permit, by its words."""

_SAVE = "save it by hand (`copy running-config startup-config`), or take `reload` out of switch.may"

BUNDLED = "P"
"""The flag of `show etherchannel summary` that says so; others: s suspended, D down, I stand-alone ..."""


class CiscoIos(CommandLine, Settings, Switch):
    """A Cisco IOS switch by one way to its command line. Ports may be given by long or short name."""

    reads = (
        "enable",
        "terminal width <columns>",
        "terminal length 0",
        "show version",
        "show running-config",
        "show running-config interface <port>",
        "show startup-config",
        "show vlan brief",
        "show interfaces status",
        "show etherchannel summary",
        "show lacp internal",
        "show lacp neighbor detail",
        "show lacp sys-id",
        "configure terminal",
        "end",
        "exit",
        "!<eight digits>",
    )
    tunnels = True

    def __init__(self, access: Access, path: str, transcript: Path, journal: Journal | None) -> None:
        CommandLine.__init__(self, access, path, transcript, journal)
        Settings.__init__(self)

    @classmethod
    def open(cls, section: CommandLineSwitch, path: str, transcript: Path, journal: Journal | None) -> Self:
        switch = cls(find_access(section), path, transcript, journal)
        try:
            if journal is not None and any(entry.part.kind == RELOAD for entry in journal.entries()):
                journal.booting = True  # a run was killed in its reload, or later
                switch._come_back(journal, time.monotonic() + section.boot_time)
            switch._with_session(lambda session: None)  # log in now, not at the first command
        except BaseException:
            switch.close()
            raise
        return switch

    @classmethod
    def paths(cls, section: CommandLineSwitch) -> list[str]:
        return list(find_access(section).paths)

    @classmethod
    def port_name(cls, typed: str) -> str:
        return long_name(typed)

    @classmethod
    def short_name(cls, port: str) -> str:
        return short_name(port)

    @classmethod
    def preview(cls, change: Callable[[Switch], None]) -> list[str]:
        preview = Preview()
        change(cast(Switch, preview))
        return preview.lines

    # Reading.

    def parsed(self, command: str) -> list[dict[str, Any]]:
        """The answer as rows: by `parsers` for `show lacp ...`, by ntc-templates otherwise."""
        return self._rows(command, self.show(command))

    def _rows(self, command: str, text: str) -> list[dict[str, Any]]:
        rows = parsers.parse(command, text)
        if rows is not None:
            return rows
        try:
            return [dict(row) for row in parse_output(platform="cisco_ios", command=command, data=text)]
        except Exception as error:  # textfsm and ntc-templates raise bare Exceptions
            raise BenchError(f"{self._where}: the answer to `{command}` is not understood: {error}") from None

    def version(self) -> str:
        row = self._version()
        hardware = ", ".join(row.get("hardware") or [])
        software = f"{row.get('software_image', '')} {row.get('version', '')}"
        return f"{software} on {hardware} ({row.get('hostname', '')})"

    def running_config(self, port: str | None = None) -> list[str]:
        """The lines of a port's section, without indent; for None the whole configuration as it stands."""
        if port is None:
            return self._configuration().splitlines()
        part = Part("section", f"interface {long_name(port)}")
        lines = self._read(part)
        if lines is None:
            raise BenchError(f"{self._where}: has no {part.name}")
        return lines

    def lags(self) -> list[int]:
        return [int(row["group"]) for row in self._summary()]

    def lag(self, number: int) -> list[Member]:
        """The members of a channel group with their flags; none when the switch has no such group."""
        for row in self._summary():
            if int(row["group"]) == number:
                pairs = zip(row["member_interface"], row["member_interface_status"], strict=True)
                return [Member(long_name(port), flags, BUNDLED in flags) for port, flags in pairs]
        return []

    def neighbors(self) -> list[parsers.IosNeighbor]:
        return parsers.neighbors(self.show("show lacp neighbor detail"))

    def internals(self) -> list[parsers.IosInternal]:
        return parsers.internals(self.show("show lacp internal"))

    def counters(self) -> list[parsers.Counters]:
        """The switch's LACP counters."""
        return parsers.counters(self.show("show lacp counters"))

    def system_id(self) -> SystemId:
        return parsers.system_id(self.show("show lacp sys-id"))

    def hindrances(self, ports: Iterable[str]) -> list[str]:
        return [
            sentence
            for port in map(long_name, ports)
            for sentence in hindrances.of_section(port, self.running_config(port))
        ]

    def out_of_service(self, ports: Iterable[str]) -> list[str]:
        status = {long_name(row["port"]): row["status"] for row in self.parsed("show interfaces status")}
        return [
            sentence
            for port in map(long_name, ports)
            for sentence in hindrances.of_status(port, status.get(port, ""))
        ]

    def views(self) -> dict[str, list[str]]:
        identity = ("hostname", "version", "software_image", "hardware", "serial")
        version = self._version()
        lines = [line for line in self.running_config() if line.strip() and not config.is_frame(line)]
        lags = [str(sorted(row.items())) for row in self._summary()]
        return {
            "show version": [f"{key} {version.get(key)}" for key in identity],
            "show running-config": lines,
            "show etherchannel summary": lags,
        }

    # Changing.

    def configure(self, lines: Iterable[str]) -> str:
        """Enter configuration lines; what they touch is in the journal before. The switch's remarks.

        Raises Refusal with those remarks where the running configuration is not as asked afterwards, and
        BenchError before anything is changed for what the journal's permit does not name.
        """
        wanted = list(lines)
        self._note_before(wanted)
        said = self._with_session(lambda session: session.configure(wanted))
        self._read_back(readback.asked(wanted, said))
        return "".join(said)

    def tunnel(self, port_a: str, port_b: str, vlan: int, journal: Journal | None = None) -> None:
        """As `Switch.tunnel`. A tunnel port filters BPDUs, and has CDP and LLDP off, by itself."""
        own, self._journal = self._journal, journal or self._journal
        try:
            if (lines := self._vlan(vlan)) is not None:
                name = f" ({lines[0]})" if lines else ""
                raise BenchError(
                    f"{self._where}: VLAN {vlan}{name} is there already, and a wire through the switch needs "
                    "one of its own: name free ones in the lab file (through_switch.vlans)"
                )
            super().tunnel(port_a, port_b, vlan)
        finally:
            self._journal = own

    def reload(self) -> None:
        journal = self._journal
        if journal is None:
            raise BenchError(f"{self._where}: opened without a journal, so it is not reloaded")
        if journal.permit is not None:
            journal.permit.check_whole("reload")
        entries = [entry for one in (journal, *journal.others) for entry in self._entries(one)]
        self._check_saved(entries)
        made = [Entry(part, self._read(part)) for part in dict.fromkeys(entry.part for entry in entries)]
        before, begin = self._telling_start(), time.monotonic()
        journal.record(Part(RELOAD, "of the whole switch"), [])
        journal.booting = True
        try:
            until = self._with_session(lambda session: session.reload(self._access.boot_time))
        except BenchError:  # it has not been told to go on
            journal.booting = False
            raise
        journal.reloads += 1

        def missing() -> str:
            found = Start.of(self._version())
            if before.is_before(found, time.monotonic() - begin):
                return ""
            return f"one can log in, but it has not restarted: {found.words}"

        self._come_back(journal, until, missing)
        self._make(made, "not as before its reload")

    def _check_saved(self, entries: list[Entry]) -> None:
        """Raises BenchError where a reload would lose what the run has not made."""
        command = "show startup-config"
        startup = self.show(command)
        if NO_STARTUP in startup:
            raise BenchError(
                f"{self._where}: not reloaded: {NO_STARTUP}, and its configuration would be lost; {_SAVE}"
            )
        answers.check_configuration(f"{self._where}: {command}", startup)
        if differs := unsaved(self._configuration(), startup, entries):
            more = f" and {len(differs) - SHOWN} more" if len(differs) > SHOWN else ""
            raise BenchError(
                f"{self._where}: not reloaded: its running configuration is not saved, and would be lost "
                f"(+), or come back (-): {'; '.join(differs[:SHOWN])}{more}; {_SAVE}"
            )

    def _telling_start(self) -> Start:
        """The switch's last start, once another one could be told from it: a minute after it at most."""
        until = time.monotonic() + MINUTE + self._access.timeout
        while not (found := Start.of(self._version())).telling:
            if time.monotonic() > until:
                raise BenchError(f"{self._where}: its uptime stands still: {found.words}")
            time.sleep(KNOCK)
        return found

    # Putting back.

    def restore(self, journal: Journal | None = None) -> None:
        journal = journal or self._journal
        if journal is None:
            return
        entries = sorted(
            self._entries(journal), key=lambda entry: entry.before is None
        )  # what was made: last
        self._make(entries, "not as before the run", f"; what it was is in {journal.path}")
        if journal.pending():
            journal.clear()

    def _entries(self, journal: Journal | None = None) -> list[Entry]:
        """What a journal, by default the switch's own, has of the configuration."""
        journal = journal or self._journal
        return [] if journal is None else [one for one in journal.entries() if one.part.kind != RELOAD]

    def _make(self, entries: list[Entry], what: str, more: str = "") -> None:
        """Make parts of the configuration what entries have. Raises BenchError that names what is not."""
        for _ in range(2):  # the first time may have side effects, such as a port set down with its LAG
            refusals = [words for entry in entries if (words := self._put_back(entry))]
            left = [entry.part.name for entry in entries if self._read(entry.part) != entry.before]
            if not left:
                return
        said = f"; the switch said: {'; '.join(refusals)}" if refusals else ""
        raise BenchError(f"{self._where}: {what}: {', '.join(left)}{said}{more}")

    def put_back(self, port: str) -> None:
        part = Part("section", f"interface {long_name(port)}")
        before = next((entry.before for entry in self._entries() if entry.part == part), None)
        if before is None:
            return
        # At once: a port that leaves its LAG line by line is for a moment in the LAG's VLAN by itself.
        lines = [f"default {part.name}", *config.undo(part, before, [])]
        self._with_session(lambda session: session.configure(lines))
        if (found := self._read(part)) != before:
            raise Refusal(f"{part.name} was {before} and is {found}", where=self._where)

    def _put_back(self, entry: Entry) -> str:
        lines = config.undo(entry.part, entry.before, self._read(entry.part))
        if not lines:
            return ""
        try:
            said = self._with_session(lambda session: session.configure(lines))
        except Refusal as refusal:
            return str(refusal)
        return "; ".join(" ".join(words.split()) for words in said if words.strip())

    def _note_before(self, lines: list[str]) -> None:
        if self._journal is None:
            raise BenchError(f"{self._where}: opened without a journal, so nothing may be changed")
        new = [part for part in config.touched(lines) if not self._journal.knows(part)]
        before = {part: self._read(part) for part in new}
        for part, found in before.items():
            self._check_permit(part, lines, made=found is None)
        for part, found in before.items():
            self._journal.record(part, found)

    def _check_permit(self, part: Part, lines: list[str], *, made: bool) -> None:
        """Raises BenchError for a part that was not made by a run, and that the lab file does not name."""
        permit = self._journal.permit if self._journal is not None else None
        if permit is None:
            return
        kind, _, name = part.name.partition(" ")
        if part.kind == "line":
            permit.check_whole(_WHOLE_SWITCH.get(part.name, part.name))
        elif kind == "vlan":
            permit.check_made(part.name, made=made or not config.entered(part, lines))
        elif name.startswith("Port-channel"):
            permit.check_made(name, made=made)
        else:
            permit.check_port(name)

    def _read_back(self, asked: list[readback.ConfigLine]) -> None:
        """Raises Refused where something that was asked has not come about."""
        shown = {section: self._shown(section) for section in dict.fromkeys(one.section for one in asked)}
        undone = [one.text() for one in asked if not one.done(shown[one.section])]
        if undone:
            words = f"not done, by its running configuration: {'; '.join(undone)}"
            raise Refusal(words, where=self._where)

    def _shown(self, section: str) -> list[str] | None:
        """The lines of a section, None where there is none; for "" those outside any."""
        if section:
            return self._read(Part("section", section))
        return list(config.sections(self._configuration()))

    def _read(self, part: Part) -> list[str] | None:
        if part.name.startswith("interface "):
            return self._read_interface(part)
        lines = config.current(self._configuration(), part)
        if lines is None and part.name.startswith("vlan "):
            return self._vlan(int(part.name.split()[1]))
        return lines

    def _read_interface(self, part: Part) -> list[str] | None:
        """The lines of an interface; None only where the whole configuration has none of this name."""
        try:
            return config.current(self._configuration(f" {part.name}"), part)
        except Refusal:
            if config.current(self._configuration(), part) is None:
                return None
            raise

    def _vlan(self, number: int) -> list[str] | None:
        """A VLAN that VTP keeps out of the configuration; None where there is none, or no switch at all."""
        try:
            text = self.show("show vlan brief")
        except Refusal as refusal:
            if refusal.unknown:
                return None
            raise
        name = parsers.vlan_names(text).get(number)
        if name is None:
            return None
        return [] if name == f"VLAN{number:04d}" else [f"name {name}"]

    def _configuration(self, of: str = "") -> str:
        """`show running-config`, whole. Raises BenchError for an answer that is something else."""
        command = f"show running-config{of}"
        text = self.show(command)
        answers.check_configuration(f"{self._where}: {command}", text)
        return text

    def _summary(self) -> list[dict[str, Any]]:
        """`show etherchannel summary`; one without a group has its heading too."""
        command = "show etherchannel summary"
        text = self.show(command)
        if not re.search(r"^Group +Port-channel", text, re.MULTILINE):
            said = text.strip()[-100:] or "nothing"
            raise BenchError(f"{self._where}: the answer to `{command}` is not understood: {said!r}")
        return self._rows(command, text)

    def _version(self) -> dict[str, Any]:
        rows = self.parsed("show version")
        if not rows or not rows[0].get("version"):
            raise BenchError(f"{self._where}: the answer to `show version` is not understood")
        return rows[0]
