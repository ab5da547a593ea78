"""What a lab file may say, as pydantic models. Checks of more than one key stand in `harness.lab.checks`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr
from pydantic_core import PydanticCustomError

from harness.lab.source import Source
from harness.profile import Edition, Profile
from harness.profile import profile as profile_of

Kind = Literal["simulated", "emulated", "hardware"]
Seconds = float


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("day", "must be a day, as 2026-12-31") from None


Day = Annotated[date, BeforeValidator(_day)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Capture(StrEnum):
    """Where the frames of a wire are captured; reports name it (rule 5 of the design)."""

    TESTER = "tester"  # the tester's port at the wire's other end
    HOST = "host"  # the implementation's own port: does not prove that a frame left the NIC
    MIRROR = "mirror"  # a mirror (SPAN) port of the switch
    REMOTE = "remote"  # a capture on another machine


class Port(_Model):
    """A network interface of this machine, in a namespace or (absent) in the caller's own."""

    interface: str
    namespace: str | None = None


class CapturePoint(Port):
    """Where a mirror or a remote capture is taken; ``host`` (SSH destination) only for a remote one."""

    host: str | None = None


class Wire(_Model):
    """One cable of a port of the implementation: straight to the tester (T1) or to the switch (T2).

    ``speeds``: its speed and duplex can be forced at the tester's end; on an emulated bench a wire of TAPs.
    """

    name: str
    port: str
    to: Literal["tester", "switch"]
    tester: Port | None = None
    switch_port: str | None = None
    capture_: Literal["tester", "host", "mirror", "remote"] | None = Field(None, alias="capture")
    capture_at: CapturePoint | None = None
    cut_: Literal["tester-link", "switch", "none"] | None = Field(None, alias="cut")
    mac: str | None = None
    speeds: bool = False

    @property
    def straight(self) -> bool:
        """True for T1: nothing stands between the port and the tester."""
        return self.to == "tester"

    @property
    def capture(self) -> Capture:
        """Where frames are captured: by default the tester's port, or the host's own port of a T2 wire."""
        return Capture(self.capture_ or ("tester" if self.straight else "host"))

    @property
    def cut(self) -> Literal["tester-link", "switch", "none"]:
        """How carrier is taken from the port: by default by the end that is the harness's to command."""
        return self.cut_ or ("tester-link" if self.straight else "switch")


class SwitchWire(_Model):
    """A cable between a port of the switch and one of the tester."""

    tester: Port
    switch_port: str


class Limits(_Model):
    """Numbers that belong to the bench: what it may lack before it stops giving verdicts, in seconds.

    ``late``: its own lateness, and how long a host may keep those waiting who run on it. ``clock_step``: how
    far the wall clock may jump against the monotonic one. ``failover_loss``: the longest interruption after a
    carrier loss. ``drops``: frames that a capture may lose. ``link_up``: how long a link may take to come up
    when both its ends are up. ``conversations``: how many it can offer at once, of two frames a second each.
    ``overrun``: how long a testcase may take beyond three times what it claims, before it is ended as an
    ERROR. ``command``: how long a command of the implementation may take before it counts as hung.
    """

    late: Annotated[Seconds, Field(gt=0, le=10)] = 0.25
    clock_step: Annotated[Seconds, Field(gt=0, le=10)] = 0.05
    failover_loss: Annotated[Seconds, Field(gt=0, le=120)] = 1.0
    drops: Annotated[int, Field(ge=0)] = 0
    link_up: Annotated[Seconds, Field(gt=0, le=60)] = 5.0
    conversations: Annotated[int, Field(ge=16, le=10_000)] = 1000
    overrun: Annotated[Seconds, Field(gt=0, le=3600)] = 60.0
    command: Annotated[Seconds, Field(gt=0, le=600)] = 30.0


class PartnerDefaults(_Model):
    """Partner_Admin values of clause 43.4.7 that the implementation declares."""

    system_priority: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    system: str = "00:00:00:00:00:00"
    key: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    port_priority: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    port: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    state: Annotated[int, Field(ge=0, le=0xFF)] = 0


