"""Short stories on wires to nobody, for the monitor to judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness import catalogue
from harness.bench.bench import Window
from harness.dut.acts import Acts
from harness.lab.pics import Pics
from harness.monitor.rules.scene import Scene, WireScene
from harness.monitor.watch import watch
from harness.pdu import PortInfo, State, lacpdu_frame, marker_frame, marker_response_frame
from harness.profile import profile
from harness.verdict.result import RuleFinding
from harness.wire.virtual_loop import VirtualLoop
from harness.wire.wire import Wire
from testcases.selftest.harness.stub import EchoTap, StillCarrier

LATE = 0.001
ACTIVE = State.Activity | State.Timeout | State.Aggregation
WORKING = ACTIVE | State.Synchronization | State.Collecting | State.Distributing
EXPIRED = ACTIVE | State.Expired

THEM = PortInfo(0x8000, "02:00:5e:00:52:01", 0x11, 0x8000, 1, WORKING)
US = PortInfo(0x7001, "02:00:5e:00:53:01", 0x0A0B, 0x6002, 0x0101, WORKING)


class NobodyDut:
    """An implementation that takes every order."""

    name = "nobody"

    def set(self, *_words: object) -> None: ...


class Story:
    """Wires on one clock. `they` is the implementation's address, by wire."""

    def __init__(self, wires: int = 1) -> None:
        self.loop = VirtualLoop()
        self.taps: list[EchoTap] = []
        self.wires = []
        for number in range(wires):
            tap = EchoTap(self.loop, f"t1-{number}")
            tap.mac = f"02:00:5e:00:54:{number:02x}"
            self.taps.append(tap)
            self.wires.append(
                Wire(tap.name, f"re{number}", tap, StillCarrier(), capture="tester", straight=True)
            )
        self.client = EchoTap(self.loop, "agr0")
        self.held_up: Callable[[Window], str] = lambda _: ""
        self.acts = Acts(NobodyDut(), self.loop.now)  # type: ignore[arg-type]
        self.judged_by = profile("802.3ad-2000")

    def wait(self, seconds: float) -> Story:
        self.loop.run_for(seconds)
        return self

    def hear(self, data: bytes, wire: int = 0) -> Story:
        """A frame of the implementation's."""
        self.taps[wire].hear(data)
        return self

    def say(self, data: bytes, wire: int = 0) -> Story:
        """A frame of the tester's."""
        self.taps[wire].send(data)
        return self

    def pdu(self, them: PortInfo = THEM, partner: PortInfo = US, wire: int = 0, **octets: int) -> Story:
        """An LACPDU of the implementation's; ``at_16=3`` makes its octet 16 a 3."""
        frame = bytearray(lacpdu_frame(f"02:00:5e:00:52:{wire + 1:02x}", them, partner))
        for name, octet in octets.items():
            frame[int(name.removeprefix("at_"))] = octet
        return self.hear(bytes(frame), wire)

    def ours(self, us: PortInfo = US, echo: PortInfo = THEM, wire: int = 0) -> Story:
        """An LACPDU of the tester's."""
        return self.say(lacpdu_frame(self.taps[wire].mac, us, echo), wire)

    def asked(self, transaction: int, wire: int = 0) -> Story:
        """A Marker of the tester's."""
        return self.say(marker_frame(self.taps[wire].mac, 1, US.system, transaction), wire)

    def answered(self, transaction: int, wire: int = 0) -> Story:
        """A Marker Response of the implementation's."""
        return self.hear(marker_response_frame("02:00:5e:00:52:01", 1, US.system, transaction), wire)

    def scene(self) -> Scene:
        """All that has happened."""
        end = self.loop.now()
        return Scene(
            [WireScene(wire, self.acts, LATE, end) for wire in self.wires],
            {"agr0": self.client},
            self.acts,
            LATE,
            self.judged_by,
            Pics(),
            self.held_up,
        )

    def told(self) -> Sequence[RuleFinding]:
        """What the monitor says."""
        return watch(self.scene(), catalogue.load())

    def wrong(self) -> set[str]:
        """Rows that were broken."""
        return {one.row for one in self.told() if one.wrong}

    def judged(self) -> set[str]:
        """Rows of which anything was judged."""
        return {one.row for one in self.told()}
