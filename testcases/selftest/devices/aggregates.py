"""Breakages on top of devices: Aggregators share what is each one's own, as shows where several are busy."""

from __future__ import annotations

from testcases.selftest.devices.breakage import broken

OTHERS = "[one for one in self.model.ports if one.aggregator is not member.aggregator]"
"""In a method of `Reference`: the ports of other Aggregators than that of ``member``."""

UNSELECT = f"""\
for one in {OTHERS}:
    one.Selected = type(one.Selected).UNSELECTED"""

AGGREGATES = (
    broken(
        "LACPDUs leave 50 ms late",
        "the first ports of all Aggregators share the transmit limit",
        "implementation",
        "Reference._attach",
        "self._sent.setdefault(name, [])",
        "self._sent.setdefault(str(len(aggregator.ports)), [])",
        "TX-10",
    ),
    broken(
        "other numbers",
        "the first ports of all Aggregators share the rate of Marker Responses",
        "implementation",
        "Reference._attach",
        "port.sent = self._sent.setdefault(name, [])",
        """\
port.sent = self._sent.setdefault(name, [])
for other in self.model.aggregators:
    if len(other.ports) > len(aggregator.ports):
        port.responses = other.ports[len(aggregator.ports)].responses""",
        "MK-13",
    ),
    broken(
        "timers 200 ms late",
        "an LACPDU of one Aggregator clears NTT of the others",
        "model",
        "Model.transmit",
        "while TRANSMIT.step(port):\n    pass",
        """\
while TRANSMIT.step(port):
    for one in self.ports:
        if one.aggregator is not port.aggregator:
            one.NTT = False""",
        "TX-02",
    ),
    broken(
        "suspends Individual partners",
        "NTT of one Aggregator makes the others speak",
        "model",
        "Model.settle",
        "for port in self.ports:\n    port.received = port.marker = None\n    self.transmit(port)",
        """\
asked = [port.aggregator for port in self.ports if port.NTT]
for port in self.ports:
    port.received = port.marker = None
    port.NTT |= any(one is not port.aggregator for one in asked)
    self.transmit(port)""",
        "RX-23",
    ),
    broken(
        "ticks of 100 ms",
        "an LACPDU to one Aggregator restarts current_while_timer of the others",
        "implementation",
        "Reference.receive",
        "member.now = now",
        f"""\
member.now = now
for one in {OTHERS}:
    if one.timers.get("current_while_timer", now) > now:
        one.timers["current_while_timer"] = now + 3.0""",
        "RX-09",
    ),
    broken(
        "coupled control",
        "who begins to wait in one Aggregator restarts wait_while_timer of the others",
        "model",
        "Model._step",
        "moved |= machine.step(port)",
        """\
before = port.mux
moved |= machine.step(port)
for one in self.ports if "WAITING" == port.mux != before else ():
    if one.aggregator is not port.aggregator and one.timers.get("wait_while_timer", self.now) > self.now:
        one.start("wait_while_timer", 2.0)""",
        "MX-02",
    ),
    broken(
        "lets go at link down",
        "carrier of one Aggregator that comes or goes unselects the others' ports",
        "implementation",
        "Reference.link",
        "member.port_enabled = up",
        f"member.port_enabled = up\n{UNSELECT}",
        "MX-22",
    ),
    broken(
        "an address of its own",
        "the removal of a port of one Aggregator unselects the others' ports",
        "implementation",
        "Reference._detach",
        "port.aggregator.ports.remove(port)",
        f"member = port\n{UNSELECT}\nport.aggregator.ports.remove(port)",
        "MX-22",
    ),
    broken(
        "takes tagged LACPDUs",
        "another partner of one Aggregator unselects the others' ports",
        "implementation",
        "Reference._settle",
        "self.model.settle(now)",
        f"""\
for member in self.model.ports:
    told = member.received
    if told is not None and told.actor.key != member.partner.key:
        for one in {OTHERS}:
            one.Selected = type(one.Selected).UNSELECTED
self.model.settle(now)""",
        "MX-22",
    ),
    broken(
        "Short Timeout by default",
        "a silent partner of one Aggregator unselects the others' ports",
        "implementation",
        "Reference._settle",
        "self.model.settle(now)",
        f"""\
before = {{port.name: port.states.get("Receive") for port in self.model.ports}}
self.model.settle(now)
for member in self.model.ports:
    if (before.get(member.name), member.states["Receive"]) == ("CURRENT", "EXPIRED"):
        for one in {OTHERS}:
            one.Selected = type(one.Selected).UNSELECTED""",
        "MX-22",
    ),
    broken(
        "Marker Responses leave 1 s late",
        "Marker Responses leave on the port of the Aggregator that was made last",
        "implementation",
        "Reference._settle",
        "self._taken += [('port', port.name, frame) for frame in port.outbox]",
        """\
*_, last = [one.ports for one in self.model.aggregators if one.ports]
place = port.aggregator.ports.index(port)
self._taken += [
    ("port", last[place].name if frame[14] == 2 and place < len(last) else port.name, frame)
    for frame in port.outbox
]""",
        "MK-12",
    ),
)