class Pics(_Model):
    """What the implementation declares that it does (the PICS, and the rows' [profile]).

    ``file`` holds the answers that a lab file does not give itself.
    """

    file: str | None = None
    active: bool = True
    passive: bool = True
    short_timeout: bool = True
    long_timeout: bool = True
    independent_control: bool = True
    coupled_control: bool = False
    individual: bool = True
    lacp_off: bool = True
    set_key: bool = True
    set_system_priority: bool = True
    set_port_priority: bool = True
    several_aggregates: bool = True
    half_duplex: bool = False
    churn: bool = True
    status: bool = True
    counters: bool = False  # of 30.7.3.1, readable
    restart: bool = True
    after_crash: Literal["carries", "stops"] = "stops"  # the data path, when its processes are killed
    round_robin: bool = False
    spreads: bool = True  # conversations of one client are soon on all links of a LAG
    static_aggregation: bool = False  # without LACP
    max_links: bool = False  # a LAG can be limited; further links are STANDBY
    min_links: bool = False  # an aggregate with fewer links carries nothing
    set_defaulted: bool = False  # what a port without a partner does can be chosen
    shared_system: bool = False  # aggregates with one system identifier are one System
    farewell: bool = False  # a port that is removed says so in a last LACPDU
    agr_manual: bool = False  # its defaults, and whose MAC address an aggregate has, are those of agr(4)
    marker_generator: bool = False
    marker_wait: Annotated[Seconds | None, Field(gt=0)] = None
    unanswered_markers: Annotated[int | None, Field(ge=1)] = None  # in a row; then it waits for
    silent_marker_wait: Annotated[Seconds | None, Field(gt=0)] = None  # or the partner's delay
    moved_conversations: Literal["marker", "timer", "none"] = "none"
    reselects: bool = True  # a LAG that has lost its last link gives its place to another (SL-14)
    keeps_lag: bool = True  # and keeps that place where the first comes back and is its equal (SL-15)
    system_id_stays: bool = True  # when the port leaves whose address it is (SL-23)
    dynamic_keys: bool = False  # a link that cannot be used gets another operational key (43.6.2)
    zero_partner: Literal["accept", "drop"] = "accept"  # LACPDUs with key or port number 0 (SL-22)
    individual_partner: Literal["carry", "suspend"] = "suspend"
    partner_without_lacp: Literal["individual", "suspend", "fallback"] = "suspend"
    max_ports: Annotated[int | None, Field(ge=1)] = None
    partner_defaults: PartnerDefaults = PartnerDefaults()


class Deviation(_Model):
    """Failures of an implementation that are known: of these rows, in these testcases or (absent) in all.

    Testcases are named as "test_response.py", "test_response.py::test_copied", with parameters in brackets to
    mean one of them, or "monitor" for the rules that the protocol monitor holds frames against. ``editions``
    are those under which it is taken as known; absent: all. After the day of ``expires`` its failures are
    failures again. What shows ``sometimes`` is not reported as gone by a run without it.
    """

    rows: Annotated[list[str], Field(min_length=1)]
    testcases: list[str] = Field(default_factory=list)
    editions: list[Edition] = Field(default_factory=list)
    sometimes: bool = False
    reason: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]
    expires: Day


class Deviations(_Model):
    """An implementation's known deviations; ``file`` is where they stand."""

    file: str | None = None
    known: list[Deviation] = Field(default_factory=list)


class Implementation(_Model):
    """What is under test, and how it is reached.

    ``data_path`` is for agr: the one that it is to use, as its environment's ``AGR_DATA_PATH`` has it. So is
    ``service``: agrd runs for as long as the bench is up, as under a service manager; otherwise it starts
    with a testcase's first aggregate and ends with its last.
    """

    adapter: Literal["agr", "openvswitch", "simulated"]
    namespace: str | None = None
    command: str | None = None
    load: str | None = None
    environment: dict[str, str] = Field(default_factory=dict)  # of its commands
    data_path: Literal["auto", "bpf", "python"] | None = None
    service: bool = False
    options: dict[str, Any] = Field(default_factory=dict)
    pics: Pics = Pics()
    deviations: Deviations = Deviations()


class Ssh(_Model):
    """The switch's SSH server."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    namespace: str | None = None
    host_key: str | None = None  # "ssh-ed25519 AAAA...", as in a known_hosts file


class Console(_Model):
    """The switch's serial console: a device, or a URL that pyserial knows (socket://, rfc2217://)."""

    url: str
    baudrate: Annotated[int, Field(ge=50)] = 9600


class Credentials(_Model):
    """Where credentials come from; never what they are."""

    environment: str = "AGR_LAB_SWITCH"  # prefix of _USERNAME, _PASSWORD, _ENABLE
    key_file: str | None = None
    agent: bool = False


