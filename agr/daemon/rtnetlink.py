"""Small synchronous rtnetlink requests (rtnetlink(7)), for what must be done before the next frame is read.

Everything else goes through pyroute2 (`agr.daemon.interfaces`), whose classifier module knows no classic BPF.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator

from agr.daemon.packet import ETH_P_ALL, Program, octets_of

_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_ECHO = 0x1, 0x4, 0x8
_NLM_F_REPLACE, _NLM_F_EXCL, _NLM_F_CREATE = 0x100, 0x200, 0x400
_NLMSG_ERROR = 2
_RTM_SETLINK = 19
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
_ATTRIBUTE_KIND = 0x3FFF  # the rest are flags


def set_running(index: int, running: bool) -> None:
    """Let an interface with carrier be RUNNING, or DORMANT: able to receive, not yet of use (RFC 2863).

    Raises OSError.
    """
    body = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, 0, 0)
    mode, state = (0, _IF_OPER_UP) if running else (1, _IF_OPER_DORMANT)
    body += _attribute(_IFLA_LINKMODE, bytes([mode])) + _attribute(_IFLA_OPERSTATE, bytes([state]))
    _request(_RTM_SETLINK, 0, body)


def has_ingress_queue(index: int) -> bool:
    """Whether an interface has a clsact or ingress qdisc. Raises OSError.

    Asked for this one alone: a list of all qdiscs grows with the interfaces of the host. The kernel tells of
    a qdisc only with NLM_F_ECHO; of one that is gone it has nothing to tell, and just acknowledges.
    """
    flags = _NLM_F_REQUEST | _NLM_F_ACK | _NLM_F_ECHO
    try:
        answer = _ask(_RTM_GETQDISC, flags, _tc_message(index, _CLSACT, 0))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINVAL):
            return False
        raise
    return _kind(answer) == _RTM_NEWQDISC


def add_ingress_queue(index: int) -> None:
    """Give an interface a clsact qdisc. Raises OSError, FileExistsError when it has one already."""
    body = _tc_message(index, _CLSACT, 0, handle=_CLSACT_HANDLE) + _attribute(_TCA_KIND, b"clsact\0")
    _request(_RTM_NEWQDISC, _NLM_F_CREATE | _NLM_F_EXCL, body)


def remove_ingress_queue(index: int) -> None:
    """Take the clsact qdisc away, with its filters. Raises OSError."""
    _request(_RTM_DELQDISC, 0, _tc_message(index, _CLSACT, 0, handle=_CLSACT_HANDLE))


def add_ingress_program(index: int, program: Program) -> None:
    """Run a classic BPF program, whose result is the verdict, on all that is received. Raises OSError."""
    options = (
        _attribute(_TCA_BPF_OPS_LEN, struct.pack("=H", len(program)))
        + _attribute(_TCA_BPF_OPS, octets_of(program))
        + _attribute(_TCA_BPF_FLAGS, struct.pack("=I", _TCA_BPF_FLAG_ACT_DIRECT))
    )
    body = _filter_message(index) + _attribute(_TCA_KIND, b"bpf\0") + _attribute(_TCA_OPTIONS, options)
    _request(_RTM_NEWTFILTER, _NLM_F_CREATE | _NLM_F_EXCL, body)


def remove_ingress_program(index: int) -> None:
    """Undo `add_ingress_program`. Raises OSError."""
    _request(_RTM_DELTFILTER, 0, _filter_message(index))


def set_ingress_bpf(index: int, program: int, name: str) -> None:
    """Run the eBPF program of this descriptor on all that is received, instead of the last one set here.

    Raises OSError.
    """
    options = (
        _attribute(_TCA_BPF_FD, struct.pack("=I", program))
        + _attribute(_TCA_BPF_NAME, name.encode() + b"\0")
        + _attribute(_TCA_BPF_FLAGS, struct.pack("=I", _TCA_BPF_FLAG_ACT_DIRECT))
    )
    body = _bpf_message(index) + _attribute(_TCA_KIND, b"bpf\0") + _attribute(_TCA_OPTIONS, options)
    _request(_RTM_NEWTFILTER, _NLM_F_CREATE | _NLM_F_REPLACE, body)


def ingress_bpf(index: int) -> int | None:
    """The id of the program that `set_ingress_bpf` set. Raises OSError (ENOENT, EINVAL: there is none)."""
    answer = _ask(_RTM_GETTFILTER, _NLM_F_REQUEST, _bpf_message(index) + _attribute(_TCA_KIND, b"bpf\0"))
    for kind, options in _attributes(answer[36:]):
        if kind == _TCA_OPTIONS:
            for inner, value in _attributes(options):
                if inner == _TCA_BPF_ID:
                    return int.from_bytes(value, sys.byteorder)
    return None


def remove_ingress_bpf(index: int) -> None:
    """Undo `set_ingress_bpf`. Raises OSError."""
    _request(_RTM_DELTFILTER, 0, _bpf_message(index))


def _filter_message(index: int) -> bytes:
    return _tc_message(index, _CLSACT_INGRESS, _PREFERENCE | socket.htons(ETH_P_ALL))


def _bpf_message(index: int) -> bytes:
    return _tc_message(index, _CLSACT_INGRESS, _BPF_PREFERENCE | socket.htons(ETH_P_ALL), handle=1)


def _tc_message(index: int, parent: int, information: int, handle: int = 0) -> bytes:
    return struct.pack("=BxHiIII", socket.AF_UNSPEC, 0, index, handle, parent, information)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    while len(octets) >= 4:
        length, kind = struct.unpack_from("=HH", octets)
        yield kind & _ATTRIBUTE_KIND, octets[4:length]
        octets = octets[max(length + 3 & ~3, 4) :]


def _request(kind: int, flags: int, body: bytes) -> None:
    """Send one request and wait for the kernel's acknowledgement. Raises OSError with its errno."""
    answer = _ask(kind, flags | _NLM_F_REQUEST | _NLM_F_ACK, body)
    if _kind(answer) != _NLMSG_ERROR:
        raise OSError(errno.EPROTO, "rtnetlink answered something else than an acknowledgement")


def _ask(kind: int, flags: int, body: bytes) -> bytes:
    """Send one request; returns the first message of the answer. Raises OSError with the kernel's errno."""
    with socket.socket(
        socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE
    ) as sock:
        sock.sendall(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = sock.recv(65536)
    if _kind(answer) == _NLMSG_ERROR:
        (number,) = struct.unpack_from("=i", answer, 16)
        if number:
            raise OSError(-number, os.strerror(-number))
    return answer


def _kind(message: bytes) -> int:
    (kind,) = struct.unpack_from("=H", message, 4)
    return int(kind)
