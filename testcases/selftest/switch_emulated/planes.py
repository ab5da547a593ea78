"""Two switches with the reference's data plane, wired back to back, in virtual time.

Ports 1 to 4 of one are wired to those of the other; ports 5 to 8 lead to stations, whose frames are noted.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from fixtures.switch.commands import grammars
from fixtures.switch.model import Member, Switch
from fixtures.switch.reference.backend import ReferenceBackend
from fixtures.switch.reference.breakages import plane_of
from fixtures.switch.reference.plane import SLOW_PROTOCOLS, Plane
from fixtures.switch.reference.port_socket import PLAIN
from fixtures.switch.replay import parse_config
from harness.pdu import Frame
from testcases.selftest.switch_emulated.fake import FakeBackend

PORTS = [f"GigabitEthernet1/0/{number}" for number in range(1, 9)]
WIRED = PORTS[:4]
SYSTEMS = ("02:00:00:00:0a:00", "02:00:00:00:0b:00")
GRAMMARS = grammars(ReferenceBackend.features)


@dataclass
class FakePort:
    """One port: what is sent by it, with the time."""

    mac: bytes
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    clock: float = 0.0

    def receive(self) -> None:
        return None

    def send(self, offload: bytes, frame: bytes) -> None:
        self.sent.append((self.clock, frame))


class Box:
    """One switch: its command line's configuration, and its data plane."""

    def __init__(self, number: int, world: World, breakage: str) -> None:
        octets = bytes.fromhex(SYSTEMS[number].replace(":", ""))
        self.ports = {name: FakePort(octets[:5] + bytes([at])) for at, name in enumerate(PORTS, 1)}
        self.plane: Plane = plane_of(breakage)(self.ports, SYSTEMS[number], lambda: world.now)
        self.switch = Switch(FakeBackend(), PORTS)
        self.world = world
        self.down = set(PORTS)

    def configure(self, *lines: str) -> None:
        """Makes these lines the whole configuration; a port that is shut loses its link."""
        config = parse_config(self.switch, GRAMMARS, "\n".join(lines))
        self.down = {name for name, shut in self.plane.to_be_down(config).items() if shut}
        self.plane.configure(config)
        self.world.follow_links()

    def members(self, group: int = 1) -> dict[str, Member]:
        return self.plane.members().get(group, {})

    def bundled(self, group: int = 1) -> list[int]:
        """The numbers of the ports that are bundled."""
        return [PORTS.index(name) + 1 for name, member in self.members(group).items() if member.bundled]

    def frames(self, *ports: int) -> list[Frame]:
        """What has been sent by ports, by their numbers, in order of time."""
        sent = [
            (at, frame, PORTS[number - 1])
            for number in ports
            for at, frame in self.ports[PORTS[number - 1]].sent
        ]
        return [Frame(at, frame, True, name) for at, frame, name in sorted(sent, key=lambda one: one[0])]

    def data(self, *ports: int) -> list[bytes]:
        return [frame.data for frame in self.frames(*ports) if frame.is_data]


class World:
    """Both boxes, and time; the left one may be broken on purpose."""

    def __init__(self, breakage: str = "") -> None:
        self.now = 100.0
        self.cut: set[str] = set()
        self._crossed: Counter[bytes] = Counter()
        self.left, self.right = self.boxes = Box(0, self, breakage), Box(1, self, "")
        for box in self.boxes:
            for name in PORTS:
                box.plane.medium(name, 1000, True)
            box.configure()

    def follow_links(self) -> None:
        """Carrier, from what is shut and what is cut; a wire needs both its ends."""
        for box, far in (self.boxes, self.boxes[::-1]):
            for name in PORTS:
                off = box.down | (self.cut | far.down if name in WIRED else set())
                box.plane.link(name, name not in off)

    def cut_wires(self, *ports: int) -> None:
        """These wires have no carrier, and no others."""
        self.cut = {PORTS[port - 1] for port in ports}
        self.follow_links()

    def offer(self, box: Box, port: int, *frames: bytes) -> None:
        """Frames come in on a port."""
        for frame in frames:
            box.plane.receive(PORTS[port - 1], PLAIN, frame)
        self.run(0.0)

    def heard(self, *ports: int) -> dict[int, list[bytes]]:
        """The data frames that came out of ports of the left switch since the last call."""
        found = {port: self.left.data(port) for port in ports}
        for port in self.left.ports.values():
            port.sent.clear()
            self._crossed[port.mac] = 0
        return found

    def run(self, seconds: float) -> None:
        """Lets time pass; slow protocols frames cross the wires at once, data do not: wires may be a loop."""
        end = self.now + seconds
        while True:
            while self._cross():
                pass
            deadlines = (box.plane.deadline() for box in self.boxes)
            due = min((at for at in deadlines if at is not None), default=math.inf)
            if due > end:
                break
            self._pass_to(due)
        self._pass_to(end)

    def _pass_to(self, now: float) -> None:
        self.now = max(self.now, now)
        for box in self.boxes:
            for port in box.ports.values():
                port.clock = self.now
            box.plane.advance()

    def _cross(self) -> bool:
        moved = False
        for box, far in (self.boxes, self.boxes[::-1]):
            for name in WIRED:
                port = box.ports[name]
                new = port.sent[self._crossed[port.mac] :]
                self._crossed[port.mac] += len(new)
                for _, frame in new:
                    moved = True
                    up = far.plane.carrier[name] and box.plane.carrier[name]
                    if up and frame[:6] == SLOW_PROTOCOLS:
                        far.plane.receive(name, PLAIN, frame)
        return moved
