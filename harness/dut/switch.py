"""A managed switch under test: its channel groups, configured and read by its own command line.

An aggregate is a channel group (a port-channel, a trunk) over ports of the switch that the tester's NICs are
plugged into. Its MAC client is another NIC of the tester's, on a port of the switch in the same VLAN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from harness.dut.implementation import Aggregate, AggregateStatus, Dut, PortStatus, Variable, When
from harness.lab import schema
from harness.pdu import PortInfo, State
from harness.switch import Refusal, Switch
from harness.switch.switch import GroupMode, Internal, Neighbor, SystemId
from harness.verdict import AdapterLacks, ImplementationRefused
from harness.wire.wire import Tap

SETTINGS_OF: Mapping[str, frozenset[str]] = {
    "activity": frozenset({"mode"}),
    "lacp": frozenset({"mode", "leave"}),
    "max-links": frozenset({"max-bundle"}),
    "min-links": frozenset({"min-links"}),
    "port-priority": frozenset({"port-priority"}),
    "static": frozenset({"mode", "leave"}),
    "system-priority": frozenset({"system-priority"}),
    "timeout": frozenset({"rate"}),
}
"""What a driver must be able to set, so that a variable can be."""

AGGREGATES = 4
"""Aggregates of one testcase at most: so many numbers of channel groups, and VLANs, are each slice's own."""

_OF_THE_GROUP = ("min-links", "max-links")


class SwitchSection(schema.Implementation):
    """The keys of a switch that is under test, beside those of `switch`.

    ``path``: by which of its ways it is configured and read ("ssh", "console"); absent: by the first.
    ``vlan``: the first of the VLANs that aggregates are put into with their clients, each into one of its
    own, so that ports in no aggregate hear nothing of it; absent: ports stay in the VLAN that they are in.
    ``load_balance``: what links are chosen by, for the run, in the switch's own word (`switch.may`).
    ``tags``: in that VLAN frames pass with the tags that they have, by 802.1Q tunnelling; a switch without it
    drops them.
    """

    path: str | None = None
    vlan: Annotated[int, Field(ge=2, le=4000)] | None = None
    tags: bool = True
    load_balance: str | None = None


@dataclass(frozen=True)
class Client:
    """A NIC of the tester's behind the switch: the port that it is plugged into, and its tap."""

    switch_port: str
    tap: Tap


class ChannelGroup(Aggregate):
    """One channel group; it comes with its first port, as a switch may have none without."""

    def __init__(
        self,
        name: str,
        number: int,
        switch: Switch,
        client: Client | None,
        vlan: int | None,
        *,
        tags: bool = True,
    ) -> None:
        self.name = name
        self.number = number
        self._client = client
        self._switch = switch
        self._vlan = vlan
        self._tags = tags
        self._ports: dict[str, str] = {}  # the lab file's name of each: the switch's
        self._variables: dict[str, Variable] = {"activity": "active"}

    @property
    def client(self) -> Tap:  # type: ignore[override]
        """Where its MAC client's frames are sent and seen. AdapterLacks where there are too few NICs."""
        if self._client is None:
            raise AdapterLacks(
                f"{self.name}: the lab file names too few tester's NICs behind the switch: each aggregate's "
                "client is one (`client:`, `tester_ports:`)"
            )
        return self._client.tap

    @property
    def mac(self) -> str:
        return self.client.mac

    @property
    def _mode(self) -> GroupMode:
        if self._variables.get("static"):
            return "on"
        return "passive" if self._variables["activity"] == "passive" else "active"

    def add(self, port: str) -> None:
        self.add_all([port])

    def add_all(self, ports: Sequence[str]) -> None:
        """Attach ports in one configuration transaction."""
        first = not self._ports
        new = {port: self._switch.port_name(port) for port in ports}
        with self.transaction(f"channel-group {self.number} of {', '.join(ports)}", changes_vlan=True):
            self._switch.join_lag(new.values(), self.number, self._mode)
            self._set_vlan()
            for port in new.values():
                self._set_rate(port)
            for variable in _OF_THE_GROUP if first else ():
                if variable in self._variables:
                    self._set_of_group(variable, self._variables[variable])
        self._ports |= new

    def remove(self, port: str) -> None:
        with self.transaction(f"no channel-group of {port}"):
            self._switch.put_back(self._ports[port])
        del self._ports[port]

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        with self.transaction(f"{variable} {value}{f' of {port}' if port else ''}"):
            if variable == "port-priority" and port is not None:
                self._switch.set_port_priority(self._ports[port], int(value))
            elif variable == "lacp" and port is not None and list(self._ports) == [port]:
                self._rejoin("on" if not value else self._mode)
            elif variable == "system-priority" and port is None:
                self._switch.set_system_priority(int(value))
            elif variable in ("activity", "timeout", "static", *_OF_THE_GROUP) and port is None:
                self._change(variable, value)
            else:
                what = "of one port of a channel group" if port else "of a channel group that has ports"
                raise AdapterLacks(f"set {variable} {value}: a switch has no such variable {what}")

    def _change(self, variable: str, value: Variable) -> None:
        """A variable of the group: kept for the ports to come, and set for those that it has."""
        before = self._mode
        self._variables[variable] = value
        if not self._ports:
            return
        if variable in _OF_THE_GROUP:
            self._set_of_group(variable, value)
        elif variable == "timeout":
            for port in self._ports.values():
                self._set_rate(port)
        elif "on" in (before, self._mode):
            self._rejoin(self._mode)
        else:
            self._switch.join_lag(self._ports.values(), self.number, self._mode)

    def _rejoin(self, mode: GroupMode) -> None:
        """Between LACP and none: a port leaves its group first."""
        self._switch.leave_lag(self._ports.values())
        self._switch.join_lag(self._ports.values(), self.number, mode)

    def _set_rate(self, port: str) -> None:
        if "timeout" in self._variables and self._mode != "on":
            self._switch.set_rate(port, "fast" if self._variables["timeout"] == "short" else "normal")

    def _set_of_group(self, variable: str, value: Variable) -> None:
        if variable == "min-links":
            self._switch.set_min_links(self.number, max(int(value), 1))
        else:
            self._switch.set_max_bundle(self.number, int(value) or None)

    def _set_vlan(self) -> None:
        """Put the group, and first of all its client, into the VLAN: no setting of LACP.

        Ports are in the group before that: in the VLAN by itself a port would pass the client's frames.
        """
        if self._vlan is None:
            return
        self._switch.set_lag_vlan(self.number, self._vlan, tags=self._tags)
        if self._client is not None and not self._ports:
            self._switch.set_access_vlan(self._client.switch_port, self._vlan, tags=self._tags)

    @contextmanager
    def transaction(self, request: str, *, changes_vlan: bool = False) -> Iterator[None]:
        """One transaction. What the switch declines it is the implementation that declines it, but for its
        VLANs, which are the bench's."""
        try:
            with self._switch.together():
                yield
        except Refusal as refusal:
            if refusal.unknown:
                raise
            if changes_vlan:
                self._set_vlan()
            raise ImplementationRefused(request, refusal.words) from refusal

    def status(self) -> AggregateStatus:
        system = self._switch.system_id()
        own = {row.port: row for row in self._switch.internals() if row.group == self.number}
        heard = {row.port: row for row in self._switch.neighbors() if row.group == self.number}
        carrying = {one.port for one in self._switch.lag(self.number) if one.bundled} if not own else set()
        ports = {
            name: _lacp_status(system, own[port], heard.get(port))
            if port in own
            else PortStatus(port in carrying, port in carrying, PortInfo(), PortInfo())
            for name, port in self._ports.items()
        }
        return AggregateStatus(self.client.mac, ports)

    def destroy(self) -> None:
        with self.transaction(f"no interface Port-channel{self.number}"):
            self._switch.remove_lag(self.number)
        for port in self._ports.values():
            self._switch.put_back(port)
        self._ports.clear()


