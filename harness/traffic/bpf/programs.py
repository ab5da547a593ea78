"""The compiled programs in the kernel, by libbpf (libbpf.so.1) through ctypes."""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import struct
from pathlib import Path

from harness.verdict import BenchError

OBJECT = Path(__file__).with_name("wire.bpf.o")
_XDP, _TCX_INGRESS = 37, 46  # enum bpf_attach_type
_LIVE_FRAMES = 1 << 1  # BPF_F_TEST_XDP_LIVE_FRAMES
_INFORMATION_OCTETS = 256
_RUN_TIME_AT = 192  # run_time_ns in struct bpf_prog_info
_STATS_RUN_TIME = 0
_BATCH = 64
"""Frames that are handed over at once: fewer than the 256 that a veth end has room for."""


class _TestRun(ctypes.Structure):
    """struct bpf_test_run_opts"""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("frame", ctypes.c_char_p),
        ("frame_out", ctypes.c_void_p),
        ("octets", ctypes.c_uint32),
        ("octets_out", ctypes.c_uint32),
        ("context", ctypes.c_void_p * 2),
        ("context_octets", ctypes.c_uint32 * 2),
        ("result", ctypes.c_uint32),
        ("repeat", ctypes.c_int),
        ("duration", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("processor", ctypes.c_uint32),
        ("batch", ctypes.c_uint32),
    )


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        found = ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        raise BenchError("there is no libbpf.so.1 (Debian: libbpf1)") from None
    for name in ("open_file", "find_program_by_name", "find_map_by_name"):
        getattr(found, f"bpf_object__{name}").restype = ctypes.c_void_p
    found.libbpf_set_print.restype = ctypes.c_void_p
    found.libbpf_set_print(None)
    return found


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno() or -result
        raise OSError(number, os.strerror(number))
    return result


class Programs:
    """The object file's programs and maps, until `close`; the methods raise OSError.

    Raises BenchError where the kernel has no such thing.
    """

    def __init__(self) -> None:
        if not OBJECT.exists():
            raise BenchError(f"{OBJECT} is missing: make install compiles it, with clang")
        self._object = ctypes.c_void_p(_library().bpf_object__open_file(os.fsencode(OBJECT), None))
        try:
            _checked(_library().bpf_object__load(self._object))
        except OSError as error:
            self.close()
            raise BenchError(f"the kernel refuses {OBJECT.name}: {error.strerror}") from None

    def _program(self, name: str) -> int:
        found = ctypes.c_void_p(_library().bpf_object__find_program_by_name(self._object, name.encode()))
        return _checked(_library().bpf_program__fd(found))

    def _map(self, name: str) -> int:
        found = ctypes.c_void_p(_library().bpf_object__find_map_by_name(self._object, name.encode()))
        return _checked(_library().bpf_map__fd(found))

    def memory(self, name: str, octets: int) -> mmap.mmap:
        """An array that is shared with the kernel."""
        return mmap.mmap(self._map(name), -(-octets // mmap.PAGESIZE) * mmap.PAGESIZE)

    def set(self, name: str, value: bytes) -> None:
        """The one value of a map."""
        _checked(_library().bpf_map_update_elem(self._map(name), bytes(4), value, ctypes.c_uint64(0)))

    def attach(self, name: str, index: int) -> int:
        """Run a program on what an interface of this namespace receives, while the answer is open.

        By XDP, or behind it where the program's name ends in _tc.
        """
        hook = _TCX_INGRESS if name.endswith("_tc") else _XDP
        return _checked(_library().bpf_link_create(self._program(name), index, hook, None))

    def run(self, name: str, frame: bytes, times: int, *, live: bool) -> int:
        """Run a program on a frame so often; gives its last answer. ``live`` frames go where it says."""
        run = _TestRun(ctypes.sizeof(_TestRun), frame, octets=len(frame), repeat=times)
        if live:
            run.flags, run.batch = _LIVE_FRAMES, _BATCH
        _checked(_library().bpf_prog_test_run_opts(self._program(name), ctypes.byref(run)))
        return int(run.result)

    def run_time(self, name: str) -> float:
        """Seconds that a program has run, while `counting_run_time` is open."""
        buffer = ctypes.create_string_buffer(_INFORMATION_OCTETS)
        octets = ctypes.c_uint32(_INFORMATION_OCTETS)
        _checked(_library().bpf_obj_get_info_by_fd(self._program(name), buffer, ctypes.byref(octets)))
        (spent,) = struct.unpack_from("=Q", buffer.raw, _RUN_TIME_AT)
        return int(spent) / 1e9

    def close(self) -> None:
        """Let go of everything."""
        _library().bpf_object__close(self._object)


def counting_run_time() -> int:
    """From now on, and while the answer is open, the kernel counts how long programs run. Raises OSError."""
    return _checked(_library().bpf_enable_stats(_STATS_RUN_TIME))
