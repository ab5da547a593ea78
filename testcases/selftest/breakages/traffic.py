"""Frames that are doubled, late, on a wrong link or on none (43.2.3, 43.2.4, 43A.3).

The data path of the simulated bench is broken, and what both kinds of bench have in common; where a bench has
kernel interfaces the daemon's data paths: the one in Python, and the kernel's program.
"""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

DISTRIBUTION = "core/distribution.py"
RECEIVE = "core/receive.py"
PACKET_PATH = "daemon/packetpath.py"
BPF_PATH = "daemon/bpf/datapath.bpf.c"


def path(name: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """Lines of the simulated bench's data path are others; one of the rows must notice."""
    return Breakage(name, "agr_core.py", old, new, tuple(rows.split()), clause, simulated=True)


def kernel(name: str, file: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """The same of the daemon: of the kernel's program with lab.yaml, in Python with python-path.yaml."""
    return Breakage(name, file, old, new, tuple(rows.split()), clause, kernel=True)


SENT = """\
        if port is not None:
            self._taken.append(("port", port, frame))
"""
CHOSEN = "        port = self._system.distributor(aggregate).choose(frame)\n"
DELIVERED = '            self._taken.append(("client", self._members[port], frame))\n'
COLLECTING = "        elif self._system.collecting(port):\n"
RELEASED = "            for frame in self._held[output.aggregator].pop(bucket, ()):\n"
SENT_BY_AGRD = """\
        elif member.socket.send(frame):
            member.traffic.sent += 1
"""
BPF_CHOSEN = "\treturn is_held(queue, where) ? to_agrd(skb, settings, queue, at) : to_port(where);\n"
CHOSEN_BY_AGRD = """\
            else:
                self._send(self._table[bucket], frame)
"""

TRAFFIC = (
    path(
        "a frame in 10,000 is sent twice",
        SENT,
        SENT
        + """\
            self.frames_sent = getattr(self, "frames_sent", 0) + 1
            if self.frames_sent % 10_000 == 0:
                self._taken.append(("port", port, frame))
""",
        "FD-03",
        "43.2.4",
    ),
    path(
        "a frame in 10,000 leaves after the next one",
        SENT,
        """\
        if port is not None:
            self.frames_sent = getattr(self, "frames_sent", 0) + 1
            late = self.__dict__.setdefault("late", {})
            if self.frames_sent % 10_000 == 77:
                late[frame[:34]] = frame
                return
            self._taken.append(("port", port, frame))
            if frame[:34] in late:
                self._taken.append(("port", port, late.pop(frame[:34])))
""",
        "FD-02",
        "43.2.4",
    ),
    path(
        "a broadcast is sent on every link",
        SENT,
        SENT
        + """\
            if frame[:6] == b"\\xff" * 6:
                others = set(self._system.distributor(aggregate).ports) - {port}
                self._taken += [("port", other, frame) for other in others]
""",
        "FD-04",
        "43.2.4",
    ),
    path(
        "what was held leaves in the wrong order",
        RELEASED,
        "            for frame in reversed(self._held[output.aggregator].pop(bucket, ())):\n",
        "FD-11 FD-12",
        "43A.3",
    ),
    path(
        "what was held is sent when later frames have gone",
        RELEASED,
        """\
            if late := self.__dict__.setdefault("late", []):
                self._taken.append(late.pop())
            for frame in self._held[output.aggregator].pop(bucket, ()):
                if not late and output.port is not None:
                    late.append(("port", output.port, frame))
                    continue
""",
        "FD-11 FD-12",
        "43A.3",
    ),
    path(
        "data leaves on a port that is not Distributing for 5 ms in a second",
        CHOSEN,
        CHOSEN
        + """\
        if now % 1 < 0.005:
            port = max(name for name, owner in self._members.items() if owner == aggregate)
""",
        "MX-16",
        "43.4.15",
    ),
    path(
        "data leaves for 5 ms when a port attaches",
        CHOSEN,
        CHOSEN
        + """\
        attached = self.__dict__.setdefault("attached", {})
        for one in self._system.status(now)["aggregates"][aggregate]["ports"].items():
            name, said = one
            if said["mux_state"] == "ATTACHED" and now - attached.setdefault(name, now) < 0.005:
                port = name
""",
        "MX-16",
        "43.4.15",
    ),
    path(
        "a conversation is collected on the link alone that it would leave on",
        COLLECTING,
        """\
        elif self._system.collecting(port) and port == self._system.distributor(
            self._members[port]
        ).choose(frame):
""",
        "FD-09",
        "43.2.3",
    ),
    path(
        "a conversation is collected on the link alone that it came on first",
        COLLECTING,
        """\
        elif self._system.collecting(port) and port == self.__dict__.setdefault("came", {}).setdefault(
            frame[:34], port
        ):
""",
        "FD-08",
        "43.2.3",
    ),
    path(
        "five frames are delivered at once, the last one first",
        DELIVERED,
        """\
            late = self.__dict__.setdefault("late", [])
            late.insert(0, ("client", self._members[port], frame))
            if len(late) == 5:
                self._taken += late
                late.clear()
""",
        "FD-08",
        "43.2.3",
    ),
    path(
        "frames leave with the address of the port",
        SENT,
        """\
        if port is not None:
            frame = frame[:6] + self._macs[port] + frame[12:]
            self._taken.append(("port", port, frame))
""",
        "FD-17",
        "43.2.10.1",
    ),
    broken(
        "a link that joins makes all conversations find their link anew, without a Marker",
        DISTRIBUTION,
        "            port = self.table[bucket_of(frame)]\n",
        "            port = self.ports[bucket_of(frame) % len(self.ports)] if self.ports else None\n",
        "FD-11",
        "43A.3",
    ),
    broken(
        "a link that is lost keeps its conversations",
        DISTRIBUTION,
        "        self.ports = tuple(sorted(ports))\n",
        "        self.ports = tuple(sorted({*self.ports, *ports}))\n",
        "FD-13",
        "43.2.4",
    ),
    broken(
        "a link with a silent partner is left 2 s late, timeout short",
        RECEIVE,
        "    return Short_Timeout_Time if",
        "    return Short_Timeout_Time + 2 if",
        "FD-14",
        "43.3.12",
    ),
    broken(
        "a link with a silent partner is left 2 s late, timeout long",
        RECEIVE,
        "else Long_Timeout_Time\n",
        "else Long_Timeout_Time + 2\n",
        "FD-14",
        "43.3.12",
    ),
    kernel(
        "a frame in 2,000 of a link is sent twice on the Python data path",
        PACKET_PATH,
        SENT_BY_AGRD,
        SENT_BY_AGRD
        + """\
            if member.traffic.sent % 2_000 == 0:
                member.socket.send(frame)
""",
        "FD-03",
        "43.2.4",
    ),
    kernel(
        "a broadcast is sent on every link on the Python data path",
        PACKET_PATH,
        CHOSEN_BY_AGRD,
        """\
            elif frame[_VNET_OCTETS : _VNET_OCTETS + 6] == b"\\xff" * 6:
                for member in self._ports.values():
                    self._send(member, frame)
"""
        + CHOSEN_BY_AGRD,
        "FD-04",
        "43.2.4",
    ),
    kernel(
        "a frame in 2,000 is sent twice by the kernel's program",
        BPF_PATH,
        BPF_CHOSEN,
        "    if (PORT_OF(where) && !(__sync_fetch_and_add(&settings->turn, 1) % 2000))\n"
        "        bpf_clone_redirect(skb, PORT_OF(where), 0);\n" + BPF_CHOSEN,
        "FD-03",
        "43.2.4",
    ),
    kernel(
        "the kernel's program holds nothing",
        BPF_PATH,
        BPF_CHOSEN,
        "\treturn to_port(where);\n",
        "FD-11 FD-12",
        "43A.3",
    ),
    kernel(
        "the kernel's program sends before what is held has gone",
        BPF_PATH,
        "(where & HELD || queue->held != *(volatile __u64 *)&queue->released)",
        "(where & HELD)",
        "FD-11 FD-12",
        "43A.3",
    ),
    kernel(
        "what was held leaves in the wrong order on the Python data path",
        "daemon/held.py",
        "        self.queues[bucket].append(frame)\n",
        "        self.queues[bucket].appendleft(frame)\n",
        "FD-11 FD-12",
        "43A.3",
    ),
)
