"""What a lab file may say, as pydantic models; rules on more than one key stand in `harness.lab.checks`."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SerializeAsAny, ValidationError

from harness.lab import checks
from harness.lab.fields import Number, Object, PortMac, Seconds, flag, short_form
from harness.lab.pics import Deviations, Pics
from harness.lab.place import At, Placed, Port
from harness.lab.placeholders import fill
from harness.lab.plugin_section import PluginSection, chosen_by_name
from harness.lab.section import Mistake, Section
from harness.lab.source import Problem, Source
from harness.lab.tunnel import Tunnel, numbers, vlans_text
from harness.profile import Edition, Profile, versions
from harness.profile import profile as profile_of
from harness.registry import GENERATORS, IMPLEMENTATIONS, SWITCHES, Registry
from harness.verdict import UsageError

Kind = Literal["simulated", "emulated", "hardware"]


class Capture(StrEnum):
    """Where the frames of a wire are captured; reports name it (docs/design.md, rule 5)."""

    TESTER = "tester"  # the tester's port at the wire's other end
    HOST = "host"  # the implementation's own port: does not prove that a frame left the NIC
    MIRROR = "mirror"  # a mirror (SPAN) port of the switch


class Wire(Section):
    """One cable of a port of the implementation: straight to the tester (T1) or to the switch (T2).

    ``capture_at``: the tester's interface that a mirror port of the switch is plugged into.
    ``speeds``: its speed and duplex can be forced at the tester's end; on an emulated bench a wire of TAPs.
    """

    name: str
    port: str
    to: Literal["tester", "switch"]
    tester: Port | None = None
    switch_port: str | None = None
    capture_: Literal["tester", "host", "mirror"] | None = Field(None, alias="capture")
    capture_at: Port | None = None
    cut_: Literal["tester-link", "switch", "none"] | None = Field(None, alias="cut")
    mac: PortMac | None = None
    speeds: bool = False

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_wire(data, lab)

    @property
    def straight(self) -> bool:
        """True for T1: nothing stands between the port and the tester."""
        return self.to == "tester"

    @property
    def tunnel(self) -> Tunnel | None:
        """Its way through the switch, where it is a straight wire that the bench has made there."""
        return None

    @property
    def capture(self) -> Capture:
        """Where frames are captured: by default the tester's port, or the host's own port of a T2 wire."""
        return Capture(self.capture_ or ("tester" if self.straight else "host"))

    @property
    def cut(self) -> Literal["tester-link", "switch", "none"]:
        """How carrier is taken from the port: by default by the end that is the harness's to command."""
        return self.cut_ or ("tester-link" if self.straight else "switch")


class SwitchWire(Section):
    """A cable between a port of the switch and one of the tester."""

    tester: Port
    switch_port: str


class ThroughSwitch(Section):
    """Wires that the bench may make through the switch, where testcases need more straight ones.

    Each takes a wire to the switch, a cable between switch and tester, and one of ``vlans``, which must not
    be there before; ``allowed``: it may, where the driver can tunnel.
    """

    allowed: bool = True
    vlans: Annotated[str, AfterValidator(vlans_text)] = "3900-3909"

    @property
    def numbers(self) -> list[int]:
        """The VLANs, in order."""
        return numbers(self.vlans)


class Limits(Section):
    """Numbers that belong to the bench: what it may lack before it stops giving verdicts, in seconds.

    ``late``: its own lateness, and how long a host may keep those waiting who run on it. ``clock_step``: how
    far the wall clock may jump against the monotonic one. ``clock_error``: how wrong the clock of another
    machine that captures may be, as far as that is known. ``failover_loss``: the longest interruption after a
    carrier loss. ``disturbance``: for how long data may stand still on links that nothing happens to, while
    another link of the LAG changes. ``flap_period``: the least time between two carrier losses of a wire in
    CF-08; some switches shut a port down that flaps more. ``drops``: frames that a capture may lose.
    ``link_up``: how long a link may take to come up when both its ends are up. ``conversations``: how many it
    can offer at once, of two frames a second each. ``overrun``: how long a testcase may take beyond three
    times what it claims, before it is ended as an ERROR. ``command``: how long a command of the
    implementation may take before it counts as hung.
    """

    late: Annotated[Seconds, Field(gt=0, le=10)] = 0.25
    clock_step: Annotated[Seconds, Field(gt=0, le=10)] = 0.05
    clock_error: Annotated[Seconds, Field(gt=0, le=1)] = 0.125
    failover_loss: Annotated[Seconds, Field(gt=0, le=120)] = 1.0
    disturbance: Annotated[Seconds, Field(ge=0, le=120)] = 2.0
    flap_period: Annotated[Seconds, Field(ge=0, le=60)] = 0.0
    drops: Annotated[int, Field(ge=0)] = 0
    link_up: Annotated[Seconds, Field(gt=0, le=60)] = 5.0
    conversations: Annotated[int, Field(ge=16, le=10_000)] = 1000
    overrun: Annotated[Seconds, Field(gt=0, le=3600)] = 60.0
    command: Annotated[Seconds, Field(gt=0, le=600)] = 30.0


