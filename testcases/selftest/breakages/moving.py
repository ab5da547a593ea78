"""Conversations that move, Markers, and ports that leave as they should not (43.2.5, 43.5, 43A.3)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken

MOVES = "core/moves.py"
REDISTRIBUTION = "core/redistribution.py"

MOVING = (
    broken(
        "conversations move without a Marker",
        MOVES,
        "    return drain.marker_wait_timer.expired or not alive(drain.port)\n",
        "    return True\n",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "a Marker is sent, its Response is not awaited",
        MOVES,
        "    return drain.answered\n",
        "    return True\n",
        "FD-11 FD-12",
        "43A.3",
    ),
    broken(
        "one transaction for all Markers",
        MOVES,
        "    moves.transaction_id = (moves.transaction_id + 1) & 0xFFFFFFFF\n",
        "    moves.transaction_id = 1\n",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "Markers from the aggregate's address",
        MOVES,
        "marker.encode(drain.marker, source=port.mac)",
        "marker.encode(drain.marker, source=aggregator.Aggregator_MAC_address)",
        "MK-22",
        "43.2.5",
    ),
    broken(
        "a Response is awaited for 5 s",
        "core/constants.py",
        "Marker_Wait_Time = 1.0",
        "Marker_Wait_Time = 5.0",
        "MK-23",
        "43A.3",
    ),
    broken(
        "a port that leaves does not say so",
        "core/leaving.py",
        "    port.leaving = True\n    port.NTT = True\n",
        "    port.NTT = True\n",
        "TX-09",
        "43.4.15",
    ),
    broken(
        "what waits for room for its Marker is not let go in time",
        MOVES,
        "    (_MARKING, _over, _RELEASED),\n",
        "",
        "MK-23",
        "43A.3",
    ),
    broken(
        "a port leaves before its last Marker is answered",
        MOVES,
        "return stranded or port.name in self.pending or any(drain.port is port for drain in self.drains)",
        "return stranded or port.name in self.pending",
        "FD-12",
        "43A.3",
    ),
    broken(
        "a link that stands by does not take over before the one in use leaves",
        "core/standby.py",
        "    staying = [port for port in ports if port.leave_state is LeaveState.STAYING]\n",
        "    staying = list(ports)\n",
        "CF-09",
        "43.6.1",
    ),
)
