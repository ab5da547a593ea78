"""A station: a scripted LACP partner at the tester's end of a straight wire.

It says of itself what the testcase tells it to (`info`), tells the implementation what it heard of it
(`echo`), repeats that every `period`, and answers as update_NTT would have it (43.4.9) while `answers` is on.
It keeps the slow-protocol rate itself: at most three LACPDUs in any Fast_Periodic_Time (43.4.16, CF-12).
While it answers it is a Marker Responder too (43.5.4), as every port is.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

from harness.pdu import Frame, PortInfo, State, lacpdu_frame, marker_frame, marker_response_frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME
from harness.verdict import BenchError
from harness.wire.loop import Loop, Timer
from harness.wire.wire import Wire

RATE_MARGIN = 0.01
"""Seconds added to the rate limit, for the time between a decision and the wire."""

OWN_FRAME_TIME = 2.0
"""Seconds in which the capture must show what was sent, or the bench is broken."""

WILLING = State.Activity | State.Aggregation | State.Synchronization | State.Collecting | State.Distributing
"""State bits of a partner that takes part from its first PDU on."""


PARTNER = "02:00:5e:{:02x}:53:01"
"""The System of stations, by the slice of the bench that they are on."""


def default_info(number: int, system: str = PARTNER.format(0)) -> PortInfo:
    """A partner whose identity is distinct and non-zero in every field; `number` is the port's (1..)."""
    return PortInfo(
        system_priority=0x7001,
        system=system,
        key=0x0A0B,
        port_priority=0x6002,
        port=0x0100 + number,
        state=State(WILLING | State.Timeout),
    )


