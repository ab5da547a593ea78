"""A finished testcase as rules see it: frames in the order of their time stamps, commands, carrier losses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.bench.bench import Window
from harness.dut.acts import Acts
from harness.lab.pics import Pics
from harness.pdu import Frame
from harness.profile import Profile
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, TIMER_TOLERANCE
from harness.wire.moment import doubt
from harness.wire.wire import Tap, Wire

SLOW_ADDRESS = bytes.fromhex("0180c2000002")
FLOOD = 25
"""More LACPDUs of a partner within `PROMPT` are one; 43B.2 allows ten frames."""
_WHOLE = 124
_FIXED = {16: b"\x01\x14", 36: b"\x02\x14", 56: b"\x03\x10", 72: b"\x00\x00"}
"""Where version 1 has its TLVs (43.4.2.2)."""


@dataclass(frozen=True)
class Down:
    """A time without carrier; `end` is None while it lasts."""

    start: float
    end: float | None


class WireScene:
    """One wire, with its frames of both directions; `link_time` is the implementation's to see carrier.

    `clocks` is by how many seconds their times may be wrong against what this machine did meanwhile: orders,
    carrier, the testcase's end. Those of one wire are by one clock.
    """

    def __init__(self, wire: Wire, acts: Acts, late: float, end: float, link_time: float = 0.0) -> None:
        self.name = wire.name
        self.straight = wire.straight
        self.acts = acts
        self.late = late
        self.link_time = link_time
        self.end = end
        self.source = wire.tap.mac
        self.downs = [Down(*down) for down in wire.downs]
        self.slowed = wire.slowed
        self.frames: Sequence[Frame] = list(wire.frames)
        known = (doubt(frame.time) for frame in self.frames)
        self.clocks = max(known, default=0.0) if wire.tap.clock is not None else 0.0
        self._receivable: dict[int, bool] = {}  # by the frame's identity: many are asked for again and again

    @cached_property
    def received(self) -> list[Frame]:
        """The frames of the implementation."""
        return [frame for frame in self.frames if not frame.sent]

    @cached_property
    def slow(self) -> list[Frame]:
        """The implementation's frames of slow protocols."""
        return [frame for frame in self.received if frame.subtype is not None]

    @cached_property
    def lacpdus(self) -> list[Frame]:
        """The implementation's LACPDUs."""
        return [frame for frame in self.slow if frame.is_lacpdu]

    @cached_property
    def times(self) -> list[float]:
        """When the implementation's LACPDUs passed."""
        return [frame.time for frame in self.lacpdus]

    @cached_property
    def partner_lacpdus(self) -> list[Frame]:
        """The LACPDUs sent to the implementation, also those that a receiver may decline: to another address
        than the slow protocols', or tagged, and then without the tags."""
        return [one for frame in self.frames if frame.sent and (one := self._bare(frame)).is_lacpdu]

    def _bare(self, frame: Frame) -> Frame:
        bare = frame.untagged()
        if bare is not frame:
            self._receivable[id(bare)] = False
        return bare

    @cached_property
    def _partner_times(self) -> list[float]:
        return [frame.time for frame in self.partner_lacpdus]

    @cached_property
    def _orders(self) -> list[float]:
        return sorted(act.start - self.clocks for act in self.acts.all)

    @cached_property
    def _cuts(self) -> list[float]:
        return sorted(down.start - PROMPT - self.clocks for down in self.downs)

    def is_receivable(self, frame: Frame) -> bool:
        """Whether any receiver with carrier takes this LACPDU of ours: nothing about it is odd."""
        known = self._receivable.get(id(frame))
        if known is None:
            known = self._receivable[id(frame)] = self._is_whole(frame)
        return known

    def _is_whole(self, frame: Frame) -> bool:
        data = frame.data
        return (
            data[:6] == SLOW_ADDRESS
            and len(data) == _WHOLE
            and data[15] == 1
            and all(data[at : at + 2] == octets for at, octets in _FIXED.items())
            and not any(data[33:36] + data[53:56] + data[60:72] + data[74:])
            and not self.was_down(frame.time, frame.time)
        )

    def was_down(self, start: float, end: float) -> bool:
        """Whether the wire was without carrier at some time of this span, or had it back only just."""
        seen = self.late + self.link_time + self.clocks
        return any(
            down.start - PROMPT - self.clocks <= end and (down.end is None or down.end + seen >= start)
            for down in self.downs
        )

    def queued(self, time: float) -> bool:
        """Whether a frame that is seen then may have left earlier: the bench keeps it in a queue."""
        return self.slowed is not None and time + self.clocks >= self.slowed

    def disturbed(self, start: float, end: float) -> bool:
        """Whether anything happened to the port that the wire does not show: an order, its carrier."""
        orders = start - PROMPT - self.late - self.clocks, end + self.clocks
        return self.acts.between(*orders) or self.was_down(start, end)

    def epoch(self, time: float) -> int | None:
        """`Acts.epoch` of a frame of this wire; None also where it may have passed during an order."""
        return self.acts.epoch(time + self.clocks, self.late + 2 * self.clocks)

    def era(self, time: float) -> tuple[int, ...]:
        """Equal for two times between which no LACPDU, command or carrier change counts: what holds at one of
        them by `lacpdus`, `disturbed` and `in_force`, and by what is `told` then, holds at the other."""
        settled, told = time - PROMPT - self.late, self.told(time)
        return (
            bisect_right(self.times, settled),
            bisect_right(self.times, time),
            bisect_right(self._partner_times, settled),
            bisect_right(self._partner_times, time),
            bisect_right(self._orders, time),
            bisect_right(self._cuts, time),
            bisect_right(self.times, told),
            bisect_right(self._orders, told),
            bisect_right(self._cuts, told),
            not self.ended(told),
        )

    def ended(self, time: float) -> bool:
        """Whether the testcase may have ended before this time."""
        return time + self.clocks > self.end

    def told(self, time: float) -> float:
        """When an LACPDU has told what was so at a time: one that the transmit limit let not go (43.4.16)."""
        return time + FAST_PERIODIC_TIME + TIMER_TOLERANCE + self.late

    def in_force(self, time: float) -> list[Frame] | None:
        """The partner's LACPDUs in force at `time`: its last one from `PROMPT` before,
        and those after it. None where it is not sure that the implementation took them: of a `FLOOD` it need
        not take each."""
        last_before = bisect_right(self._partner_times, time - PROMPT - self.late) - 1
        if last_before < 0:
            return None
        end = bisect_right(self._partner_times, time)
        if end - last_before > FLOOD:
            return None
        said = self.partner_lacpdus[last_before:end]
        if self.disturbed(said[0].time, time) or not all(self.is_receivable(frame) for frame in said):
            return None
        return said


@dataclass(frozen=True)
class Scene:
    """A finished testcase: its wires, MAC clients, commands, and the implementation's PICS.

    ``held_up`` says what held up the bench, or the implementation, in a window; "" where nothing did.
    """

    wires: Sequence[WireScene]
    clients: Mapping[str, Tap]
    acts: Acts
    late: float
    profile: Profile
    pics: Pics
    held_up: Callable[[Window], str] = lambda _: ""
