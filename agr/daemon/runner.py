"""Drives the protocol core: gives it received PDUs and the time, and performs its outputs."""

from __future__ import annotations

import asyncio
import logging
import select
from collections import deque
from collections.abc import Callable

from agr.core.outputs import Output, Transmit
from agr.core.system import System
from agr.daemon.slow import SlowSocket

log = logging.getLogger("agrd")

# Of one port so many frames are read in one slice of time; then it is left alone until the next one begins,
# and what finds no room in its socket is lost, and counted. A partner keeps to 20 in a second (43B.2). A
# flood, of any rate, costs as much as this, and takes no time from other ports.
FRAMES_A_SLICE = 25
SLICE_SECONDS = 0.1
_WARNING_SECONDS = 60.0  # between two warnings of a flood
# When a LACPDU that a port did not take is tried again.
_RETRY_SECONDS = 0.3


class _Intake:
    """What is read of the socket of one port, in the slice of time that has ``begun``."""

    def __init__(self, sock: SlowSocket) -> None:
        self.sock = sock
        self.begun = float("-inf")
        self.read = 0
        self.pause: asyncio.TimerHandle | None = None
        self.warned = float("-inf")

    def is_over(self, now: float) -> bool:
        """Whether all that may be read in this slice has been read."""
        if now >= self.begun + SLICE_SECONDS:
            self.begun, self.read = now, 0
        return self.read >= FRAMES_A_SLICE


class CoreRunner:
    """Runs the core in the loop's time.

    ``perform`` does every output but Transmit, and that too where the frame must stay behind data.
    ``deliver`` is called with the port of a Marker that is answered now, for the data that came before it
    (43.5.4): no more often than the limit of Responses allows, however many Markers come.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, system: System, perform: Callable[[Output], None]
    ) -> None:
        self.system = system
        self.deliver: Callable[[str], None] = lambda port: None
        self._loop = loop
        self._perform = perform
        self._intakes: dict[str, _Intake] = {}
        self._ports: dict[int, str] = {}
        self._waiting = select.poll()
        self._timer: asyncio.TimerHandle | None = None
        self._outputs: deque[Output] = deque()
        self._settling = False
        self._refusing: dict[str, asyncio.TimerHandle | None] = {}  # ports that did not take the last frame

    def now(self) -> float:
        """The core's time, in seconds."""
        return self._loop.time()

    def add_port(self, port: str, sock: SlowSocket) -> None:
        """Read and write slow protocol frames of ``port`` through ``sock`` from now on."""
        self._intakes[port] = _Intake(sock)
        self._ports[sock.fileno()] = port
        self._listen(port)

    def remove_port(self, port: str) -> SlowSocket:
        """Read and write slow protocol frames of ``port`` no more. The caller closes the socket."""
        self._forget_refusal(port)
        intake = self._intakes.pop(port)
        del self._ports[intake.sock.fileno()]
        if intake.pause is None:
            self._ignore(intake.sock)
        else:
            intake.pause.cancel()
        return intake.sock

    def overrun(self, port: str) -> int:
        """Slow protocol frames of ``port`` that found no room in its socket, and are counted nowhere else."""
        return self._intakes[port].sock.overrun()

    def _listen(self, port: str) -> None:
        intake = self._intakes[port]
        intake.pause = None
        self._waiting.register(intake.sock, select.POLLIN)
        self._loop.add_reader(intake.sock, self._read, port)

    def _ignore(self, sock: SlowSocket) -> None:
        self._waiting.unregister(sock)
        self._loop.remove_reader(sock)

    def receive_waiting(self) -> None:
        """Hand over the control frames that wait: to be called before anything that takes time."""
        for descriptor, _ in self._waiting.poll(0):
            port = self._ports.get(descriptor)
            if port is not None:  # what another one received may have removed it
                self._read(port)

    def settle(self) -> None:
        """Perform the core's outputs, in order, and set the timer for its next deadline.

        An output may cause control frames to be received, whose outputs lead here again: they come behind
        those before, or a newer LACPDU would overtake an older one.
        """
        self._outputs += self.system.take()
        if self._settling:
            return
        self._settling = True
        try:
            while self._outputs:
                self._do(self._outputs.popleft())
                self._outputs += self.system.take()  # what had to wait until a frame left
        finally:
            self._settling = False
            self._set_timer()

    def _do(self, output: Output) -> None:
        if isinstance(output, Transmit) and not output.behind_data:
            self._transmit(output)
        else:
            self._perform(output)

    def _set_timer(self) -> None:
        deadline = self.system.deadline()
        if self._timer is not None:
            # One that comes early costs less than a new one at every frame.
            if deadline is not None and self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._fire)

    def close(self) -> None:
        """Stop the clock."""
        for port in tuple(self._refusing):
            self._forget_refusal(port)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self.receive_waiting()
        self.system.advance(self.now())
        self.settle()

    def _read(self, port: str) -> None:
        intake = self._intakes[port]
        while self._intakes.get(port) is intake and intake.pause is None:
            if intake.is_over(self.now()):
                self._pause(port, intake)
                return
            frame = intake.sock.receive()
            if frame is None:
                return
            intake.read += 1
            self.system.receive(self.now(), port, frame)
            self.settle()

    def _pause(self, port: str, intake: _Intake) -> None:
        """Read nothing of the port until the next slice of time begins."""
        self._ignore(intake.sock)
        intake.sock.overrun()  # the kernel counts with 32 bits: an hour of a million frames a second
        intake.pause = self._loop.call_at(intake.begun + SLICE_SECONDS, self._listen, port)
        if self.now() >= intake.warned + _WARNING_SECONDS:
            intake.warned = self.now()
            log.warning("%s: a flood of slow protocol frames: those without room are lost, and counted", port)

    def _transmit(self, output: Transmit) -> None:
        intake = self._intakes.get(output.port)
        if not output.is_LACPDU:
            self.deliver(output.port)
        try:
            if intake is not None:
                intake.sock.send(output.frame)
        except OSError as error:
            self._refused(output, error)
        else:
            if output.is_LACPDU:
                self._forget_refusal(output.port)
        self.system.sent(self.now(), output)

    def _refused(self, output: Transmit, error: OSError) -> None:
        """Send a LACPDU later that the port did not take: NTT must not be lost (TX-06).

        A port that takes nothing must neither keep agrd busy nor fill the log.
        """
        if output.port not in self._refusing:
            log.warning("%s: a slow protocol frame was not sent: %s", output.port, error.strerror)
        if output.is_LACPDU and self._refusing.get(output.port) is None:
            retry = self._loop.call_later(_RETRY_SECONDS, self._try_again, output.port)
            self._refusing[output.port] = retry
        else:
            self._refusing.setdefault(output.port, None)

    def _try_again(self, port: str) -> None:
        self._refusing[port] = None
        self.system.not_sent(self.now(), port)
        self.settle()

    def _forget_refusal(self, port: str) -> None:
        retry = self._refusing.pop(port, None)
        if retry is not None:
            retry.cancel()
