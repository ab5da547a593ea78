"""Managed objects that tell something else than is so (30.7.1, 30.7.2), or do not what they say (43.4.7)."""

from __future__ import annotations

from testcases.selftest.breakages.aggregation import broken
from testcases.selftest.breakages.breakage import Breakage

STATUS = "core/status.py"


def in_the_data_path(name: str, place: str, old: str, new: str, row: str) -> Breakage:
    """A count of the data path that agr has on the simulated bench."""
    return Breakage(name, "agr_core.py", place, old, new, (row,), "30.7.1.1", simulated=True)


MANAGED = (
    broken(
        "the aggregate's delay is always told as 0",
        STATUS,
        "aggregator_status",
        "admin.collector_max_delay",
        "0",
        "MG-10",
        "30.7.1.1",
    ),
    broken(
        "the aggregate's operational key is told as the default one",
        STATUS,
        "aggregator_status",
        "lag.actor.key if lag else admin.key",
        "1",
        "MG-10",
        "30.7.1.1",
    ),
    broken(
        "the aggregate's partner is told without its key",
        STATUS,
        "aggregator_status",
        "partner.key",
        "0",
        "MG-11",
        "30.7.1.1",
    ),
    broken(
        "the partner of a LAG that is gone is told still",
        STATUS,
        "aggregator_status",
        "partner = lag.partner if lag else _NO_PARTNER",
        """\
partner = lag.partner if lag else vars(aggregator).get("told", _NO_PARTNER)
vars(aggregator)["told"] = partner""",
        "MG-11",
        "30.7.1.1",
    ),
    broken(
        "an Individual link is told to be an aggregate",
        STATUS,
        "aggregator_status",
        "lag is not None and lag.actor.port != 0",
        "False",
        "MG-11",
        "30.7.1.1",
    ),
    broken(
        "an aggregate that has a LAG is told to be up",
        STATUS,
        "aggregator_status",
        '"up" if aggregator.operational else "down"',
        '"up" if lag else "down"',
        "MG-12",
        "30.7.1.1",
    ),
    broken(
        "the data rate counts links that are not in use",
        STATUS,
        "_data_rate",
        "port.distributing",
        "port.port_enabled",
        "MG-14",
        "30.7.1.1",
    ),
    broken(
        "every port of an aggregate is told to be attached",
        STATUS,
        "_port_status",
        'aggregator.name if port.mux_state.attached else ""',
        "aggregator.name",
        "MG-13 MG-18",
        "30.7.1.1",
    ),
    broken(
        "a port that waits is told to be attached",
        STATUS,
        "_port_status",
        "port.mux_state.attached",
        "port.mux_state is not MuxState.DETACHED",
        "MG-18",
        "30.7.2.1",
    ),
    broken(
        "no port is told to have selected an Aggregator",
        STATUS,
        "_port_status",
        '"" if port.Selected is Selected.UNSELECTED else aggregator.name',
        '""',
        "MG-18",
        "30.7.2.1",
    ),
    broken(
        "a port's administrative state is told as the operational one of its partner",
        STATUS,
        "_port_status",
        "port.Actor_Admin_Port_State.octet()",
        "port.Partner_Oper_Port_State.octet()",
        "MG-19",
        "30.7.2.1",
    ),
    broken(
        "a port's administrative key is told as the default one",
        STATUS,
        "_port_status",
        "aggregator.admin.key",
        "1",
        "MG-19",
        "30.7.2.1",
    ),
    broken(
        "a port's administrative partner is told as the one that is heard",
        STATUS,
        "_port_status",
        "port.Partner_Admin",
        "port.partner_information()",
        "MG-20",
        "30.7.2.1",
    ),
    broken(
        "an aggregate that goes down says nothing",
        "core/variables.py",
        "Aggregator.note_change",
        "self.notifications.LinkDown += 1",
        "pass",
        "MG-17",
        "30.7.1.2",
    ),
    broken(
        "each link that comes or goes is told as if it were the aggregate",
        "core/variables.py",
        "Aggregator.note_change",
        "operational = any(port.distributing for port in self.ports)",
        """\
operational = any(port.distributing for port in self.ports)
number = sum(port.distributing for port in self.ports)
self.notifications.LinkDown += number < vars(self).get("number", 0)
vars(self)["number"] = number""",
        "MG-17",
        "30.7.1.2",
    ),
    broken(
        "an administrative partner that is set is not in force before LACP begins anew",
        "core/system.py",
        "System._configure_port",
        "port.Actor_Oper_Port_State.Defaulted and port.Partner_Admin != former",
        "False",
        "CF-13 CF-14",
        "43.4.7",
    ),
    broken(
        "the administrative partner has no key",
        "core/variables.py",
        "Port.Partner_Admin",
        "own.partner_key",
        "0",
        "CF-13",
        "43.4.7",
    ),
    broken(
        "no port without a partner that is heard is selected",
        "core/variables.py",
        "Port.vouched_for",
        "state is not None and PortState.from_octet(state).Synchronization",
        "False",
        "CF-14",
        "43.4.7",
    ),
    in_the_data_path(
        "LACPDUs are counted as the client's frames",
        "Agr._obey",
        "self._taken.append(('port', output.port, output.frame))",
        """\
self._taken.append(("port", output.port, output.frame))
if output.port in self._members:
    self._paths[self._members[output.port]].count("Tx", output.frame)""",
        "MG-15",
    ),
    in_the_data_path(
        "frames are counted as long as their link is in use",
        "Agr._obey",
        "(self._distributing.add if output.on else self._distributing.discard)(output.port)",
        """\
(self._distributing.add if output.on else self._distributing.discard)(output.port)
if not output.on:
    client = self._paths[self._members[output.port]].client
    client.update(dict.fromkeys(client, 0))""",
        "MG-15",
    ),
    in_the_data_path(
        "octets are counted as frames",
        "_Path.count",
        "len(frame)",
        "1",
        "MG-15",
    ),
    in_the_data_path(
        "broadcast is counted as multicast",
        "_Path.count",
        '"Broadcast" if frame[:6] == _BROADCAST else "Multicast"',
        '"Multicast"',
        "MG-16",
    ),
)
