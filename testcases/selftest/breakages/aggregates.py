"""What aggregates share that are each a System's own: it shows only where several are busy at once."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage, Change

SYSTEM, ENGINE = "core/system.py", "core/engine.py"

OTHERS = "(one for one in self._ports.values() if one.aggregator is not member.aggregator)"
"""In a method of `System`: the ports of the aggregates but that of ``member``."""

ALL_OTHERS = "[one for other in self._schedule._times if other is not aggregator for one in other.ports]"
"""In a method of `Engine`: the ports of the aggregates but ``aggregator``."""


def of_aggregates(
    name: str, file: str, place: str, old: str, new: str, rows: str, clause: str, *also: Change
) -> Breakage:
    """One place of one file is another, or several are; one of the rows must notice."""
    return Breakage(
        f"of several aggregates, {name}", file, place, old, new, tuple(rows.split()), clause, also=also
    )


SHARED_LIMIT = """\
limits = self._limits_of(name, wire)
for other in self._aggregators.values():
    if other is not owner and len(other.ports) > len(owner.ports):
        limits.{0} = other.ports[len(owner.ports)].limits.{0}"""
"""Ports of the same place in their aggregates have one limit."""

AGGREGATES = (
    of_aggregates(
        "the first ports share the limit of LACPDUs, and so the second ones",
        SYSTEM,
        "System.add_port",
        "limits = self._limits_of(name, wire)",
        SHARED_LIMIT.format("lacpdu"),
        "TX-10",
        "43.4.16",
    ),
    of_aggregates(
        "the first ports share the rate of Markers, and so the second ones",
        SYSTEM,
        "System.add_port",
        "limits = self._limits_of(name, wire)",
        SHARED_LIMIT.format("marker"),
        "MK-13",
        "43.5.4",
    ),
    of_aggregates(
        "an LACPDU of one clears NTT of the others",
        ENGINE,
        "Engine.finish",
        "transmit.transmit(port, self.now)",
        f"""\
transmit.transmit(port, self.now)
if not port.NTT:
    for one in {ALL_OTHERS}:
        one.NTT = False""",
        "TX-02",
        "43.4.16",
    ),
    of_aggregates(
        "NTT of one makes the others speak",
        ENGINE,
        "Engine.finish",
        "transmit.transmit(port, self.now)",
        f"""\
transmit.transmit(port, self.now)
for one in {ALL_OTHERS}:
    one.NTT = True
    transmit.transmit(one, self.now)""",
        "RX-23",
        "43.4.9",
    ),
    of_aggregates(
        "an LACPDU to one restarts current_while_timer of the others",
        SYSTEM,
        "System.receive",
        "self._engine.receive(member, pdu)",
        f"""\
self._engine.receive(member, pdu)
for one in {OTHERS}:
    if one.current_while_timer.deadline is not None and one.Actor_Oper_Port_State.LACP_Timeout:
        one.current_while_timer.start(self._engine.now, 3.0)""",
        "RX-09",
        "43.4.12",
    ),
    of_aggregates(
        "who expires in one ends the wait of the others' partners",
        ENGINE,
        "Engine._fire",
        "news = _run_machines(aggregator, time, _expire_timers(aggregator, time))",
        f"""\
before = [port.receive_state for port in aggregator.ports]
news = _run_machines(aggregator, time, _expire_timers(aggregator, time))
if ReceiveState.EXPIRED in [port.receive_state for port in aggregator.ports] != before:
    for one in {ALL_OTHERS}:
        one.current_while_timer.start(time, 0.0)
        self._schedule.set(one.aggregator, time)""",
        "RX-09",
        "43.4.12",
    ),
    of_aggregates(
        "the end of one's period begins the others' anew",
        ENGINE,
        "Engine._fire",
        "news = _run_machines(aggregator, time, _expire_timers(aggregator, time))",
        f"""\
over = any(port.periodic_timer.deadline == time for port in aggregator.ports)
news = _run_machines(aggregator, time, _expire_timers(aggregator, time))
for one in {ALL_OTHERS} if over else ():
    if one.periodic_timer.deadline is not None:
        one.periodic_timer.start(time, 1.0 if one.Partner_Oper_Port_State.LACP_Timeout else 30.0)""",
        "PT-01 PT-02 PT-05 PT-16",
        "43.4.13",
    ),
    of_aggregates(
        "who begins to wait in one restarts wait_while_timer of the others",
        ENGINE,
        "Engine.finish",
        "detaching = self._settle(aggregator, ports)",
        f"""\
