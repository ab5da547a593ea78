"""Links that aggregate, stand by or carry what they should not (43.3.6, 43.4.14, 43.6.1, agr(4))."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(name: str, file: str, place: str, old: str, new: str, rows: str, clause: str) -> Breakage:
    """One place of one file is another; one of the rows must notice."""
    return Breakage(name, file, place, old, new, tuple(rows.split()), clause)


SELECTION = "core/selection.py"
STANDBY = "core/standby.py"
SYSTEM = "core/system.py"

AGGREGATION = (
    broken(
        "a link with an Individual partner shares the LAG of others",
        "core/lag.py",
        "lag_id",
        "actor.state.Aggregation and partner.state.Aggregation",
        "True",
        "SL-06",
        "43.3.6",
    ),
    broken(
        "two aggregates may be alike to their partners",
        SYSTEM,
        "System._check_unique",
        "other.name != wanted.name and wanted.identity and other.identity == wanted.identity",
        "other.name != wanted.name and False",
        "SL-13",
        "43.3.3",
    ),
    broken(
        "a loop is not noticed",
        SELECTION,
        "refusal",
        "'the link is a loop within this very aggregate' if _looped(port) else None",
        "None",
        "SL-10",
        "43.4.14.1",
    ),
    broken(
        "one key for all speeds",
        "core/keys.py",
        "Keys.follow",
        "port.full_duplex and port.speed_mbps in (None, aggregator.speed_mbps)",
        "True",
        "SL-11 SL-12",
        "43.4.14",
    ),
    broken(
        "LACP runs on half-duplex links",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.admin.lacp and not self.aggregator.admin.link1",
        "RX-31",
        "43.4.8",
    ),
    broken(
        "max-links is not kept to",
        STANDBY,
        "active",
        "not most",
        "True",
        "SL-16 SL-17 SL-18",
        "43.4.14",
    ),
    broken(
        "always the own System decides",
        STANDBY,
        "_actor_decides",
        "return port.Actor_Oper_Port_State.Defaulted or port.LAG_ID.actor_decides",
        "return True",
        "SL-17",
        "43.6.1",
    ),
    broken(
        "always the partner's System decides",
        STANDBY,
        "_actor_decides",
        "return port.Actor_Oper_Port_State.Defaulted or port.LAG_ID.actor_decides",
        "return False",
        "SL-17 SL-18",
        "43.6.1",
    ),
    broken(
        "port priorities do not count for standby links",
        STANDBY,
        "active.rank",
        "order = (port.Actor_Port_Priority, port.Actor_Port_Number)",
        "order = (0, port.Actor_Port_Number)",
        "SL-18",
        "43.6.1",
    ),
    broken(
        "a link that has lost its carrier keeps its place",
        STANDBY,
        "active.rank",
        "return not port.port_enabled, not heard(port), waits, *order",
        "return False, False, False, *order",
        "CF-09",
        "43.6.1",
    ),
    broken(
        "an aggregate has carrier while a port has",
        "core/status.py",
        "aggregator_status",
        "port.distributing",
        "port.port_enabled",
        "AG-20",
        "driver",
    ),
    broken(
        "min-links is not kept to",
        STANDBY,
        "enough",
        "return carriers >= aggregator.admin.min_links",
        "return True",
        "AG-13 AG-14 AG-20",
        "BUGS lifted",
    ),
    broken(
        "a change of a variable is not told",
        SYSTEM,
        "System._configure_aggregator",
        "port.NTT = port.NTT or not local_only",
        "",
        "AG-13",
        "BUGS lifted",
    ),
    broken(
        "a defaulted port is never an Individual link",
        SELECTION,
        "_refusal_without_partner",
        "admin.defaulted == 'individual'",
        "False",
        "AG-13",
        "BUGS lifted",
    ),
    broken(
        "LACP runs in static aggregation",
        "core/variables.py",
        "Port.LACP_Enabled",
        "self.admin.lacp and self.full_duplex and not self.aggregator.admin.link1",
        "self.admin.lacp and self.full_duplex",
        "AG-11",
        "link1",
    ),
    broken(
        "the tag is not hashed",
        "core/distribution.py",
        "_words",
        "tci = first",
        "tci = 0",
        "AG-09",
        "DESCRIPTION",
    ),
    broken(
        "IPv6 addresses are not hashed",
        "core/distribution.py",
        "_words",
        "kind == _IPv4",
        "kind in (_IPv4, _IPv6)",
        "AG-09",
        "DESCRIPTION",
    ),
)
