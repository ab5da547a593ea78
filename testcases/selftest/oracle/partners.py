"""Random partners, cables and operators for a pair: what hypothesis draws from."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from harness.pdu import PortInfo, State, lacpdu_frame, marker_frame
from harness.pdu.info import BITS
from harness.profile.constants import FAST_PERIODIC_TIME, TIMER_TOLERANCE
from testcases.selftest.oracle.freedoms import info
from testcases.selftest.oracle.pair import AGGREGATE, PORTS, Pair

MAC = "02:00:00:00:04:01"
SYSTEMS = ("02:00:5e:00:53:01", "02:00:5e:00:53:02")
WILLING = State.Activity | State.Aggregation | State.Synchronization | State.Collecting | State.Distributing

WAITS = (0.05, 0.3, 0.9, 1.1, 2.2, 3.1, 7.0, 31.0, 62.0, 92.0)
FAST, SLOW = 0.97, 29.3
"""Seconds between the LACPDUs of a partner that speaks; no multiple of them is a timer's end."""

LONGEST_BESIDE_FAST = 8.0
"""Seconds that pass at once while a partner speaks fast: it takes many LACPDUs."""

MARKERS = 2
"""A partner sends no more of them in any second: responses share the five of 43B.2 with agr's own Markers."""

Fields = dict[str, Any]

WRONG: tuple[Fields, ...] = (
    {"port": 99}, {"key": 99}, {"system": "02:00:00:00:00:99"}, {"system_priority": 99},
    {"port_priority": 99},
)  # fmt: skip
"""What a partner may get wrong of the port's own values, beside single bits of its state."""

PARTNERS: tuple[Fields, ...] = (
    {"system": SYSTEMS[0]}, {"system": SYSTEMS[1]}, {"key": 0x0A0A}, {"key": 0x0B0B}, {"system_priority": 1},
    {"system_priority": 0x9000}, {"port_priority": 1}, {"port_priority": 0x80}, {"port": 0x77},
    {"Aggregation": 0}, {"Aggregation": 1}, {"Defaulted": 1}, {"Expired": 1}, {"Defaulted": 0, "Expired": 0},
)  # fmt: skip
"""What a partner may become."""

SETTINGS = (
    ("key", "7"), ("key", "8"), ("system-priority", "2"), ("system-priority", "0x8000"),
    ("activity", "active"), ("activity", "passive"), ("timeout", "short"), ("timeout", "long"),
    ("control", "independent"), ("control", "coupled"), ("max-links", "1"), ("max-links", "2"),
    ("max-links", "0"), ("collector-max-delay", "50"), ("system-id", "02:00:00:00:00:77"),
)  # fmt: skip

PORT_SETTINGS = (
    ("port-priority", "1"), ("port-priority", "0x8000"), ("individual", "on"), ("individual", "off"),
    ("lacp", "on"), ("lacp", "off"),
)  # fmt: skip

ports = st.sampled_from(sorted(PORTS))
bit = st.booleans()


