"""Hooks where programs run on received frames: tcx (kernel 6.6), else clsact and cls_bpf before it.

Both outlive the process, and are found again by the program's name. Interfaces are named by index, in the
network namespace of the calling thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from agr.daemon.linux import libbpf, rtnetlink
from agr.daemon.linux.libbpf import ProgramInformation

_TCX_INGRESS = 46
# Where there is no tcx, no filter, no qdisc, or no such interface any more.
_NOTHING_THERE = (errno.EINVAL, errno.ENOENT, errno.ENODEV, errno.EOPNOTSUPP)


def attach(program: int, index: int, *, tcx: bool = True) -> None:
    """Run ``program`` on all that the interface receives; an older one of that name runs no more.

    Where the same one, with the same maps, runs already that one stays: to attach waits for every processor.
    The interface has a clsact qdisc, for kernels without tcx (or without ``tcx``). Raises OSError.
    """
    wanted = libbpf.program_information(program)
    name = wanted.name
    if _runs(wanted, index):
        return
    before = list(_on_tcx(index, name))
    try:
        if tcx and _by_tcx(program, index):
            for old in before:
                libbpf.detach(old, index, _TCX_INGRESS)
        else:
            rtnetlink.set_ingress_bpf(index, program, name)
    finally:
        for old in before:
            os.close(old)


def _runs(wanted: ProgramInformation, index: int) -> bool:
    program = find(index, wanted.name)
    if program is None:
        return False
    try:
        there = libbpf.program_information(program)
    finally:
        os.close(program)
    return there.tag == wanted.tag and set(there.map_ids) == set(wanted.map_ids)


def _by_tcx(program: int, index: int) -> bool:
    try:
        libbpf.attach(program, index, _TCX_INGRESS)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return False
    return True


def detach(index: int, name: str) -> None:
    """Run no program of that name on the interface any more; nothing happens where there is none.

    Raises OSError, Unavailable.
    """
    for program in _on_tcx(index, name):
        libbpf.detach(program, index, _TCX_INGRESS)
        os.close(program)
    try:
        rtnetlink.remove_ingress_bpf(index)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise


def find(index: int, name: str) -> int | None:
    """A descriptor of the program of that name which runs on the interface. Raises OSError, Unavailable."""
    for program in _on_tcx(index, name):
        return program
    try:
        identity = rtnetlink.ingress_bpf(index)
        return None if identity is None else libbpf.open_program(identity)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        return None


def _on_tcx(index: int, name: str) -> Iterator[int]:
    """Descriptors of the programs of that name, for the caller to close."""
    try:
        identities = libbpf.attached_programs(index, _TCX_INGRESS)
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
        return
    for identity in identities:
        with contextlib.suppress(FileNotFoundError):  # detached meanwhile
            program = libbpf.open_program(identity)
            if libbpf.program_information(program).name == name:
                yield program
            else:
                os.close(program)
