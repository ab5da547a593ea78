"""The data path in the kernel: eBPF programs on agr0's mate and on the ports; agrd has held frames only."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from agr.daemon.datapath.datapath import ClientTraffic, DataPath, PortTraffic
from agr.daemon.datapath.holdqueues import HoldQueues, wait_for_programs
from agr.daemon.datapath.holdsockets import Frame, SendSocket
from agr.daemon.datapath.kernelpath import OBJECT, KernelPath

log = logging.getLogger("agrd")


class _Port:
    """``traffic`` counts the frames that agrd itself has passed on."""

    def __init__(self, index: int, queue: int, holding: HoldQueues) -> None:
        self.index = index
        self.queue = queue
        self.holding = holding
        self.expected = False
        self.collecting = False
        self.traffic = PortTraffic()


class BpfPath(DataPath):
    """See `DataPath`. ``control_first`` is called before each turn of held frames: control frames never wait.

    With ``adopt`` it takes over the path of an earlier agrd: assignments, counters, and of its ports those
    that are added again. Raises Unavailable, and OSError where packet sockets cannot be had.
    """

    name = "bpf"

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        mate: str,
        control_first: Callable[[], None],
        *,
        adopt: bool = False,
        object_file: Path = OBJECT,
        tcx: bool = True,
    ) -> None:
        self._loop = loop
        self._control_first = control_first
        self._mate = socket.if_nametoindex(mate)
        self._sender = SendSocket()
        try:
            self._kernel = KernelPath(self._mate, adopt=adopt, object_file=object_file, tcx=tcx)
        except Exception:
            self._sender.close()
            raise
        self._ports: dict[str, _Port] = {}
        self._by_index: dict[int, _Port] = {}
        self._turns: Sequence[str] | None = None
        self._undistributed = 0  # of those that were held
        self._holding = HoldQueues(loop, self._kernel, self._mate, control_first, self._distribute)
        self._holding.lost = self._kernel.forget_held() if adopt else 0

    @classmethod
    def adopt(cls, loop: asyncio.AbstractEventLoop, mate: str, control_first: Callable[[], None]) -> BpfPath:
        """Take over the path of an earlier agrd. Raises Unavailable where there is none."""
        return cls(loop, mate, control_first, adopt=True)

    @property
    def interfaces(self) -> tuple[int, ...]:
        """The ifindexes of the interfaces that its programs may run on."""
        return (self._mate, *self._kernel.ports)

    def attach(self, port: str | None = None) -> None:
        self._kernel.attach(None if port is None else self._ports[port].index)

    def add_port(self, port: str) -> None:
        index = socket.if_nametoindex(port)
        self._kernel.add_port(index)
        holding = HoldQueues(
            self._loop,
            self._kernel,
            index,
            self._control_first,
            lambda _, frames: self._collect(member, frames),
            impatient=True,
        )
        queue = self._kernel.receiving(index)
        member = self._ports[port] = self._by_index[index] = _Port(index, queue, holding)
        member.collecting = self._kernel.way(queue) != 0

    def remove_port(self, port: str) -> None:
        member = self._ports.pop(port)
        del self._by_index[member.index]
        self._kernel.forget_port(member.index)
        if self._turns is not None:
            self.round_robin(self._turns)
        member.holding.close()
        self._kernel.remove_port(member.index)

    def expect(self, port: str, on: bool) -> None:
        """While Collecting may begin soon, each frame is held until the PDUs before it have been received."""
        member = self._ports[port]
        if member.expected != on:
            member.expected = on
            self._set_way(member)

    def keep(self, port: str) -> None:
        self._ports[port].holding.pause()

    def deliver(self, port: str) -> None:
        """There is nothing to do: the kernel has delivered each frame before it shows agrd the next."""

    def set_collecting(self, port: str, on: bool) -> None:
        member = self._ports[port]
        member.collecting = on
        self._set_way(member)

    def _set_way(self, member: _Port) -> None:
        if member.expected and not member.collecting:
            self._kernel.collect(member.index, False)
            try:
                member.holding.hold([member.queue])
            except OSError as error:
                log.warning("frames of a port cannot be held: %s", error.strerror)
        else:
            self._kernel.collect(member.index, member.collecting)
            member.holding.release([member.queue])

    def assign(self, buckets: Sequence[int], port: str | None) -> None:
        member = self._ports.get(port) if port is not None else None
        for bucket in buckets:
            self._kernel.assign(bucket, None if member is None else member.index)
        self._holding.release(buckets)

    def hold(self, buckets: Sequence[int], done: Callable[[], None]) -> None:
        try:
            self._holding.hold(buckets)
        except OSError as error:
            log.warning("frames of the client cannot be held: %s", error.strerror)
            self._loop.call_soon(done)
            return
        waiting = self._loop.run_in_executor(None, wait_for_programs)
        waiting.add_done_callback(lambda _: done())

    def round_robin(self, ports: Sequence[str] | None) -> None:
        self._turns = ports
        known = None if ports is None else [self._ports[port].index for port in ports if port in self._ports]
        self._kernel.take_turns(known)

    def send_behind_data(self, port: str, frame: bytes) -> None:
        """Send through the queue of the port that data of the same priority takes.

        A NIC with several queues keeps an order within each of them only: what a Marker says of the others
        rests on their being short.
        """
        self._sender.send(self._ports[port].index, frame)

    def port_traffic(self, port: str) -> PortTraffic:
        member = self._ports[port]
        received, sent, discarded = self._kernel.port_counters(member.index)
        own = member.traffic
        return PortTraffic(
            received=received + own.received,
            sent=sent + own.sent,
            discarded=discarded + own.discarded,
            overrun=member.holding.lost,
            undelivered=own.undelivered,
            unsent=own.unsent,
        )

    def client_traffic(self) -> ClientTraffic:
        undistributed, refused = self._kernel.client_counters()
        held, released = self._kernel.held()
        lost = self._holding.lost
        return ClientTraffic(
            undistributed=undistributed + self._undistributed,
            refused=refused,
            held=held - lost,
            released=released - lost,
            held_overrun=lost,
        )

    def leave_running(self) -> None:
        """Close all sockets and descriptors; the programs go on."""
        self._close_sockets()
        self._kernel.release()

    def close(self) -> None:
        self._close_sockets()
        self._kernel.end()

    def _close_sockets(self) -> None:
        for member in self._ports.values():
            member.holding.close()
        self._holding.close()
        self._sender.close()

    # Held frames

    def _distribute(self, queues: Sequence[int], frames: Sequence[Frame]) -> None:
        """Send held frames of the client, each on the port that its bucket is assigned to now."""
        ways = {bucket: self._by_index.get(self._kernel.way(bucket)) for bucket in set(queues)}
        for member in set(ways.values()):
            some = frames
            if len(set(ways.values())) > 1:
                some = [frame for bucket, frame in zip(queues, frames, strict=True) if ways[bucket] is member]
            if member is None:
                self._undistributed += len(some)
            else:
                taken = self._sender.send_many(member.index, some)
                member.traffic.sent += taken
                member.traffic.unsent += len(some) - taken

    def _collect(self, member: _Port, frames: Sequence[Frame]) -> None:
        """Deliver held frames of a port, where the PDUs before them have made it Collecting."""
        if not member.collecting:
            member.traffic.discarded += len(frames)
            return
        taken = self._sender.send_many(self._mate, frames)
        member.traffic.received += taken
        member.traffic.undelivered += len(frames) - taken
