"""The carrier of interfaces, watched by a timer in the kernel: Python's side of links.bpf.c."""

from __future__ import annotations

import ctypes
import struct
from pathlib import Path
from typing import NamedTuple

from agr.daemon.linux import libbpf
from agr.daemon.linux.libbpf import BpfObject, Unavailable

OBJECT = Path(__file__).with_name("links.bpf.o")
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_CHANGE = struct.Struct("=III")
_LINK = struct.Struct("=I16x")
_END, _FREE = 0, 0xFFFFFFFF
# struct bpf_test_run_opts: its size at 0, retval at 56
_RUN_OPTIONS = struct.Struct("=Q48xI36x")


class LinkChange(NamedTuple):
    """The carrier of the interface ``ifindex`` is ``up`` now; ``lost``: it is down, or was down meanwhile."""

    ifindex: int
    up: bool
    lost: bool


class KernelLinks:
    """Interfaces, by ifindex, of the network namespace of the thread that makes this object.

    Its descriptor is readable when there are changes: for event loops. The timer ends with the process.
    Raises Unavailable.
    """

    def __init__(self, object_file: Path = OBJECT) -> None:
        self._changes: list[LinkChange] = []
        self._places: list[int] = []  # of agr_links: the interface that each has, or _FREE
        self._object = BpfObject(object_file)
        try:
            self._links = self._object.map("agr_links")
            self._callback = _CALLBACK(self._note)
            self._ring = ctypes.c_void_p(
                _ring_buffer_new()(self._object.map("agr_changes"), self._callback, None, None)
            )
            if not self._ring:
                raise Unavailable("the kernel has no ring buffer for BPF programs: it is older than 5.8")
            self._begin()
        except (OSError, Unavailable) as error:
            self._object.close()
            raise Unavailable(str(error)) from None

    def _begin(self) -> None:
        options = ctypes.create_string_buffer(_RUN_OPTIONS.pack(_RUN_OPTIONS.size, 0))
        libbpf.check(libbpf.library().bpf_prog_test_run_opts(self._object.program("agr_begin"), options))
        if _RUN_OPTIONS.unpack_from(options)[1]:
            raise Unavailable("the kernel starts no timer for BPF programs: it is older than 5.15")

    def fileno(self) -> int:
        """The file descriptor, for event loops."""
        return int(libbpf.library().ring_buffer__epoll_fd(self._ring))

    def add(self, index: int) -> None:
        """Watch an interface; how it is now comes as its first change, at once. Raises OSError."""
        taken = [self._places.index(one) for one in (index, _FREE) if one in self._places]
        place = taken[0] if taken else len(self._places)
        self._put(place, index)
        self._places[place : place + 1] = [index]

    def remove(self, index: int) -> None:
        """Watch an interface no more. Unknown ones are no error."""
        if index not in self._places:
            return
        place = self._places.index(index)
        self._places[place] = _FREE
        self._put(place, _FREE)
        while self._places and self._places[-1] == _FREE:
            self._places.pop()
            self._put(len(self._places), _END)

    def _put(self, place: int, index: int) -> None:
        libbpf.update(self._links, struct.pack("=I", place), _LINK.pack(index))

    def take(self) -> list[LinkChange]:
        """The changes since the last call, in order."""
        libbpf.library().ring_buffer__consume(self._ring)
        changes, self._changes = self._changes, []
        return changes

    def _note(self, _: int | None, change: int, octets: int) -> int:
        index, up, lost = _CHANGE.unpack(ctypes.string_at(change, octets))
        self._changes.append(LinkChange(index, bool(up), bool(lost)))
        return 0

    def close(self) -> None:
        """Stop the timer."""
        libbpf.library().ring_buffer__free(self._ring)
        self._object.close()


def _ring_buffer_new() -> ctypes._NamedFuncPointer:
    function = libbpf.library().ring_buffer__new
    function.restype = ctypes.c_void_p
    return function