class Implementation(Placed, PluginSection):
    """What is under test, and how it is reached: the keys that every implementation has.

    An adapter brings a subclass with further keys of its own. ``kinds`` are those of the benches that it can
    be on.

    ``link_time``: seconds until it sees that a link came up or went down, when the bench sees it (its PHY, a
    debounce, polling). Windows that begin with carrier are so much longer, and say so.
    """

    registry: ClassVar[Registry] = IMPLEMENTATIONS
    named_by: ClassVar[str] = "adapter"
    kinds: ClassVar[frozenset[str]] = frozenset({"emulated", "hardware"})

    adapter: str
    at: At | None = None
    namespace_: Annotated[str | None, Field(alias="namespace")] = None  # as older files have it
    link_time: Annotated[Seconds, Field(ge=0, le=60)] = 0.0
    environment: dict[str, str] = Field(default_factory=dict)  # of its commands
    pics: Annotated[Pics, BeforeValidator(short_form("file"))] = Pics()
    deviations: Annotated[Deviations, BeforeValidator(short_form("file"))] = Deviations()

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_adapter(cls.kinds, data, lab)

    @property
    def command_environment(self) -> dict[str, str]:
        """The environment of its commands, with what keys of its own put there."""
        return self.environment


class Ssh(Section):
    """The switch's SSH server."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    namespace: str | None = None
    host_key: str | None = None  # "ssh-ed25519 AAAA...", as in a known_hosts file


class Console(Section):
    """The switch's serial console: a device, or a URL that pyserial knows (socket://, rfc2217://)."""

    url: str
    baudrate: Annotated[int, Field(ge=50)] = 9600


class Credentials(Section):
    """Where credentials come from; never what they are."""

    environment: str = "AGR_LAB_SWITCH"  # prefix of _USERNAME, _PASSWORD, _ENABLE
    key_file: str | None = None
    agent: bool = False


class Switch(PluginSection):
    """The managed switch: the keys that every driver has; a driver brings a subclass with those of its own.

    ``may``: what of the whole switch a run may change, whoever else uses it; "reload": it may reload it.
    Ports that the file does not name, and LAGs that were there before, stay as they are. ``boot_time``:
    seconds from a reload until one can log in again, at most.
    """

    registry: ClassVar[Registry] = SWITCHES
    named_by: ClassVar[str] = "driver"

    driver: str
    may: list[Literal["load-balance", "reload", "system-priority"]] = Field(default_factory=list)
    boot_time: Annotated[Seconds, Field(gt=0, le=3600)] = 600.0

    @property
    def ways(self) -> list[str]:
        """The ways to it that the file names, or may name in another file: "ssh", "console"."""
        return []

    @property
    def places(self) -> list[str]:
        """Where it is reached: switches with a place in common are one. Here: its driver's own keys."""
        own = {key: value for key, value in self.model_dump().items() if key not in Switch.model_fields}
        return [" ".join(f"{key} {value}" for key, value in own.items())]


class CommandLineSwitch(Switch):
    """A switch that is managed by its command line, over SSH, its serial console, or both.

    ``timeout``: seconds that an answer may take. ``from``: a file that says what is not said here, written by
    whatever started the switch.
    """

    ssh: Ssh | None = None
    console: Console | None = None
    credentials: Credentials = Credentials()
    from_: str | None = Field(None, alias="from")
    timeout: Annotated[Seconds, Field(gt=0, le=600)] = 20.0

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        if not {"ssh", "console", "from"} & set(data):
            yield Mistake((), "missing: `ssh:` or `console:` (or `from:`, a file that names them)")

    @property
    def ways(self) -> list[str]:
        return [way for way in ("ssh", "console") if getattr(self, way) or self.from_]

    @property
    def places(self) -> list[str]:
        ssh = f"{self.ssh.host}:{self.ssh.port}" if self.ssh else ""
        if self.ssh and self.ssh.namespace:
            ssh += f" in the namespace {self.ssh.namespace}"
        return [place for place in (ssh, self.console.url if self.console else "", self.from_ or "") if place]


