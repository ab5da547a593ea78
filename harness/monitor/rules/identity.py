"""Identity of systems and ports: valid, unique and constant (43.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.monitor.rules.rule import FrameVerdict, Rule, each_lacpdu, each_wire
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame


def _system(frame: Frame) -> str:
    octets = bytes.fromhex(frame.actor.system.replace(":", ""))
    return "" if any(octets) and not octets[0] & 1 else f"Actor_System {frame.actor.system}"


def _port(frame: Frame) -> str:
    return "" if frame.actor.port else "Actor_Port 0"


def _key(frame: Frame) -> str:
    return "" if frame.actor.key else "Actor_Key 0"


def _constant(row: str, what: str, of: Callable[[Frame], int]) -> Rule:
    """A value that stays on its wire until something is done to the implementation."""

    def judge(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
        known: dict[int, int] = {}
        for frame in wire.lacpdus:
            epoch = wire.epoch(frame.time)
            if epoch is not None:
                first = known.setdefault(epoch, of(frame))
                yield frame, "" if of(frame) == first else f"{what} {of(frame):#x} after {first:#x}"

    return each_wire(row, f"{what} is constant on its wire", judge)


def _unique(scene: Scene) -> Iterator[FrameVerdict]:
    """Two wires of one system never have one port number at a time."""
    taken: dict[tuple[int, int, str, int], str] = {}
    for wire in scene.wires:
        for frame in wire.lacpdus:
            epoch = wire.epoch(frame.time)
            if epoch is not None:
                actor = frame.actor
                key = (epoch, actor.system_priority, actor.system, actor.port)
                other = taken.setdefault(key, wire.name)
                yield frame, "" if other == wire.name else f"Actor_Port {actor.port:#x} is on {other} too"


RULES = (
    each_lacpdu("LF-17", "Actor_System is an individual, non-zero address", _system),
    each_lacpdu("LF-18", "Actor_Port is not zero", _port),
    each_lacpdu("LF-30", "Actor_Key is not zero", _key),
    Rule("LF-19", "Ports of one system have numbers of their own", _unique),
    _constant("LF-20", "Actor_Port", lambda frame: frame.actor.port),
    _constant("LF-25", "Collector_Max_Delay", lambda frame: frame.collector_max_delay),
)