class Switch(_Model):
    """The managed switch and the ways to its command line."""

    driver: Literal["cisco_ios"]
    ssh: Ssh | None = None
    console: Console | None = None
    credentials: Credentials = Credentials()
    from_: str | None = Field(None, alias="from")
    timeout: Annotated[Seconds, Field(gt=0, le=600)] = 20.0


class Emulated(_Model):
    """Who starts the emulated bench, and what there is besides the wires."""

    parts: str  # "module:Class" of what starts and stops it
    switch_namespace: str


class Generator(_Model):
    """What sends traffic at speed: the harness itself (``own``), tcpreplay, or a device that the lab owns.

    ``address`` of the device: host or host:port of a TRex server, the URL of an Open Traffic Generator's API.
    ``ports``: by wire, the device's port at its end, TRex's number or the generator's location.
    """

    kind: Literal["own", "tcpreplay", "trex", "otg"] = "own"
    address: str | None = None
    ports: dict[str, int | str] = Field(default_factory=dict)


class Impairments(_Model):
    """What a simulated bench does to frames on its wires, the same for the same ``seed``.

    ``delay`` and ``jitter`` (evenly spread, above it) in seconds, each way; ``loss`` and ``duplication`` are
    shares of the frames, of which ``frames`` says which: any, or only periodic repeats of the tester's
    partners; no more than ``lost_in_a_row`` of these on end. ``one_way``: wires, by name, that carry frames
    only to the implementation or only to the tester. ``drift``: seconds that the implementation's clock gains
    a second.
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


class Lab(_Model):
    """One lab file. ``mtu`` is that of the tester's ports on straight wires, in octets.

    ``profile`` is the edition that judges, ``readings`` are choices where its defaults are not wanted.
    ``benches`` side by side: a number, or as many as the machine carries ("auto"). ``confirm``: when what did
    not pass is run once more with nothing beside it: on benches that share a machine, never or always.
    """

    kind: Kind
    name: str
    description: str = ""
    benches: Literal["auto"] | Annotated[int, Field(ge=1, le=64)] = 1
    confirm: Literal["never", "shared", "always"] = "shared"
    profile: Edition = "802.3ad-2000"
    readings: dict[str, str] = Field(default_factory=dict)
    limits: Limits = Limits()
    implementation: Implementation
    wires: list[Wire] = Field(min_length=1)
    traffic: SwitchWire | None = None
    mtu: Annotated[int, Field(ge=576, le=65_535)] = 1500
    tester_ports: list[SwitchWire] = Field(default_factory=list)
    switch: Switch | None = None
    emulated: Emulated | None = None
    generator: Generator = Generator()
    impairments: Impairments = Impairments()

    _source: Source = PrivateAttr(default_factory=lambda: Source("lab.yaml"))

    @property
    def file(self) -> str:
        """The file it was loaded from, for messages."""
        return self._source.name

    @property
    def judged_by(self) -> Profile:
        """The edition that judges, with the readings in force."""
        return profile_of(self.profile, self.readings)

    def where_answered(self, answer: str) -> str:
        """The file that gives an answer of the PICS."""
        own = ("implementation", "pics", answer) in self._source.lines
        return self.file if own else self.implementation.pics.file or self.file

    @property
    def confirms(self) -> bool:
        """Whether what did not pass is run once more, alone."""
        return self.confirm == "always" or (self.confirm == "shared" and self.kind == "emulated")

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
    def switch_wires(self) -> list[Wire]:
        """The T2 wires, in the file's order."""
        return [wire for wire in self.wires if not wire.straight]

    @property
    def tester_wires(self) -> list[SwitchWire]:
        """Every cable between switch and tester, the traffic one first."""
        return ([self.traffic] if self.traffic else []) + self.tester_ports

    @property
    def environment(self) -> dict[str, str]:
        """Of the implementation's commands."""
        wanted = self.implementation.data_path
        return self.implementation.environment | ({"AGR_DATA_PATH": wanted} if wanted else {})

    def wire(self, name: str) -> Wire:
        """A wire by name; KeyError when there is none."""
        return {wire.name: wire for wire in self.wires}[name]

    def resolve(self, bench: str, state: str) -> Lab:
        """One bench of the lab: ``${bench}`` and ``${state}`` filled in, ``benches`` 1.

        Raises UsageError, as `load`, where a filled-in value is wrong: an interface name of more than 15
        characters.
        """
        from harness.lab.load import build  # the two need each other; only this way round at run time
        from harness.lab.placeholders import fill

        data = fill(self._source.data, {"bench": bench, "state": state}) | {"benches": 1}
        return build(Source(self._source.name, data, self._source.lines))