class Partners(RuleBasedStateMachine):
    """One partner a port, each by itself: silent, fast or slow, right or wrong, as one system or as two."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.info = {
            name: PortInfo(0x8000, SYSTEMS[0], 0x0A0A, 0x80, 0x10 + place, WILLING)
            for place, name in enumerate(PORTS)
        }
        self.period: dict[str, float] = {}  # of those that speak by themselves
        self.next: dict[str, float] = {}
        self.up = dict.fromkeys(PORTS, False)
        self.markers: dict[str, deque[float]] = {}

    @initialize(
        timeout=st.sampled_from(("short", "long")),
        control=st.sampled_from(("independent", "coupled")),
        max_links=st.sampled_from(("0", "1", "2")),
        system_priority=st.sampled_from(("0x8000", "2", "0x9000")),
        priorities=st.permutations((1, 2, 3)),
        willing=st.booleans(),
    )
    def begin(
        self,
        timeout: str,
        control: str,
        max_links: str,
        system_priority: str,
        priorities: Sequence[int],
        willing: bool,
    ) -> None:
        """Three ports with carrier; their partners are silent, or so willing that links are in use."""
        for setting in (("timeout", timeout), ("control", control), ("max-links", max_links),
                        ("system-priority", system_priority)):  # fmt: skip
            self.administer(setting)
        for name, priority in zip(PORTS, priorities, strict=True):
            self.attach(name)
            self.carrier(name, True)
            self.info[name] = self.info[name].change(port_priority=priority)
        if willing:
            self.all_willing(LONGEST_BESIDE_FAST, SYSTEMS[0])

    # -- the operator

    @rule(setting=st.sampled_from(SETTINGS))
    def administer(self, setting: tuple[str, str]) -> None:
        variable, value = setting
        self.pair.configure(do="set", aggregate=AGGREGATE, variable=variable, value=value)

    @rule(port=ports, setting=st.sampled_from(PORT_SETTINGS))
    def administer_port(self, port: str, setting: tuple[str, str]) -> None:
        variable, value = setting
        self.pair.configure(do="set", aggregate=AGGREGATE, variable=variable, value=value, port=port)

    @rule(port=ports)
    def attach(self, port: str) -> None:
        if port not in self.pair.ports:
            self.pair.configure(do="agrport", aggregate=AGGREGATE, port=port)

    @rule(port=ports)
    def detach(self, port: str) -> None:
        """Without carrier: how a live port says farewell is free (43.4.16; TX-09)."""
        if port in self.pair.ports:
            self.carrier(port, False)
            self.pair.configure(do="-agrport", aggregate=AGGREGATE, port=port)

    # -- cables

    @rule(port=ports, up=bit)
    def carrier(self, port: str, up: bool) -> None:
        if self.up[port] is not up:
            self.up[port] = up
            self.pair.link(port, up)

    def put(self, port: str, frame: bytes) -> None:
        if self.up[port]:
            self.pair.receive(port, frame)

    # -- partners

    def say(self, port: str, wrong: Fields | None = None) -> None:
        """An LACPDU of the port's partner; what it knows of the port is right but for these fields."""
        if port in self.pair.ports and self.up[port]:
            known = info(self.pair.ports[port]["actor"]).change(**(wrong or {}))
            self.put(port, lacpdu_frame(MAC, self.info[port], known))

    @rule(port=ports, period=st.sampled_from((FAST, SLOW)))
    def speak(self, port: str, period: float) -> None:
        self.period[port], self.next[port] = period, self.pair.now

    @rule(port=ports)
    def fall_silent(self, port: str) -> None:
        self.period.pop(port, None)

    @rule(seconds=st.sampled_from((3.5, LONGEST_BESIDE_FAST)), system=st.sampled_from(SYSTEMS))
    def all_willing(self, seconds: float, system: str) -> None:
        for port in PORTS:
            one = self.info[port]
            self.info[port] = one.change(system=system, key=0x0A0A, system_priority=0x8000, state=WILLING)
            self.speak(port, FAST)
        self.wait(seconds)

    @rule(port=ports, sync=bit, collecting=bit, timeout=bit, activity=bit)
    def change_bits(self, port: str, sync: bool, collecting: bool, timeout: bool, activity: bool) -> None:
        self.info[port] = self.info[port].change(
            Synchronization=sync,
            Collecting=collecting,
            Distributing=collecting,
            Timeout=timeout,
            Activity=activity,
        )
        self.say(port)

    @rule(port=ports, change=st.sampled_from(PARTNERS))
    def change_partner(self, port: str, change: Fields) -> None:
        self.info[port] = self.info[port].change(**change)
        self.say(port)

    @rule(port=ports)
    def say_again(self, port: str) -> None:
        self.say(port)

    @rule(port=ports, wrong=st.sampled_from(WRONG))
    def knows_wrong(self, port: str, wrong: Fields) -> None:
        self.say(port, wrong)

    @rule(port=ports, flag=st.sampled_from(BITS))
    def knows_a_bit_wrong(self, port: str, flag: str) -> None:
        if port in self.pair.ports:
            known = info(self.pair.ports[port]["actor"]).state
            self.say(port, {flag: State[flag] not in known})

    @rule(port=ports, number=st.integers(0, 0xFFFFFFFF))
    def marker(self, port: str, number: int) -> None:
        """Within the rate: whether more than that is answered is free."""
        last = self.markers.setdefault(port, deque(maxlen=MARKERS))
        if len(last) < MARKERS or self.pair.now - last[0] > FAST_PERIODIC_TIME + TIMER_TOLERANCE:
            last.append(self.pair.now)
            self.put(port, marker_frame(MAC, 3, SYSTEMS[0], number))

    @rule(port=ports, subtype=st.sampled_from((0, 3, 10, 11, 255)))
    def other_slow_protocol(self, port: str, subtype: int) -> None:
        frame = marker_frame(MAC, 3, SYSTEMS[0], 1)
        self.put(port, frame[:14] + bytes([subtype]) + frame[15:])

    @rule(port=ports)
    def data(self, port: str) -> None:
        """Delivered while Collecting, else not."""
        self.put(port, bytes(6) + bytes.fromhex(MAC.replace(":", "")) + b"\x08\x00" + bytes(46))

    # -- time

    @rule(seconds=st.sampled_from((62.0, 92.0)))
    def all_fall_silent(self, seconds: float) -> None:
        self.period.clear()
        self.wait(seconds)

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: float) -> None:
        if FAST in self.period.values():
            seconds = min(seconds, LONGEST_BESIDE_FAST)
        until = self.pair.now + seconds
        while True:
            port = min(self.period, key=self.next.__getitem__, default=None)
            if port is None or self.next[port] > until:
                self.pair.wait(until)
                return
            self.pair.wait(max(self.next[port], self.pair.now))
            self.next[port] += self.period[port]
            self.say(port)
