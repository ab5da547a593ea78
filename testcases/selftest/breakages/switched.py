"""What shows through a switch while a LAG changes under traffic (43.2.3, 43.2.4, 43.2.5, 43A.3).

On a bench where nothing is wired straight: ``--lab fixtures/labs/nothing-straight.yaml``.
"""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage
from testcases.selftest.breakages.kernelpath import HOLDING, KEEPS_LINK, PROGRAM, TABLES, WAY, sent_twice
from testcases.selftest.breakages.moving import MARKER


def broken(name: str, file: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """One place of one file is another; one of the rows must notice, through a switch."""
    name = f"{name}, through a switch"
    data_path = "" if file.startswith("core/") else "bpf"
    return Breakage(
        name, file, place, old, new, tuple(rows.split()), clause, kernel=True, data_path=data_path
    )


SWITCHED = (
    broken(
        "conversations go on at once, whatever becomes of their Marker",
        MARKER,
        "over",
        "drain.marker_wait_timer.expired or not alive(drain.port)",
        "True",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "a Response is not awaited",
        MARKER,
        "answered",
        "drain.answered",
        "True",
        "MK-23",
        "43A.3",
    ),
    broken(
        "what was held leaves in the wrong order",
        HOLDING,
        "HoldQueues._read_batch",
        "queues, frames = received",
        "queues, frames = received[0][::-1], received[1][::-1]",
        "FD-02",
        "43.2.4",
    ),
    broken(
        "a frame in 500 is sent twice",
        PROGRAM,
        "agr_tx",
        WAY,
        sent_twice(500),
        "FD-03",
        "43.2.4",
    ),
    broken(
        "a frame in 500 is delivered twice",
        PROGRAM,
        "agr_rx",
        "count(*slot, RECEIVED);",
        """\
count(*slot, RECEIVED);
	if (__sync_fetch_and_add(&settings->turn, 1) % 500 == 499)
		bpf_clone_redirect(skb, PORT_OF(where), 0);""",
        "FD-08",
        "43.2.3",
    ),
    broken(
        "a link that is lost keeps its conversations",
        TABLES,
        "KernelPath.assign",
        "self.queues[bucket].where = self._where(index)",
        KEEPS_LINK,
        "FD-13",
        "43.2.4",
    ),
    broken(
        "no data leaves any more when all links have been away at a time",
        "core/redistribution.py",
        "_spread",
        "before, state.target = state.target, spread(state.target, state.carriers, state.former)",
        """\
lost = vars(aggregator).get("lost", False)
before = state.target
state.target = spread(before, () if lost else state.carriers, state.former)
vars(aggregator)["lost"] = lost or (any(before) and not state.carriers)""",
        "FD-13 FD-15",
        "43.2.4",
    ),
    broken(
        "links that have all been away at a time are in no LAG again",
        "core/selection.py",
        "_lag_to_serve",
        "present = aggregator.lag_id",
        """\
present = aggregator.lag_id
vars(aggregator)["lost"] = vars(aggregator).get("lost", False) or (present is not None and not candidates)
if vars(aggregator)["lost"]:
    return None""",
        "SL-01",
        "43.3.6",
    ),
)
