"""An implementation that the bench cannot configure: its LAGs have been set up by hand, as the lab file says.

An aggregate is one of those LAGs. Nothing of it can be changed, read or made anew, so the bench has its links
down until a testcase asks for it (`harness.bench.fixed_links`): then it begins as one that is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from harness.dut.host import Host
from harness.dut.implementation import Adapter, Aggregate, Variable
from harness.dut.virtual import VirtualImplementation
from harness.lab import schema
from harness.lab.fields import Interface, Mac, Object
from harness.lab.section import Mistake, Section
from harness.registry import load_object
from harness.verdict import AdapterLacks, NotApplicable
from harness.wire.wire import Tap

NEUTRAL: Mapping[str, Variable] = {
    "activity": "active", "defaulted": "down", "max-links": 0, "min-links": 0, "round-robin": False,
    "static": False,
}  # fmt: skip
"""Variables that a testcase counts on where it does not set them, and the value that it counts on."""

Number = Annotated[int, Field(ge=0, le=0xFFFF)]


class FixedLag(Section):
    """A LAG that has been set up by hand: its ports, what its MAC client is, and how its variables are set.

    ``ports`` are those of the wires. Its MAC client is its ``interface`` on this machine (agr0, agr1 ... by
    themselves on a simulated bench). What stands for a variable is as in `Aggregate.set`; one that is not
    given is as the implementation has it by itself: a testcase that depends on it does not run.
    """

    ports: list[str] = Field(min_length=1)
    interface: Interface | None = None
    activity: Literal["active", "passive"] = "active"
    timeout: Literal["short", "long"] | None = None
    control: Literal["independent", "coupled"] | None = None
    key: Annotated[int, Field(ge=1, le=0xFFFF)] | None = None
    system_priority: Number | None = None
    system_id: Mac | None = None
    min_links: Number = 0
    max_links: Number = 0
    defaulted: Literal["down", "individual"] = "down"
    static: bool = False
    round_robin: bool = False

    @property
    def values(self) -> dict[str, Variable]:
        """Its variables that are known, by the names of `Aggregate.set`."""
        kept = self.model_dump(exclude={"ports", "interface"}, exclude_none=True)
        return {name.replace("_", "-"): value for name, value in kept.items()}

    @property
    def set_by_hand(self) -> dict[str, Variable]:
        """Those that are not as one counts on by itself."""
        return {name: value for name, value in self.values.items() if NEUTRAL.get(name) != value}

    def differences(self, wanted: Mapping[str, Variable]) -> dict[str, Variable]:
        """What would have to be set otherwise, and to what, for a testcase that sets these variables."""
        counted_on = {**NEUTRAL, **wanted}
        return {name: value for name, value in counted_on.items() if self.values.get(name) != value}


class FixedSection(schema.Implementation):
    """The keys of an implementation that has been set up by hand.

    ``configured`` are its LAGs, ``name`` and ``version`` what reports call it. ``load``: on a simulated bench
    the class that is under test; it is set up as ``configured`` says, at the first testcase.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"simulated", "emulated", "hardware"})

    configured: list[FixedLag] = Field(min_length=1)
    name: str = "implementation"
    version: str = "as it was found"
    load: Object | None = None

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(data, lab)
        simulated = lab.get("kind") == "simulated"
        if simulated and "load" not in data:
            yield Mistake(("load",), 'missing: on a simulated bench, what is set up: load: "module:Class"')
        if not simulated and "load" in data:
            yield Mistake(("load",), "only on a simulated bench is a class of Python's under test")
        lags = data.get("configured")
        for index, lag in enumerate(lags if isinstance(lags, list) else []):
            if isinstance(lag, dict) and "interface" not in lag and not simulated:
                words = "missing: its interface on this machine, which its MAC client sends on, as bond0"
                yield Mistake(("configured", index, "interface"), words)
        yield from _of_ports(lags if isinstance(lags, list) else [], lab)