class Emulated(Section):
    """Who starts the emulated bench, and what there is besides the wires.

    ``lacp``: whose LACP the emulated switch has, Open vSwitch's or the reference model's in real time.
    ``breakage``: the name of what is broken in the latter on purpose, to see that it is caught. ``startup``:
    lines of the configuration that the switch begins with. ``set_up``: shell lines that are run in the
    implementation's namespace once it is there, as one sets an implementation up by hand.
    """

    parts: Object  # "module:Class" of what starts and stops it
    switch_namespace: str
    lacp: Literal["openvswitch", "reference"] = "openvswitch"
    breakage: str | None = None
    startup: list[str] = Field(default_factory=list)
    set_up: list[str] = Field(default_factory=list)

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        if data.get("breakage") and data.get("lacp") != "reference":
            yield Mistake(("breakage",), "only the reference's LACP can be broken: `lacp: reference`")


class Generator(PluginSection):
    """What sends traffic at speed: the harness itself (``own``), a program, or a device that the lab owns.

    A generator brings a subclass with keys of its own.
    """

    registry: ClassVar[Registry] = GENERATORS
    named_by: ClassVar[str] = "kind"

    kind: str = "own"

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        if lab.get("kind") == "simulated":
            yield Mistake((), "a simulated bench has no interfaces to send traffic on")


class Capturer(Section):
    """Another machine that captures: on ``wires``, by name, and at the aggregates' ``clients`` if it says so.

    Its clock is known to ``error`` seconds: what it tells is wrong by ``ahead`` seconds at first, and by
    ``drift`` more a second, to and fro within that error.
    """

    wires: list[str] = Field(default_factory=list)
    clients: bool = False
    error: Annotated[Seconds, Field(gt=0, le=1)]
    ahead: Annotated[float, Field(ge=-1, le=1)] = 0.0
    drift: Annotated[float, Field(ge=-500e-6, le=500e-6)] = 0.0


class Impairments(Section):
    """What a simulated bench does to frames on its wires, the same for the same ``seed``.

    ``delay`` and ``jitter`` (evenly spread, above it) in seconds, each way; ``loss`` and ``duplication`` are
    shares of the frames, of which ``frames`` says which: any, or only periodic repeats of the tester's
    partners; no more than ``lost_in_a_row`` of these on end. ``one_way``: wires, by name, that carry frames
    only to the implementation or only to the tester. ``drift``: seconds that the implementation's clock gains
    a second. ``captured_by``: other machines that capture, by a name each.
    """

    seed: int = 0
    delay: Annotated[Seconds, Field(ge=0, le=1)] = 0.0
    jitter: Annotated[Seconds, Field(ge=0, le=1)] = 0.0
    loss: Annotated[float, Field(ge=0, le=1)] = 0.0
    lost_in_a_row: Annotated[int | None, Field(ge=1)] = None
    duplication: Annotated[float, Field(ge=0, le=1)] = 0.0
    frames: Literal["any", "repeats"] = "any"
    one_way: dict[str, Literal["to-implementation", "to-tester"]] = Field(default_factory=dict)
    drift: Annotated[float, Field(gt=-0.5, lt=0.5)] = 0.0
    captured_by: dict[str, Capturer] = Field(default_factory=dict)

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_impairments(data, lab)