detaching = self._settle(aggregator, ports)
if any(port.wait_while_timer.deadline == self.now + 2.0 for port in aggregator.ports):
    for one in {ALL_OTHERS}:
        if one.wait_while_timer.deadline is not None:
            one.wait_while_timer.start(self.now, 2.0)""",
        "MX-02",
        "43.4.15",
    ),
    of_aggregates(
        "the end of one's wait is the end of the others'",
        ENGINE,
        "Engine._fire",
        "news = _run_machines(aggregator, time, _expire_timers(aggregator, time))",
        f"""\
waited = any(port.wait_while_timer.deadline == time for port in aggregator.ports)
news = _run_machines(aggregator, time, _expire_timers(aggregator, time))
if waited:
    for one in {ALL_OTHERS}:
        if one.wait_while_timer.deadline is not None:
            one.wait_while_timer.deadline = time
            self._schedule.set(one.aggregator, time)""",
        "MX-04",
        "43.4.15",
    ),
    of_aggregates(
        "carrier of one that comes or goes unselects the others' ports",
        SYSTEM,
        "System.set_link",
        "member.port_enabled = up",
        f"""\
member.port_enabled = up
for one in {OTHERS}:
    one.select(type(one.Selected).UNSELECTED)
    self._engine.touch(one.aggregator)""",
        "MX-22",
        "43.4.8",
    ),
    of_aggregates(
        "another partner of one unselects the others' ports",
        SYSTEM,
        "System.receive",
        "self._engine.receive(member, pdu)",
        f"""\
self._engine.receive(member, pdu)
known = member.partner_information()
if (known.system, known.key) != (pdu.actor.system, pdu.actor.key):
    for one in {OTHERS}:
        one.select(type(one.Selected).UNSELECTED)
        self._engine.touch(one.aggregator)""",
        "MX-22",
        "43.4.8",
    ),
    of_aggregates(
        "a silent partner of one unselects the others' ports",
        ENGINE,
        "Engine._fire",
        "news = _run_machines(aggregator, time, _expire_timers(aggregator, time))",
        f"""\
news = _run_machines(aggregator, time, _expire_timers(aggregator, time))
if ReceiveState.EXPIRED in [port.receive_state for port in aggregator.ports]:
    for one in {ALL_OTHERS}:
        one.select(type(one.Selected).UNSELECTED)
        self.touch(one.aggregator)""",
        "MX-22",
        "43.4.8",
    ),
    of_aggregates(
        "the removal of a port of one unselects the others' ports",
        SYSTEM,
        "System._remove",
        "self._engine.remove(port)",
        """\
self._engine.remove(port)
for one in self._ports.values():
    if one.aggregator is not port.aggregator:
        one.select(type(one.Selected).UNSELECTED)
        self._engine.touch(one.aggregator)""",
        "MX-22",
        "43.4.8",
    ),
    of_aggregates(
        "a Marker Response leaves on the port of the one that was made last",
        SYSTEM,
        "System._emit",
        "self._outputs.append(output)",
        """\
if isinstance(output, Transmit) and not output.is_LACPDU and not output.behind_data:
    *_, last = self._aggregators.values()
    place = self._ports[output.port].aggregator.ports.index(self._ports[output.port])
    output = replace(output, port=last.ports[place].name if place < len(last.ports) else output.port)
self._outputs.append(output)""",
        "MK-12",
        "43.5.4",
    ),
    of_aggregates(
        "what has its Marker Response waits for those of the others",
        ENGINE,
        "Engine._settle",
        "news or aggregator.moves.under_way",
        f"""\
(news or aggregator.moves.under_way) and not (
    aggregator.moves.drains
    and all(drain.answered for drain in aggregator.moves.drains)
    and any(not drain.answered for one in {ALL_OTHERS} for drain in one.aggregator.moves.drains)
)""",
        "MK-23",
        "43A.3",
    ),
    of_aggregates(
        "a Marker Response ends the waits of all",
        SYSTEM,
        "System.receive",
        "pdu = control_parser.accept(member, self._engine.now, frame)",
        f"""\
heard = member.counters.MarkerResponsePDUsRx
pdu = control_parser.accept(member, self._engine.now, frame)
if member.counters.MarkerResponsePDUsRx != heard:
    for one in {OTHERS}:
        for drain in one.aggregator.moves.drains:
            drain.answered = True
        self._engine.touch(one.aggregator, ())""",
        "MK-23",
        "43A.3",
    ),
)
