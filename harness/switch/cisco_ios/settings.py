"""Configuration lines of what labs set on an IOS switch; who enters them is a subclass's affair."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harness.switch.cisco_ios.names import long_name
from harness.switch.journal import Journal
from harness.switch.switch import GroupMode, Member, Rate

_CHANGES_SECTION = re.compile("interface |exit$")


class Settings(ABC):
    """The changes of `harness.switch.Switch`, which says what each does."""

    def __init__(self) -> None:
        self._together: list[str] | None = None  # lines of changes that are made at once

    @abstractmethod
    def configure(self, lines: Iterable[str]) -> str:
        """Enter configuration lines; the switch's remarks."""

    @abstractmethod
    def lag(self, number: int) -> list[Member]:
        """The ports of a LAG."""

    @contextmanager
    def together(self) -> Iterator[None]:
        if self._together is not None:
            yield
            return
        self._together = []
        try:
            yield
            lines = self._together
        finally:
            self._together = None
        if lines:
            self.configure(lines)

    def _change(self, section: str, *lines: str) -> None:
        """Lines of a section ("": outside any), now or with the others of `together`."""
        before = self._together or []
        last = next((line for line in reversed(before) if _CHANGES_SECTION.match(line)), "exit")
        heading = f"interface {section}" if section else "exit"
        block = list(lines) if heading == last else [heading, *lines]
        if self._together is None:
            self.configure(block)
        else:
            self._together += block

    def shut(self, port: str) -> None:
        self._change(long_name(port), "shutdown")

    def no_shut(self, port: str) -> None:
        self._change(long_name(port), "no shutdown")

    def make_lag(self, ports: Iterable[str], number: int, mode: GroupMode, rate: Rate | None = None) -> None:
        """Put ports into a channel group; it may be without LACP here ("on"), or leave the rate as it is."""
        with self.together():
            for port in ports:
                self.join_lag([port], number, mode)
                if rate is not None:
                    self.set_rate(port, rate)

    def join_lag(self, ports: Iterable[str], number: int, mode: GroupMode) -> None:
        with self.together():
            for port in ports:
                self._change(long_name(port), f"channel-group {number} mode {mode}")

    def leave_lag(self, ports: Iterable[str]) -> None:
        with self.together():
            for port in ports:
                self._change(long_name(port), "no channel-group")

    def remove_lag(self, number: int) -> None:
        members = [member.port for member in self.lag(number)]
        with self.together():
            self.leave_lag(members)  # before the port-channel goes, which would shut them
            self._change("", f"no interface Port-channel{number}")

    def set_rate(self, port: str, rate: Rate) -> None:
        self._change(long_name(port), f"lacp rate {rate}")

    def set_port_priority(self, port: str, priority: int) -> None:
        self._change(long_name(port), f"lacp port-priority {priority}")

    def set_system_priority(self, priority: int) -> None:
        self._change("", f"lacp system-priority {priority}")

    def set_max_bundle(self, number: int, links: int | None) -> None:
        line = "no lacp max-bundle" if links is None else f"lacp max-bundle {links}"
        self._change(f"Port-channel{number}", line)

    def set_min_links(self, number: int, links: int) -> None:
        self._change(f"Port-channel{number}", f"port-channel min-links {links}")

    def set_load_balance(self, method: str) -> None:
        self._change("", f"port-channel load-balance {method}")

    def set_access_vlan(self, port: str, vlan: int, *, tags: bool = False) -> None:
        self._change(long_name(port), *_access(vlan, tags))

    def set_lag_vlan(self, number: int, vlan: int, *, tags: bool = False) -> None:
        self._change(f"Port-channel{number}", *_access(vlan, tags))  # members do as it does

    def tunnel(self, port_a: str, port_b: str, vlan: int, journal: Journal | None = None) -> None:
        lines = (
            f"switchport access vlan {vlan}",
            "switchport mode dot1q-tunnel",
            "l2protocol-tunnel point-to-point lacp",
            "spanning-tree portfast",
        )
        ports = [f"interface {long_name(port)}" for port in (port_a, port_b)]
        no_learning = f"no mac address-table learning vlan {vlan}"  # a cable knows no addresses
        self.configure([*(line for port in ports for line in (port, *lines)), "exit", no_learning])


class Preview(Settings):
    """Keeps configuration lines, and enters none."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def configure(self, lines: Iterable[str]) -> str:
        self.lines += lines
        return ""

    def reload(self) -> None:
        """The line, and the answers to `Save? [yes/no]` and `Proceed with reload? [confirm]`."""
        self.lines += ["reload", "no", "<Return>"]

    def lag(self, number: int) -> list[Member]:
        return []


def _access(vlan: int, tags: bool) -> tuple[str, ...]:
    """Lines of an edge port of a VLAN, in which tags pass or do not."""
    mode = "dot1q-tunnel" if tags else "access"
    return (f"switchport access vlan {vlan}", f"switchport mode {mode}", "spanning-tree portfast")