class Lab(Section):
    """One lab file. ``mtu`` is that of the tester's ports on straight wires, in octets.

    ``profile`` is the edition that judges, ``readings`` are choices where its defaults are not wanted.
    ``benches`` side by side: a number, or as many as the machine carries ("auto"). ``slices`` of one bench,
    likewise: testcases side by side on wires of their own, each with aggregates of its own of the one
    implementation. ``confirm``: when what did not pass is run once more with nothing beside it: on benches
    that share a machine and in slices ("shared"), never or always.
    ``client``: where the switch is what is under test, the tester's NIC behind it that is its MAC client;
    ``tester_ports`` are those of further aggregates then.
    ``seed``: what a run draws it draws from this number; absent, each run has one of its own, and tells it.
    ``through_switch``: straight wires that the bench makes through the switch; false: none.
    """

    kind: Kind
    name: str
    description: str = ""
    benches: Number = 1
    slices: Number = 1
    confirm: Literal["never", "shared", "always"] = "shared"
    seed: Annotated[int, Field(ge=0)] | None = None
    profile: Edition = "802.3ad-2000"
    readings: dict[str, str] = Field(default_factory=dict)
    limits: Limits = Limits()
    implementation: Annotated[SerializeAsAny[Implementation], chosen_by_name(Implementation)]
    wires: list[Wire] = Field(min_length=1)
    traffic: SwitchWire | None = None
    client: SwitchWire | None = None
    mtu: Annotated[int, Field(ge=576, le=65_535)] = 1500
    tester_ports: list[SwitchWire] = Field(default_factory=list)
    through_switch: Annotated[
        ThroughSwitch, BeforeValidator(flag("allowed"), json_schema_input_type=bool | ThroughSwitch)
    ] = ThroughSwitch()
    switch: Annotated[SerializeAsAny[Switch], chosen_by_name(Switch)] | None = None
    emulated: Emulated | None = None
    generator: Annotated[SerializeAsAny[Generator], chosen_by_name(Generator)] = Generator()
    impairments: Impairments = Impairments()

    _source: Source = PrivateAttr(default_factory=lambda: Source("lab.yaml"))

    @classmethod
    def of(cls, source: Source) -> Self:
        """The lab that data describe. Raises UsageError, a line for every mistake: file, line, key."""
        try:
            lab = cls.model_validate(source.data, context=source.data)
        except ValidationError as error:
            problems = [Problem(tuple(detail["loc"]), detail["msg"]) for detail in error.errors()]
            raise UsageError(source.report(problems)) from None
        lab._source = source
        return lab

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_lab(data)

    @property
    def file(self) -> str:
        """The file it was loaded from, for messages."""
        return self._source.name

    @property
    def notes(self) -> list[str]:
        """Of each key that is read as before and is written otherwise now: ``file:line: key: sentence``."""
        moved = versions.moved_keys(self._source.data)
        return [self._source.describe(Problem(key, words)) for key, words in moved]

    @property
    def data(self) -> dict[str, Any]:
        """A copy of what the file says, with what the files say that it names."""
        return copy.deepcopy(self._source.data)

    @property
    def judged_by(self) -> Profile:
        """The edition that judges, with the readings in force."""
        return profile_of(self.profile, self.readings)

    def where_answered(self, answer: str) -> str:
        """The file that gives an answer of the PICS."""
        place = self._source.places.get(("implementation", "pics", answer))
        return place.file if place else self.implementation.pics.file or self.file

    @property
    def confirms(self) -> bool:
        """Whether what did not pass is run once more, alone."""
        shares = self.kind == "emulated" or self.is_sliced
        return self.confirm == "always" or (self.confirm == "shared" and shares)

    @property
    def is_sliced(self) -> bool:
        """Whether testcases run side by side on wires of one bench."""
        return self.slices != 1

    @property
    def straight_wires(self) -> list[Wire]:
        """The T1 wires, in the file's order."""
        return [wire for wire in self.wires if wire.straight]

    def straight_wires_for(self, *, speeds: bool) -> list[Wire]:
        """Those of a testcase that needs `speeds`, or of one that does not and leaves such wires alone."""
        if self.kind == "simulated":
            return self.straight_wires
        forced = [wire for wire in self.straight_wires if wire.speeds]
        return forced if speeds else [w for w in self.straight_wires if not w.speeds] or forced

    @property
    def own_ports(self) -> list[Port]:
        """Every interface of the tester's that the file names."""
        wires = [port for wire in self.wires for port in (wire.tester, wire.capture_at)]
        return [port for port in (*wires, *(cable.tester for cable in self.tester_wires)) if port is not None]

    @property
    def sending_ports(self) -> list[Port]:
        """Every interface of the tester's that it sends by."""
        ports = (*(wire.tester for wire in self.wires), *(cable.tester for cable in self.tester_wires))
        return [port for port in ports if port is not None]

    @property
    def switch_wires(self) -> list[Wire]:
        """The T2 wires, in the file's order."""
        return [wire for wire in self.wires if not wire.straight]

    @property
    def tester_wires(self) -> list[SwitchWire]:
        """Every cable between switch and tester that is no wire, the traffic's or the client's first."""
        first = [cable for cable in (self.traffic, self.client) if cable is not None]
        return first + self.tester_ports

    @property
    def switch_is_judged(self) -> bool:
        """Whether the switch of the file is what is under test: its ports are those of the wires."""
        return self.implementation.adapter == checks.SWITCH

    @property
    def switch_ports(self) -> list[str]:
        """Every port of the switch that the file names, as it stands there."""
        own = [wire.port for wire in self.wires] if self.switch_is_judged else []
        through = [wire.switch_port for wire in self.wires if wire.switch_port is not None]
        return own + through + [cable.switch_port for cable in self.tester_wires]

    @property
    def environment(self) -> dict[str, str]:
        """Of the implementation's commands."""
        return self.implementation.command_environment

    def wire(self, name: str) -> Wire:
        """A wire by name; KeyError when there is none."""
        return {wire.name: wire for wire in self.wires}[name]

    def resolve(self, bench: str, state: str) -> Lab:
        """One bench of the lab: ``${bench}`` and ``${state}`` filled in, ``benches`` 1.

        Raises UsageError, as `of`, where a filled-in value is wrong: an interface name of more than 15
        characters.
        """
        data = fill(self._source.data, {"bench": bench, "state": state}) | {"benches": 1}
        return Lab.of(Source(self._source.name, data, self._source.places))
