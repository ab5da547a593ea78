"""The programs and maps of one aggregate: Python's side of datapath.bpf.c."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from agr.core.distribution import BUCKETS
from agr.daemon.linux import hooks, libbpf
from agr.daemon.linux.libbpf import BpfObject, MapInformation, Unavailable

OBJECT = Path(__file__).with_name("datapath.bpf.o")
PORTS = 512
QUEUE_BITS = 11
_QUEUES = BUCKETS + PORTS + 1
_SLOT_SHIFT = 32
_INDEX = (1 << _SLOT_SHIFT) - 1
SO_RCVMARK = 75
_TX, _RX = "agr_tx", "agr_rx"
_HELD = 1 << 48
_COUNTERS = 4  # of a slot
_CLIENT_SLOT = 0


class _Queue(ctypes.Structure):
    where: int
    held: int
    released: int
    deadline: int
    _fields_ = (
        ("where", ctypes.c_uint64),
        ("held", ctypes.c_uint64),
        ("released", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
    )


class _Settings(ctypes.Structure):
    magic: int
    turns: int
    _fields_ = (
        ("magic", ctypes.c_uint32),
        ("turns", ctypes.c_uint32),
        ("turn", ctypes.c_uint64),
    )


_MAPS = {
    MapInformation("agr_queues", ctypes.sizeof(_Queue), _QUEUES),
    MapInformation("agr_turns", 8, PORTS),
    MapInformation("agr_settings", ctypes.sizeof(_Settings), 1),
    MapInformation("agr_ports", 4, PORTS),
    MapInformation("agr_counters", 8 * _COUNTERS, PORTS + 1),
}


class KernelPath:
    """The programs between agr0's mate and the ports, and their maps. Interfaces are given by ifindex.

    With ``adopt`` it takes over the maps, and all that is in them, of the path that an earlier agrd left on
    the mate. Raises Unavailable where there can be none, or none to adopt. It runs on when this process ends.
    """

    def __init__(
        self, mate: int, *, adopt: bool = False, object_file: Path = OBJECT, tcx: bool = True
    ) -> None:
        self._mate = mate
        self._tcx = tcx
        left = _left_maps(mate) if adopt else {}
        try:
            self._object = BpfObject(object_file, left)
        finally:
            for descriptor in left.values():
                os.close(descriptor)
        try:
            self._map()
            libbpf.bind(self._object.program(_TX), self._ports_map)
        except OSError as error:
            self._object.close()
            raise Unavailable(f"a BPF program cannot be used: {error.strerror}") from None
        self._processors = libbpf.processors()

    def _map(self) -> None:
        """Map the arrays into memory: a change takes no system call. Raises OSError."""
        self._ports_map = self._object.map("agr_ports")
        self._counters_map = self._object.map("agr_counters")
        self._slots: dict[int, int] = {
            index: struct.unpack_from("=I", libbpf.lookup(self._ports_map, key, 4))[0]
            for key in libbpf.keys(self._ports_map, 4)
            for (index,) in struct.iter_unpack("=I", key)
        }
        memory = self._memory("agr_queues", _Queue, _QUEUES)
        self.queues = (_Queue * _QUEUES).from_buffer(memory)
        self._words = memoryview(memory).cast("Q")
        self._turns = (ctypes.c_uint64 * PORTS).from_buffer(self._memory("agr_turns", ctypes.c_uint64, PORTS))
        self._settings = _Settings.from_buffer(self._memory("agr_settings", _Settings, 1))
        if not self._settings.magic:
            # Not to be guessed: a mark that a program of this host sets must not look like ours.
            self._settings.magic = 1 + int.from_bytes(os.urandom(8)) % ((1 << 32 - QUEUE_BITS) - 1)

    def _memory(self, name: str, kind: type[ctypes.Structure | ctypes.c_uint64], count: int) -> mmap.mmap:
        pages = -(-ctypes.sizeof(kind) * count // mmap.PAGESIZE)
        return mmap.mmap(self._object.map(name), pages * mmap.PAGESIZE)

    def attach(self, index: int | None = None) -> None:
        """Run the program of a port, or (None) of the mate; `remove_left_programs` stops it.

        Waits for the kernel's locks. Raises OSError.
        """
        if index is None:
            hooks.attach(self._object.program(_TX), self._mate, tcx=self._tcx)
        else:
            hooks.attach(self._object.program(_RX), index, tcx=self._tcx)

    @property
    def magic(self) -> int:
        """Upper bits of the mark of held frames; the lower QUEUE_BITS are their queue."""
        return self._settings.magic

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that were added, also by an earlier agrd."""
        return tuple(self._slots)

    def add_port(self, index: int) -> None:
        """Add a port, which is not Collecting, unless it was in an earlier agrd. Raises OSError."""
        if index not in self._slots:
            free = set(range(1, PORTS + 1)).difference(self._slots.values())
            if not free:
                raise OSError(errno.ENOSPC, f"an aggregate has at most {PORTS} ports")
            self._slots[index] = min(free)
            nothing = bytes(8 * _COUNTERS * self._processors)
            libbpf.update(self._counters_map, struct.pack("=I", self._slots[index]), nothing)
            libbpf.update(self._ports_map, struct.pack("=I", index), struct.pack("=I", self._slots[index]))
            self.collect(index, False)

    def remove_port(self, index: int) -> None:
        """Remove a port, also one whose interface is not there any more."""
        self.collect(index, False)
        del self._slots[index]
        with contextlib.suppress(FileNotFoundError):
            libbpf.delete(self._ports_map, struct.pack("=I", index))

    def receiving(self, index: int) -> int:
        """The queue of what a port receives."""
        return BUCKETS + self._slots[index]

    def collect(self, index: int, on: bool) -> None:
        """Deliver what a port receives to agr0, or drop it; hold it no more."""
        self.queues[self.receiving(index)].where = self._mate if on else 0

    def assign(self, bucket: int, index: int | None) -> None:
        """Send the frames of a bucket to a port, or drop them; hold them no more."""
        self.queues[bucket].where = self._where(index)

    def hold(self, queue: int, deadline: int) -> None:
        """Hold the frames of a queue until it is given a way again, or ``deadline`` (monotonic ns)."""
        self.queues[queue].deadline = deadline
        self.queues[queue].where |= _HELD

    def way(self, queue: int) -> int:
        """The interface that the frames of a queue go to; 0 for nowhere."""
        where: int = self.queues[queue].where
        return where & _INDEX

    def forget_port(self, index: int) -> None:
        """Drop the frames of the buckets that are assigned to a port."""
        for bucket in range(BUCKETS):
            if self.way(bucket) == index:
                self.queues[bucket].where &= _HELD

    def forget_held(self) -> int:
        """Hold nothing any more: the sockets with the held frames are closed. Returns how many are lost."""
        held, released = self.held()
        for queue in self.queues:
            queue.where &= ~_HELD
            queue.released = queue.held
        return held - released

    def held(self) -> tuple[int, int]:
        """How many frames of buckets were held, and how many of them were released."""
        return sum(self._words[1 : 4 * BUCKETS : 4]), sum(self._words[2 : 4 * BUCKETS : 4])

    def take_turns(self, indexes: Iterable[int] | None) -> None:
        """Let frames take turns on these ports; None: back to buckets."""
        # Without a port all turns are nowhere's.
        turns = [] if indexes is None else [self._where(index) for index in indexes] or [0]
        # A reader uses no more than it has counted: less is said before, more is said behind.
        self._settings.turns = min(self._settings.turns, len(turns))
        for place, where in enumerate(turns):
            self._turns[place] = where
        self._settings.turns = len(turns)

    def _where(self, index: int | None) -> int:
        return 0 if index is None else index | self._slots[index] << _SLOT_SHIFT

    def port_counters(self, index: int) -> tuple[int, int, int]:
        """Frames received, sent, discarded. Raises OSError."""
        received, sent, discarded, _ = self._counters(self._slots[index])
        return received, sent, discarded

    def client_counters(self) -> tuple[int, int]:
        """Frames of the client that had no port, and slow protocol frames of its own. Raises OSError."""
        undistributed, refused, _, _ = self._counters(_CLIENT_SLOT)
        return undistributed, refused

    def _counters(self, slot: int) -> list[int]:
        octets = 8 * _COUNTERS * self._processors
        values = struct.unpack(
            f"={octets // 8}Q", libbpf.lookup(self._counters_map, struct.pack("=I", slot), octets)
        )
        return [sum(values[counter::_COUNTERS]) for counter in range(_COUNTERS)]

    def end(self) -> None:
        """Forward nothing any more, and `release`."""
        self.take_turns([])
        for index in self.ports:
            self.remove_port(index)
        self.release()

    def release(self) -> None:
        """Close all descriptors; the programs go on."""
        self._object.close()


