"""libbpf (libbpf.so.1) through ctypes: what bpf(2) does for programs and maps.

Descriptors belong to the caller. Unless said otherwise a function raises OSError when the kernel refuses.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
from pathlib import Path
from typing import NamedTuple

_PRINT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_INFORMATION_OCTETS = 256
_MAP_IDS = 64
_PROGRAMS = 64  # on one interface: the most that the kernel takes


class Unavailable(Exception):
    """Why there can be no data path in the kernel, in words for the operator."""


class ProgramInformation(NamedTuple):
    """A program, from struct bpf_prog_info. Programs of the same instructions have the same ``tag``."""

    name: str
    tag: bytes
    map_ids: tuple[int, ...]


class MapInformation(NamedTuple):
    """A map, from struct bpf_map_info."""

    name: str
    value_octets: int
    entries: int


# Its words are for programmers; errno says enough.
_say_nothing = _PRINT(lambda level, text, arguments: 0)


@functools.cache
def library() -> ctypes.CDLL:
    """The library. Raises Unavailable where there is none."""
    try:
        found = ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError:
        raise Unavailable("there is no libbpf.so.1 (Debian: libbpf1)") from None
    for name in (
        "bpf_object__open_file",
        "bpf_object__find_program_by_name",
        "bpf_object__find_map_by_name",
    ):
        getattr(found, name).restype = ctypes.c_void_p
    found.libbpf_set_print.restype = ctypes.c_void_p
    found.libbpf_set_print(_say_nothing)
    return found


class BpfObject:
    """An object file that clang made, its maps and programs in the kernel until `close`.

    ``maps`` are used, by name, instead of new ones; their descriptors are only borrowed. Raises Unavailable.
    """

    def __init__(self, path: Path, maps: dict[str, int] | None = None) -> None:
        if not path.exists():
            raise Unavailable(f"{path} is missing: compile_bpf.sh makes it, before agr is installed")
        self._object = ctypes.c_void_p(library().bpf_object__open_file(os.fsencode(path), None))
        if not self._object:
            raise Unavailable(f"{path} cannot be read: {os.strerror(ctypes.get_errno())}")
        try:
            for name, descriptor in (maps or {}).items():
                check(library().bpf_map__reuse_fd(self._find("map", name), descriptor))
            check(library().bpf_object__load(self._object))
        except OSError as error:
            self.close()
            raise Unavailable(_why_not_loaded(path, error)) from None

    def program(self, name: str) -> int:
        """The descriptor of a program. Raises Unavailable."""
        return int(library().bpf_program__fd(self._find("program", name)))

    def map(self, name: str) -> int:
        """The descriptor of a map. Raises Unavailable."""
        return int(library().bpf_map__fd(self._find("map", name)))

    def _find(self, kind: str, name: str) -> ctypes.c_void_p:
        find = getattr(library(), f"bpf_object__find_{kind}_by_name")
        found = ctypes.c_void_p(find(self._object, name.encode()))
        if not found:
            raise Unavailable(f"the compiled data path has no {kind} {name}: install agr again")
        return found

    def close(self) -> None:
        """Close all descriptors; what is attached stays."""
        library().bpf_object__close(self._object)


def _why_not_loaded(path: Path, error: OSError) -> str:
    if error.errno == errno.EPERM:
        return "the kernel lets this process load no BPF program (CAP_BPF and CAP_NET_ADMIN are needed)"
    if error.errno in (errno.ENOSYS, errno.EINVAL):
        return f"this kernel does not take the program {path.name}: it is too old, or has no BPF"
    return f"the kernel refuses the program {path.name}: {error.strerror}"


def check(result: int) -> int:
    """``result`` of a function of libbpf. Raises OSError where it is negative."""
    if result < 0:
        number = ctypes.get_errno() or -result
        raise OSError(number, os.strerror(number))
    return result


def lookup(descriptor: int, key: bytes, octets: int) -> bytes:
    """The value of a map's key. Raises OSError (ENOENT)."""
    value = ctypes.create_string_buffer(octets)
    check(library().bpf_map_lookup_elem(descriptor, key, value))
    return value.raw


def update(descriptor: int, key: bytes, value: bytes) -> None:
    """Set the value of a map's key."""
    check(library().bpf_map_update_elem(descriptor, key, value, ctypes.c_uint64(0)))


def delete(descriptor: int, key: bytes) -> None:
    """Remove a map's key. Raises OSError (ENOENT)."""
    check(library().bpf_map_delete_elem(descriptor, key))


def keys(descriptor: int, octets: int) -> list[bytes]:
    """All keys of a map that nobody changes meanwhile."""
    found: list[bytes] = []
    following = ctypes.create_string_buffer(octets)
    before = None
    while library().bpf_map_get_next_key(descriptor, before, following) == 0:
        before = following.raw
        found.append(before)
    return found


def processors() -> int:
    """How many values a key of a per-CPU map has."""
    return check(library().libbpf_num_possible_cpus())


def attach(program: int, target: int, kind: int) -> None:
    """BPF_PROG_ATTACH: what is attached stays when this process ends."""
    check(library().bpf_prog_attach(program, target, kind, 0))


def detach(program: int, target: int, kind: int) -> None:
    """BPF_PROG_DETACH. Raises OSError (ENOENT)."""
    check(library().bpf_prog_detach2(program, target, kind))


def bind(program: int, descriptor: int) -> None:
    """Let a program keep a map that it does not use, to be found with it."""
    check(library().bpf_prog_bind_map(program, descriptor, None))


def attached_programs(target: int, kind: int) -> list[int]:
    """BPF_PROG_QUERY: the ids of the programs that are attached."""
    ids = (ctypes.c_uint32 * _PROGRAMS)()
    count = ctypes.c_uint32(_PROGRAMS)
    check(library().bpf_prog_query(target, kind, 0, None, ids, ctypes.byref(count)))
    return list(ids[: count.value])


def open_program(identity: int) -> int:
    """A descriptor of the program of that id. Raises OSError (ENOENT)."""
    return check(library().bpf_prog_get_fd_by_id(identity))


def open_map(identity: int) -> int:
    """A descriptor of the map of that id. Raises OSError (ENOENT)."""
    return check(library().bpf_map_get_fd_by_id(identity))


def program_information(descriptor: int) -> ProgramInformation:
    """Name, tag and maps of a program."""
    ids = (ctypes.c_uint32 * _MAP_IDS)()
    # struct bpf_prog_info: tag at 8, nr_map_ids at 52, map_ids at 56, name at 64
    question = struct.pack("=52xIQ", _MAP_IDS, ctypes.addressof(ids))
    answer = _information(descriptor, question)
    tag, count, _, name = struct.unpack_from("=8x8s36xIQ16s", answer)
    return ProgramInformation(_text(name), tag, tuple(ids[: min(count, _MAP_IDS)]))


def map_information(descriptor: int) -> MapInformation:
    """Name and size of a map."""
    # struct bpf_map_info: value_size at 12, max_entries at 16, name at 24
    octets, entries, name = struct.unpack_from("=12xII4x16s", _information(descriptor, b""))
    return MapInformation(_text(name), octets, entries)


def _information(descriptor: int, question: bytes) -> bytes:
    buffer = ctypes.create_string_buffer(question, _INFORMATION_OCTETS)
    octets = ctypes.c_uint32(_INFORMATION_OCTETS)
    check(library().bpf_obj_get_info_by_fd(descriptor, buffer, ctypes.byref(octets)))
    return buffer.raw


def _text(octets: bytes) -> str:
    return octets.split(b"\0")[0].decode()
