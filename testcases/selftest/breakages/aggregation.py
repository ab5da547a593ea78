"""Links that aggregate, stand by or carry what they should not (43.3.6, 43.4.14, 43.6.1, agr(4))."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(name: str, file: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """A line or less of one file is another; one of the rows must notice."""
    return Breakage(name, file, old, new, tuple(rows.split()), clause)


SELECTION = "core/selection.py"
STANDBY = "core/standby.py"
SYSTEM = "core/system.py"

AGGREGATION = (
    broken(
        "a link with an Individual partner shares the LAG of others",
        "core/lag.py",
        "port.Actor_Oper_Port_State.Aggregation and port.Partner_Oper_Port_State.Aggregation",
        "True",
        "SL-06",
        "43.3.6",
    ),
    broken(
        "two aggregates may be alike to their partners",
        SYSTEM,
        "wanted.identity and other.identity == wanted.identity",
        "False",
        "SL-13",
        "43.3.3",
    ),
    broken(
        "a loop is not noticed",
        SELECTION,
        'return "the link is a loop to this very aggregate" if _looped(port) else None',
        "return None",
        "SL-10",
        "43.4.14.1",
    ),
    broken(
        "one key for all speeds",
        "core/keys.py",
        "            if port.full_duplex and port.speed_mbps in (None, aggregator.speed_mbps):\n",
        "            if True:\n",
        "SL-11 SL-12",
        "43.4.14",
    ),
    broken(
        "LACP runs on half-duplex links",
        "core/port.py",
        "self.admin.lacp and self.full_duplex and",
        "self.admin.lacp and",
        "RX-31",
        "43.4.8",
    ),
    broken(
        "max-links is not kept to",
        STANDBY,
        "    if not most:\n",
        "    if True:\n",
        "SL-16 SL-17 SL-18",
        "43.4.14",
    ),
    broken(
        "always the own System decides",
        STANDBY,
        "return port.Actor_Oper_Port_State.Defaulted or lag_id(port).actor_decides",
        "return True",
        "SL-17",
        "43.6.1",
    ),
    broken(
        "always the partner's System decides",
        STANDBY,
        "return port.Actor_Oper_Port_State.Defaulted or lag_id(port).actor_decides",
        "return False",
        "SL-17 SL-18",
        "43.6.1",
    ),
    broken(
        "port priorities do not count for standby links",
        STANDBY,
        "order = (port.Actor_Port_Priority, port.Actor_Port_Number)",
        "order = (0, port.Actor_Port_Number)",
        "SL-18",
        "43.6.1",
    ),
    broken(
        "a link that has lost its carrier keeps its place",
        STANDBY,
        "return not port.port_enabled, not heard(port), waits, *order",
        "return False, False, False, *order",
        "CF-09",
        "43.6.1",
    ),
    broken(
        "an aggregate has carrier while a port has",
        "core/status.py",
        '"carrier": any(port.distributing for port in aggregator.ports)',
        '"carrier": any(port.port_enabled for port in aggregator.ports)',
        "AG-20",
        "driver",
    ),
    broken(
        "min-links is not kept to",
        STANDBY,
        "return carriers >= aggregator.admin.min_links",
        "return True",
        "AG-13 AG-14 AG-20",
        "BUGS lifted",
    ),
    broken(
        "a change of a variable is not told",
        SYSTEM,
        "            port.NTT = port.NTT or not local_only\n",
        "",
        "AG-13",
        "BUGS lifted",
    ),
    broken(
        "a defaulted port is never an Individual link",
        SELECTION,
        'if admin.defaulted == "individual" and',
        "if False and",
        "AG-13",
        "BUGS lifted",
    ),
    broken(
        "LACP runs in static aggregation",
        "core/port.py",
        "and not self.aggregator.admin.link1",
        "",
        "AG-11",
        "link1",
    ),
    broken(
        "the tag is not hashed",
        "core/distribution.py",
        "            tci = first\n",
        "            tci = 0\n",
        "AG-09",
        "DESCRIPTION",
    ),
    broken(
        "IPv6 addresses are not hashed",
        "core/distribution.py",
        "if kind == _IPv4 and len(frame)",
        "if kind in (_IPv4, _IPv6) and len(frame)",
        "AG-09",
        "DESCRIPTION",
    ),
)