def try_out(object_file: Path = OBJECT) -> None:
    """Load the programs, and unload them. Raises Unavailable where that cannot be done."""
    BpfObject(object_file).close()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)
        except OSError:
            raise Unavailable(
                "this kernel does not tell the marks of frames: it is older than 5.19"
            ) from None


def remove_left_programs(index: int) -> None:
    """Detach the programs from a port, or from a mate. Waits for the kernel's locks. Raises OSError."""
    with contextlib.suppress(Unavailable):  # then nothing can have been left
        for name in (_RX, _TX):
            hooks.detach(index, name)


def _left_maps(mate: int) -> dict[str, int]:
    """Descriptors of the maps of the path that is there, by name. Raises Unavailable."""
    try:
        program = hooks.find(mate, _TX)
        if program is None:
            raise Unavailable("no earlier data path is there")
        maps = [libbpf.open_map(identity) for identity in libbpf.program_information(program).map_ids]
        os.close(program)
        known = {libbpf.map_information(descriptor): descriptor for descriptor in maps}
    except OSError as error:
        raise Unavailable(f"the earlier data path cannot be taken over: {error.strerror}") from None
    if set(known) != _MAPS:
        for descriptor in maps:
            os.close(descriptor)
        raise Unavailable("the earlier data path is of another version")
    return {information.name: descriptor for information, descriptor in known.items()}
