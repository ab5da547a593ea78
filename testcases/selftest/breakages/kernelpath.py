"""The data path in the kernel: its eBPF program, and what writes its tables (43.2.4, 43A.3)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage

PROGRAM = "daemon/datapath/datapath.bpf.c"
TABLES = "daemon/datapath/kernelpath.py"
HOLDING = "daemon/datapath/holdqueues.py"
PATH = "daemon/datapath/bpfpath.py"


KEEPS_LINK = "self.queues[bucket].where = self.queues[bucket].where & ~_HELD or self._where(index)"
"""Of `KernelPath.assign`: conversations stay on the link that they have."""


def sent_twice(frames: int) -> str:
    """In the place of WAY: one frame in so many is sent once more."""
    return f"""\
	__u64 where = *(volatile __u64 *)&queue->where;
	if (PORT_OF(where) && __sync_fetch_and_add(&settings->turn, 1) % {frames} == {frames - 1})
		bpf_clone_redirect(skb, PORT_OF(where), 0);
	if (!is_held(queue, where))"""


def broken(name: str, file: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """One place of one file is another; one of the rows must notice, where the program moves frames."""
    name = f"{name}, by the program in the kernel"
    return Breakage(name, file, place, old, new, tuple(rows.split()), clause, kernel=True, data_path="bpf")


WAY = """\
	__u64 where = *(volatile __u64 *)&queue->where;
	if (!is_held(queue, where))"""

KERNEL_PATH = (
    broken(
        "a broadcast is sent on every link",
        PROGRAM,
        "agr_tx",
        WAY,
        """\
	__u64 where = *(volatile __u64 *)&queue->where, seen = 1ull << (SLOT_OF(where) & 63);
	for (__u32 step = 0; word(frame) == 0xFFFFFFFF && step < 64; step++) {
		__u32 other = step * (BUCKETS / 64);
		struct queue *one = bpf_map_lookup_elem(&agr_queues, &other);
		__u64 link = one ? one->where & ~HELD : 0;
		if (PORT_OF(link) && !(seen & 1ull << (SLOT_OF(link) & 63))) {
			seen |= 1ull << (SLOT_OF(link) & 63);
			bpf_clone_redirect(skb, PORT_OF(link), 0);
		}
	}
	if (!is_held(queue, where))""",
        "FD-04",
        "43.2.4",
    ),
    broken(
        "a frame in 10,000 is sent twice",
        PROGRAM,
        "agr_tx",
        WAY,
        sent_twice(10_000),
        "FD-03",
        "43.2.4",
    ),
    broken(
        "a link that is lost stays in the table",
        TABLES,
        "KernelPath.assign",
        "self.queues[bucket].where = self._where(index)",
        KEEPS_LINK,
        "FD-13",
        "43.2.4",
    ),
    broken(
        "a link that joins makes all conversations find their link anew, without a Marker",
        TABLES,
        "KernelPath.add_port",
        "self.collect(index, False)",
        """\
self.collect(index, False)
ways = [queue.where for queue in self.queues[:BUCKETS]]
for bucket in range(BUCKETS):
    self.queues[bucket].where = ways[bucket - 1]""",
        "FD-11",
        "43A.3",
    ),
    broken(
        "what was held leaves in the wrong order",
        HOLDING,
        "HoldQueues._read_batch",
        "queues, frames = received",
        "queues, frames = received[0][::-1], received[1][::-1]",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "data for 5 ms on a link that is not Distributing",
        PATH,
        "BpfPath.expect",
        "member = self._ports[port]",
        """\
member = self._ports[port]
if on and not member.expected:
    queues = self._kernel.queues[:1024]
    former = [queue.where for queue in queues]
    for bucket in range(1024):
        self._kernel.assign(bucket, member.index)

    def put_back() -> None:
        for queue, where in zip(queues, former, strict=True):
            queue.where = where

    self._loop.call_later(0.005, put_back)""",
        "MX-16",
        "43.4.15",
    ),
)