def _of_ports(lags: Sequence[Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
    """Each port of a LAG is one of a wire, in no other LAG, and its carrier can be taken."""
    wires = [wire for wire in lab.get("wires") or () if isinstance(wire, dict)]
    by_port = {wire.get("port"): wire for wire in wires}
    first: dict[str, str] = {}
    for index, lag in enumerate(lags):
        ports = lag.get("ports") if isinstance(lag, dict) else None
        for place, port in enumerate(ports if isinstance(ports, list) else []):
            key = ("configured", index, "ports", place)
            if not isinstance(port, str):
                continue
            other = first.setdefault(port, f"configured[{index}].ports[{place}]")
            if port not in by_port:
                known = ", ".join(str(name) for name in by_port)
                yield Mistake(key, f"{port} is the port of no wire; those of wires are {known}")
            elif other != f"configured[{index}].ports[{place}]":
                yield Mistake(key, f"{port} is in a LAG already, by implementation.{other}")
            elif by_port[port].get("cut") == "none":
                words = (
                    f"the wire of {port} says cut: none, and a LAG that is set up by hand begins anew by its "
                    "carrier alone"
                )
                yield Mistake(key, words)


def entry(ports: Sequence[str], values: Mapping[str, Variable]) -> str:
    """An entry of ``configured``, as one writes it."""
    settings = "".join(f", {name.replace('-', '_')}: {_word(value)}" for name, value in values.items())
    return f"configured: [{{ports: [{', '.join(ports)}]{settings}}}]"


def _word(value: Variable) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class FixedAggregate(Aggregate):
    """One LAG that has been set up by hand: nothing of it can be changed or read."""

    settable: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, name: str, client: Tap, mac: Callable[[], str]) -> None:
        super().__init__(name, client)
        self._mac = mac

    def set(self, variable: str, value: Variable, port: str | None = None) -> None:
        raise AdapterLacks(f"set {variable} {value}: {self.name} has been set up by hand, and stays so")

    @property
    def mac(self) -> str:
        return self._mac()


class FixedImplementation(Adapter):
    """An implementation that has been set up by hand.

    ``open_client`` gives the tap of a LAG's MAC client by its interface. ``bring_up`` is called with the
    ports of an aggregate that a testcase asks for: the bench gives them their links.
    """

    section: ClassVar[type[schema.Implementation]] = FixedSection
    makes: ClassVar[type[Aggregate]] = FixedAggregate
    runs_on = True

    def __init__(
        self, section: FixedSection, open_client: Callable[[str], Tap], version: str | None = None
    ) -> None:
        self.name = section.name
        self.lags = section.configured
        self.bring_up: Callable[[Sequence[str]], None] = lambda ports: None
        self._version = version or section.version
        self._open_client = open_client
        self._taken: list[FixedLag] = []

    @classmethod
    def open(cls, section: Any, host: Host, open_client: Callable[[str], Tap]) -> Self:
        return cls(section, open_client)

    @staticmethod
    def make(section: FixedSection) -> VirtualImplementation:
        """What is set up on a simulated bench. Raises UsageError where there is no such class."""
        made: VirtualImplementation = load_object(section.load or "")()
        return made

    def version(self) -> str:
        return self._version

    def aggregate(self, name: str, ports: Sequence[str] = (), **variables: Variable) -> Aggregate:
        """The LAG that has these ports, if perhaps others beside them, which stay without a link.

        NotApplicable where there is none, or where it is set up otherwise.
        """
        wanted = {variable.replace("_", "-"): value for variable, value in variables.items()}
        lag = self._lag_of(ports, wanted)
        made = self.opened(lag)
        self._taken.append(lag)
        self.bring_up(ports)
        return made

    def opened(self, lag: FixedLag) -> Aggregate:
        """The aggregate that a LAG is."""
        interface = lag.interface or ""
        client = self._open_client(interface)
        return FixedAggregate(interface, client, lambda: client.mac)

    def _lag_of(self, ports: Sequence[str], wanted: Mapping[str, Variable]) -> FixedLag:
        admitted_by = f"admitted by: {entry(ports, wanted)}"
        found = next((lag for lag in self.lags if ports and set(ports) <= set(lag.ports)), None)
        if found is None:
            raise NotApplicable(f"no LAG that is set up has the ports {', '.join(ports)}; {admitted_by}")
        if found in self._taken:
            words = f"the LAG of {', '.join(found.ports)} is set up, and the testcase asks for a second one"
            raise NotApplicable(f"{words} with {', '.join(ports)}; {admitted_by}")
        if differences := found.differences(wanted):
            raise NotApplicable(f"{misfit(found, differences)}; {admitted_by}")
        return found

    def reset(self) -> None:
        """The LAGs are there for the next testcase; the bench has their links down until it asks for one."""
        self._taken.clear()


def misfit(lag: FixedLag, differences: Mapping[str, Variable]) -> str:
    """How a LAG is set up otherwise than a testcase needs it."""
    has = [
        f"{name} {_word(lag.values[name])}" if name in lag.values else f"{name} not told"
        for name in differences
    ]
    needed = ", ".join(f"{name} {_word(value)}" for name, value in differences.items())
    return f"the LAG of {', '.join(lag.ports)} has {', '.join(has)}, the testcase needs {needed}"