class Station:
    """One partner on one wire. Change `info` freely; nothing is sent by that alone.

    `responds` False: Markers are swallowed. `follows` True: told Synchronization=0, it neither collects nor
    distributes any more, as its Mux machine would have it (43.4.15). `distance` is how many seconds the link
    is longer than the wire for data and Markers: a Marker Response leaves that much later, and who judges the
    order in which frames reach this partner adds it to their times.
    """

    def __init__(self, loop: Loop, wire: Wire, info: PortInfo) -> None:
        self.loop = loop
        self.wire = wire
        self.info = info
        self.answers = False
        self.responds = True
        self.follows = False
        self.distance = 0.0
        self.fixed_echo: PortInfo | None = None
        self.max_delay = 0
        self._heard: PortInfo | None = None
        self._period: float | None = None
        self._timer: Timer | None = None
        self._answer: Timer | None = None
        self._speaking = False
        self._said = b""  # by itself, last
        self._sent: deque[float] = deque(maxlen=MAX_LACPDUS_PER_FAST_PERIODIC_TIME)
        self._stop_listening = wire.tap.listen(self._frame)

    @property
    def echo(self) -> PortInfo:
        """Partner Information of the next LACPDU: the testcase's, or the Actor Information heard last."""
        return self.fixed_echo or self._heard or PortInfo()

    @property
    def heard(self) -> PortInfo | None:
        """Actor information of the last LACPDU of the implementation, None before the first."""
        with self.loop.lock:
            return self._heard

    # -- what a testcase says

    def start(self, period: float | None = FAST_PERIODIC_TIME, *, answers: bool = True) -> None:
        """Take part: send now and every `period` seconds (None: only answers)."""
        with self.loop.lock:
            self.answers = answers
            self._period = period
            self._send_soon()
            self._repeat()

    def silence(self) -> float:
        """Send nothing more by itself; gives the bench time."""
        with self.loop.lock:
            self.answers = False
            self._period = None
            for timer in (self._timer, self._answer):
                if timer is not None:
                    timer.cancel()
            self._timer = self._answer = None
            return self.loop.now()

    def change(self, **changes: Any) -> None:
        """Change fields or state bits of `info`, for the next PDU: ``change(Collecting=0, key=7)``."""
        with self.loop.lock:
            self.info = self.info.change(**changes)

    def say(self, *, partner: PortInfo | None = None, **changes: Any) -> Frame:
        """Change `info`, send one LACPDU as soon as the rate allows, and give it as it passed the wire.

        ``partner`` is the Partner information of this PDU alone.
        """
        with self.loop.lock:
            self.info = self.info.change(**changes)
        return self.send(lambda: lacpdu_frame(self.wire.tap.mac, self.info, partner or self.echo,
                                              max_delay=self.max_delay))  # fmt: skip

    def last(self, **changes: Any) -> Frame:
        """Send one more LACPDU as `say` does, and fall silent: silence begins with the frame it gives."""
        self.silence()
        return self.say(**changes)

    def send(self, make: Callable[[], bytes]) -> Frame:
        """Wait for the rate limit, then send the frame that `make()` gives; periodic frames stand back."""
        with self.loop.lock:
            self._speaking = True
        try:
            while not self._free_now():
                self.loop.run(lambda: None, self._free_at())
            with self.loop.lock:
                frame = make()
                mark = len(self.wire.frames)
                self._note_sent()
                self.wire.send(frame)
        finally:
            self._speaking = False
        return self._seen(frame, mark)

    def marker(self, transaction_id: int, *, port: int | None = None, system: str | None = None) -> Frame:
        """Send one Marker PDU; requester port and system are the station's own by default."""
        return self.put(
            marker_frame(
                self.wire.tap.mac,
                self.info.port if port is None else port,
                system or self.info.system,
                transaction_id,
            )
        )

    def put(self, frame: bytes) -> Frame:
        """Send octets as they are, at once, and give the frame as it passed the wire."""
        mark = len(self.wire.frames)
        self.wire.send(frame)
        return self._seen(frame, mark)

    # -- how it keeps its word

    def _seen(self, frame: bytes, mark: int) -> Frame:
        padded = frame.ljust(60, b"\0")

        def own() -> Frame | None:
            for seen in self.wire.frames[mark:]:
                if seen.sent and seen.data in (frame, padded):
                    return seen
            return None

        while True:
            waits = self.wire.tap.waiting  # refused by the port, which breaks the bench where that lasts
            seen = self.loop.run(own, self.loop.now() + OWN_FRAME_TIME)
            if seen is not None:
                return seen
            if not waits:
                name = self.wire.name
                raise BenchError(f"wire {name}: the capture does not show a frame that was sent on it")

    def _free_at(self) -> float:
        """When the rate allows the next LACPDU; this may be in the past."""
        if len(self._sent) < MAX_LACPDUS_PER_FAST_PERIODIC_TIME:
            return self.loop.now()
        return self._sent[0] + FAST_PERIODIC_TIME + RATE_MARGIN

    def _next_chance(self) -> float:
        """When to look again whether it may send by itself; after a testcase that waits to speak."""
        free = max(self._free_at(), self.loop.now())
        return free + (RATE_MARGIN if self._speaking else 0)

    def _free_now(self) -> bool:
        return self._free_at() <= self.loop.now()

    def _note_sent(self) -> None:
        self._sent.append(self.loop.now())

    def _send_soon(self) -> None:
        """Send now, or as soon as the rate allows; one such PDU is enough however often it is asked for."""
        if self._free_now() and not self._speaking:
            self._transmit()
        elif self._answer is None:
            self._answer = self.loop.call_at(self._next_chance(), self._late_answer)

    def _late_answer(self) -> None:
        self._answer = None
        self._send_soon()

    def _transmit(self) -> None:
        self._note_sent()
        if not self.wire.up:
            return
        frame = lacpdu_frame(self.wire.tap.mac, self.info, self.echo, max_delay=self.max_delay)
        if frame == self._said:
            self.wire.repeat(frame)
        else:
            self._said = frame
            self.wire.send(frame)

    def _repeat(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._period is not None:
            self._timer = self.loop.call_at(self.loop.now() + self._period, self._periodic)

    def _periodic(self) -> None:
        self._repeat()
        self._send_soon()

    def _frame(self, frame: Frame) -> None:
        if frame.sent or frame.subtype is None:
            return
        if frame.is_marker and self.answers and self.responds:
            self.loop.call_at(self.loop.now() + self.distance, lambda: self._respond(frame))
        if not frame.is_lacpdu:
            return
        news = self._heard is None or _matters(self._heard) != _matters(frame.actor)
        wrong = _matters(frame.partner) != _matters(self.info)
        self._heard = frame.actor
        if self.follows and not frame.actor.state & State.Synchronization:
            self.info = self.info.change(Collecting=0, Distributing=0)
        if self.answers and (news or wrong):
            self._send_soon()

    def _respond(self, asked: Frame) -> None:
        """Marker Response (43.5.4)."""
        if asked.marker is None or not (self.answers and self.responds and self.wire.up):
            return
        told = asked.marker
        self.wire.send(
            marker_response_frame(
                self.wire.tap.mac, told.requester_port, told.requester_system, told.transaction_id
            )
        )

    def leave(self) -> None:
        """End: one last LACPDU that leaves the LAG, then silence, and no frame is heard any more.

        An implementation that detaches its port in good order need not wait for this partner then.
        """
        self.silence()
        self._stop_listening()
        with self.loop.lock:
            if self._heard is not None and self._free_now():
                self.info = self.info.change(Synchronization=0, Collecting=0, Distributing=0)
                with contextlib.suppress(BenchError):  # a courtesy; the wire may be down, or closed
                    self._transmit()


def _matters(info: PortInfo) -> tuple[object, ...]:
    """The values that update_NTT compares (43.4.9): identity and the first four state bits."""
    return (*info.identity, int(info.state) & 0x0F)
