"""Links and Aggregators that share what they should not: loops, Individual links, LAGs (43.4.14.1)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import SELECTION, STANDBY, broken
from testcases.selftest.breakages.breakage import Breakage

SHARING = (
    broken(
        "of several loops only that of the first port is noticed",
        SELECTION,
        "_looped",
        "port.aggregator.ports",
        "port.aggregator.ports[:1]",
        "SL-26",
        "43.4.14.1",
    ),
    Breakage(
        "an Aggregator that has an Individual link takes others to it",
        SELECTION,
        "select",
        "aggregator.lag_id = _lag_to_serve(aggregator, members)",
        """\
aggregator.lag_id = _lag_to_serve(aggregator, members)
if aggregator.lag_id is not None and aggregator.lag_id.actor.port:
    members = dict.fromkeys(members, aggregator.lag_id)""",
        ("SL-27",),
        "43.4.14.1",
    ),
    Breakage(
        "an Individual link is taken to the LAG that the Aggregator has",
        SELECTION,
        "select",
        "aggregator.lag_id = _lag_to_serve(aggregator, members)",
        """\
aggregator.lag_id = _lag_to_serve(aggregator, members)
if aggregator.lag_id is not None and not aggregator.lag_id.actor.port:
    alone = {port for port, lag in members.items() if lag.actor.port}
    members |= dict.fromkeys(alone, aggregator.lag_id)""",
        ("SL-27",),
        "43.4.14.1",
    ),
    Breakage(
        "what comes on any aggregate's links is the first one's",
        "agr_core.py",
        "Agr.receive",
        "self._taken.append(('client', self._members[port], frame))",
        "self._taken.append(('client', next(iter(self._paths)), frame))",
        ("SL-28",),
        "43.3.6",
        simulated=True,
    ),
    broken(
        "of four links the first and the last are active",
        STANDBY,
        "active",
        "[*detaching, *sorted(staying, key=rank)[:most]]",
        "[*detaching, *[sorted(staying, key=rank)[n] for n in (0, -1)][:most]]",
        "SL-29",
        "43.6.1",
    ),
)
