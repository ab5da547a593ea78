"""Conversations that move, Markers, and ports that leave as they should not (43.2.5, 43.5, 43A.3)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

MOVES = "core/moves.py"

MOVING = (
    broken(
        "conversations move without a Marker",
        MOVES,
        "_over",
        "return drain.marker_wait_timer.expired or not alive(drain.port)",
        "return True",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "a Marker is sent, its Response is not awaited",
        MOVES,
        "_answered",
        "return drain.answered",
        "return True",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "one transaction for all Markers",
        MOVES,
        "_send_marker",
        "moves.transaction_id = (moves.transaction_id + 1) & 0xFFFFFFFF",
        "moves.transaction_id = 1",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "Markers from the aggregate's address",
        MOVES,
        "_send_marker",
        "marker.encode(drain.marker, source=port.mac)",
        "marker.encode(drain.marker, source=aggregator.Aggregator_MAC_address)",
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
        "core/leaving.py",
        "_unselect",
        "port.leaving = True",
        "",
        "TX-09",
        "43.4.15",
    ),
    broken(
        "what waits for room for its Marker is not let go in time",
        MOVES,
        "_ARCS",
        "(_MARKING, _over, _RELEASED)",
        "",
        "MK-23",
        "43A.3",
    ),
    broken(
        "a port leaves before its last Marker is answered",
        MOVES,
        "Moves.leaving",
        "stranded or port.name in self.pending or any(drain.port is port for drain in self.drains)",
        "stranded or port.name in self.pending",
        "FD-12",
        "43A.3",
    ),
    broken(
        "a link that stands by does not take over before the one in use leaves",
        "core/standby.py",
        "active",
        "[port for port in ports if port.leave_state is LeaveState.STAYING]",
        "list(ports)",
        "CF-09",
        "43.6.1",
    ),
)