def _lacp_status(system: SystemId, own: Internal, partner: Neighbor | None) -> PortStatus:
    state = State(own.state)
    actor = PortInfo(system.priority, system.system, own.key, own.port_priority, own.port_number, state)
    known = PortInfo()
    if partner is not None:
        known = PortInfo(
            partner.system_priority,
            partner.system,
            partner.key,
            partner.port_priority,
            partner.port_number,
            State(partner.state),
        )
    return PortStatus(State.Collecting in state, State.Distributing in state, actor, known)


class ManagedSwitch(Dut):
    """The switch of the lab file as the implementation.

    ``switch`` gives its command line, ``clients`` the tester's NICs behind it, of the first aggregate, the
    second ..., once they are there.
    """

    section: ClassVar[type[schema.Implementation]] = SwitchSection
    makes = ChannelGroup
    name = "switch"
    shares = True
    runs_on = True

    def __init__(
        self, section: SwitchSection, switch: Callable[[], Switch], clients: Callable[[], Sequence[Client]]
    ) -> None:
        self._switch = switch
        self._clients = clients
        self._vlan = section.vlan
        self._tags = section.tags
        self._load_balance = section.load_balance
        self._made = 0

    @staticmethod
    def settable(driver: type[Switch], section: schema.Switch) -> Mapping[str, When]:
        """The variables that can be set by a driver, and when: a key is the number of the channel group."""
        can = driver.settable(section)
        found = {variable for variable, needed in SETTINGS_OF.items() if needed <= can}
        return {**dict.fromkeys(sorted(found), When.ANY_TIME), "key": When.CREATION}

    def version(self) -> str:
        return self._switch().version()

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        place, clients = self._made, self._clients()
        self._made += 1
        used, first = set(self._switch().lags()), self.slice * AGGREGATES
        number = int(variables.pop("key", 0)) or min(set(range(first + 1, first + len(used) + 2)) - used)
        if number in used:
            raise AdapterLacks(f"key {number}: it is the number of a channel group that is there already")
        client = clients[place] if place < len(clients) else None
        vlan = self._vlan + first + place if self._vlan is not None else None
        group = ChannelGroup(name, number, self._switch(), client, vlan, tags=self._tags)
        with group.transaction(f"channel-group {number} of {', '.join(ports)}", changes_vlan=bool(ports)):
            if not self.slice and place == 0:
                self.set_for_all()
            for variable, value in variables.items():
                group.set(variable.replace("_", "-"), value)
            if ports:
                group.add_all(ports)
        return group

    def set_for_all(self) -> None:
        if self._load_balance is not None:
            self._switch().set_load_balance(self._load_balance)

    def shut(self, port: str) -> None:
        self._switch().shut(self._switch().port_name(port))

    def no_shut(self, port: str) -> None:
        self._switch().no_shut(self._switch().port_name(port))

    def reload(self) -> None:
        self._switch().reload()

    def reset(self) -> None:
        self._made = 0
        self._switch().restore()
