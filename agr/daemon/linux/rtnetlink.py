"""Requests by rtnetlink(7) about queues, filters and the operational state of an interface."""

from __future__ import annotations

import errno
import socket
import struct
import sys

from agr.daemon.linux.netlink import (
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_ECHO,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    ask,
    attribute,
    attributes,
    change,
)
from agr.daemon.linux.packet import ETH_P_ALL, Program, octets_of

_RTM_NEWLINK, _RTM_SETLINK = 16, 19
_IFF_UP = 0x1
_RTM_NEWQDISC, _RTM_DELQDISC, _RTM_GETQDISC = 36, 37, 38
_RTM_NEWTFILTER, _RTM_DELTFILTER, _RTM_GETTFILTER = 44, 45, 46
_IFLA_OPERSTATE, _IFLA_LINKMODE = 16, 17
_TCA_KIND, _TCA_OPTIONS = 1, 2
_TCA_BPF_OPS_LEN, _TCA_BPF_OPS, _TCA_BPF_FD, _TCA_BPF_NAME, _TCA_BPF_FLAGS, _TCA_BPF_ID = 4, 5, 6, 7, 8, 11
_TCA_BPF_FLAG_ACT_DIRECT = 1
_CLSACT = 0xFFFFFFF1
_CLSACT_HANDLE = 0xFFFF0000
_CLSACT_INGRESS = 0xFFFFFFF2
# After filters of the operator's own, which would be about policing; the data path's before the guard.
_BPF_PREFERENCE, _PREFERENCE = 0xA69F << 16, 0xA6A0 << 16
_IF_OPER_DORMANT, _IF_OPER_UP = 5, 6
_TC_MESSAGE = struct.Struct("=BxHiIII")  # struct tcmsg: family, ifindex, handle, parent, info


def set_running(index: int, running: bool) -> None:
    """Let an interface with carrier be RUNNING, or DORMANT: able to receive, not yet of use (RFC 2863).

    Raises OSError.
    """
    body = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, 0, 0)
    mode, state = (0, _IF_OPER_UP) if running else (1, _IF_OPER_DORMANT)
    body += attribute(_IFLA_LINKMODE, bytes([mode])) + attribute(_IFLA_OPERSTATE, bytes([state]))
    change(_RTM_SETLINK, 0, body)


def set_up(index: int, up: bool) -> None:
    """Set an interface up or down. Raises OSError."""
    change(_RTM_NEWLINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, _IFF_UP if up else 0, _IFF_UP))


def has_ingress_queue(index: int) -> bool:
    """Whether an interface has a clsact or ingress qdisc. Raises OSError.

    Asked for this one alone: a list of all qdiscs grows with the interfaces of the host. The kernel tells of
    a qdisc only with NLM_F_ECHO; of one that is gone it has nothing to tell, and just acknowledges.
    """
    try:
        answer, _ = ask(_RTM_GETQDISC, NLM_F_ACK | NLM_F_ECHO, _tc_message(index, _CLSACT, 0))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINVAL):
            return False
        raise
    return answer == _RTM_NEWQDISC


def add_ingress_queue(index: int) -> None:
    """Give an interface a clsact qdisc. Raises OSError, FileExistsError when it has one already."""
    body = _tc_message(index, _CLSACT, 0, handle=_CLSACT_HANDLE) + attribute(_TCA_KIND, b"clsact\0")
    change(_RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, body)


def remove_ingress_queue(index: int) -> None:
    """Take the clsact qdisc away, with its filters. Raises OSError."""
    change(_RTM_DELQDISC, 0, _tc_message(index, _CLSACT, 0, handle=_CLSACT_HANDLE))


def add_ingress_program(index: int, program: Program) -> None:
    """Run a classic BPF program, whose result is the verdict, on all that is received. Raises OSError."""
    options = (
        attribute(_TCA_BPF_OPS_LEN, struct.pack("=H", len(program)))
        + attribute(_TCA_BPF_OPS, octets_of(program))
        + attribute(_TCA_BPF_FLAGS, struct.pack("=I", _TCA_BPF_FLAG_ACT_DIRECT))
    )
    body = _filter_message(index) + attribute(_TCA_KIND, b"bpf\0") + attribute(_TCA_OPTIONS, options)
    change(_RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, body)


def has_ingress_program(index: int) -> bool:
    """Whether `add_ingress_program` has been done, and not undone. Raises OSError."""
    try:
        ask(_RTM_GETTFILTER, 0, _filter_message(index, handle=1) + attribute(_TCA_KIND, b"bpf\0"))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINVAL):
            return False
        raise
    return True


def remove_ingress_program(index: int) -> None:
    """Undo `add_ingress_program`. Raises OSError."""
    change(_RTM_DELTFILTER, 0, _filter_message(index))


def set_ingress_bpf(index: int, program: int, name: str) -> None:
    """Run the eBPF program of this descriptor on all that is received, instead of the last one set here.

    Raises OSError.
    """
    options = (
        attribute(_TCA_BPF_FD, struct.pack("=I", program))
        + attribute(_TCA_BPF_NAME, name.encode() + b"\0")
        + attribute(_TCA_BPF_FLAGS, struct.pack("=I", _TCA_BPF_FLAG_ACT_DIRECT))
    )
    body = _bpf_message(index) + attribute(_TCA_KIND, b"bpf\0") + attribute(_TCA_OPTIONS, options)
    change(_RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_REPLACE, body)


def ingress_bpf(index: int) -> int | None:
    """The id of the program that `set_ingress_bpf` set. Raises OSError (ENOENT, EINVAL: there is none)."""
    _, answer = ask(_RTM_GETTFILTER, 0, _bpf_message(index) + attribute(_TCA_KIND, b"bpf\0"))
    for kind, options in attributes(answer[_TC_MESSAGE.size :]):
        if kind == _TCA_OPTIONS:
            for inner, value in attributes(options):
                if inner == _TCA_BPF_ID:
                    return int.from_bytes(value, sys.byteorder)
    return None


def remove_ingress_bpf(index: int) -> None:
    """Undo `set_ingress_bpf`. Raises OSError."""
    change(_RTM_DELTFILTER, 0, _bpf_message(index))


def _filter_message(index: int, handle: int = 0) -> bytes:
    return _tc_message(index, _CLSACT_INGRESS, _PREFERENCE | socket.htons(ETH_P_ALL), handle)


def _bpf_message(index: int) -> bytes:
    return _tc_message(index, _CLSACT_INGRESS, _BPF_PREFERENCE | socket.htons(ETH_P_ALL), handle=1)


def _tc_message(index: int, parent: int, information: int, handle: int = 0) -> bytes:
    return _TC_MESSAGE.pack(socket.AF_UNSPEC, 0, index, handle, parent, information)
