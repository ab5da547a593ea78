"""Conversations that move, Markers, and ports that leave as they should not (43.2.5, 43.5, 43A.3)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

MARKER = "core/marker.py"

MOVING = (
    broken(
        "conversations move without a Marker",
        MARKER,
        "over",
        "drain.marker_wait_timer.expired or not alive(drain.port)",
        "True",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "a Marker is sent, its Response is not awaited",
        MARKER,
        "answered",
        "drain.answered",
        "True",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "one transaction for all Markers",
        MARKER,
        "_send_marker",
        "moves.transaction_id = (moves.transaction_id + 1) & 0xFFFFFFFF",
        "moves.transaction_id = 1",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "Markers from the aggregate's address",
        MARKER,
        "_send_marker",
        "encode(marker, source=port.mac)",
        "encode(marker, source=aggregator.Aggregator_MAC_address)",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "a Response is awaited for 5 s",
        "core/constants.py",
        "Marker_Wait_Time",
        "1.0",
        "5.0",
        "MK-23",
        "43A.3",
    ),
    broken(
        "a port that leaves does not say so",
        "core/detach.py",
        "_unselect",
        "port.detaching = True",
        "",
        "TX-09",
        "43.4.15",
    ),
    broken(
        "what waits for room for its Marker is not let go in time",
        MARKER,
        "DRAIN",
        "(ANY, over, _RELEASED)",
        "(_WAITING, over, _RELEASED)",
        "MK-23",
        "43A.3",
    ),
    broken(
        "a port leaves before its last Marker is answered",
        "core/variables.py",
        "Moves.remain_on",
        "stranded or port.name in self.pending or any(drain.port is port for drain in self.drains)",
        "stranded or port.name in self.pending",
        "FD-12",
        "43A.3",
    ),
    broken(
        "a link that stands by does not take over before the one in use leaves",
        "core/standby.py",
        "active",
        "[port for port in ports if port.detach_state is DetachState.NO_DETACH]",
        "list(ports)",
        "CF-09",
        "43.6.1",
    ),
)
