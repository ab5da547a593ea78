"""Access to the control socket: root, and the members of one group, by file modes and by peer credentials."""

from __future__ import annotations

import errno
import grp
import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from agr.control.protocol import Refusal
from agr.control.rundir import RunDirectory

DEFAULT_GROUP = "agr"
_SO_PEERGROUPS = 59  # kernel 4.13
_GROUPS_OCTETS = 1024  # the most that getsockopt of Python takes: 256 groups
_CREDENTIALS = struct.Struct("=iII")  # struct ucred: pid, uid, gid


@dataclass(frozen=True)
class Peer:
    """The process at the other end of a connection, as it was when it connected."""

    pid: int
    uid: int
    groups: frozenset[int]

    @property
    def root(self) -> bool:
        """Whether it is a process of root."""
        return self.uid == 0


def peer_of(sock: socket.socket) -> Peer:
    """The peer of a connected socket. Raises OSError, also for a process that is in more than 256 groups."""
    pid, uid, gid = _CREDENTIALS.unpack(
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    octets = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _GROUPS_OCTETS)
    return Peer(pid, uid, frozenset((gid, *(group for (group,) in struct.iter_unpack("=I", octets)))))


@dataclass(frozen=True)
class Access:
    """Who may ask: root, and the members of ``group`` (name and number), None for no group."""

    group: tuple[str, int] | None

    @classmethod
    def of(cls, name: str | None) -> Access:
        """The access of a group; None: of the group agr, where there is one. Raises Refusal (ENOENT)."""
        try:
            return cls((name or DEFAULT_GROUP, grp.getgrnam(name or DEFAULT_GROUP).gr_gid))
        except KeyError:
            if name is None:
                return cls(None)
            raise Refusal(errno.ENOENT, f"there is no group {name} (groupadd --system {name})") from None

    def check(self, peer: Peer) -> None:
        """Raises Refusal (EPERM) when the peer may not ask."""
        if peer.root or (self.group is not None and self.group[1] in peer.groups):
            return
        whom = "root" if self.group is None else f"root and the group {self.group[0]}"
        raise Refusal(errno.EPERM, f"agrd takes requests of {whom} only (sudo agrconfig ...)")

    def open(self, directory: RunDirectory) -> None:
        """Open the control socket to the group; before, root alone reaches it. Raises OSError."""
        group = -1 if self.group is None else self.group[1]
        os.chown(directory.control, 0, group)
        Path(directory.control).chmod(0o600 if self.group is None else 0o660)
        os.chown(directory.path, 0, group)
        Path(directory.path).chmod(0o700 if self.group is None else 0o750)
