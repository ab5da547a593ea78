"""How a bench can be arranged: its cables as they are, or some as straight wires through the switch.

A cable of the implementation's and one of the tester's, both to the switch, and a VLAN make such a wire; the
rest stays as it is. A testcase gets the arrangement that has what it needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.dut.fixed import FixedLag, FixedSection
from harness.lab import schema
from harness.lab.schema import Lab, Wire
from harness.lab.tunnel import Tunnel
from harness.switch import driver_of


class TunnelledWire(Wire):
    """A wire through the switch: straight, as testcases see it; the switch takes carrier from its port."""

    way: Tunnel

    @property
    def tunnel(self) -> Tunnel | None:
        """Its way through the switch."""
        return self.way


def tunnelled(wire: Wire, cable: schema.SwitchWire, vlan: int) -> TunnelledWire:
    """A wire to the switch, as it is with a tunnel from there to the tester's end of a cable."""
    return TunnelledWire.model_construct(
        name=wire.name,
        port=wire.port,
        to="tester",
        tester=cable.tester,
        switch_port=wire.switch_port,
        cut_="switch",
        mac=wire.mac,
        way=Tunnel(wire.switch_port or "", cable.switch_port, vlan),
    )


def tunnels(lab: Lab) -> list[TunnelledWire]:
    """The wires through the switch of a bench as it is arranged."""
    return [wire for wire in lab.wires if isinstance(wire, TunnelledWire)]


def most(lab: Lab) -> int:
    """How many wires through the switch there can be at a time; none to LAGs set up by hand."""
    if isinstance(lab.implementation, FixedSection):
        return 0
    if lab.switch is None or not lab.through_switch.allowed or not driver_of(lab.switch).tunnels:
        return 0
    return min(len(lab.switch_wires), len(lab.tester_wires), len(lab.through_switch.numbers))


def arrangements(lab: Lab) -> list[Lab]:
    """Every way to arrange the bench of a lab file: as it stands there, then by tunnels, the most first.

    Where LAGs have been set up by hand: the wires of each LAG. A bench that is
    arranged already is only that.
    """
    if tunnels(lab):
        return [lab]
    section = lab.implementation
    if isinstance(section, FixedSection):
        return [with_lag(lab, lag) for lag in section.configured]
    return [lab, *(_with_tunnels(lab, number) for number in range(most(lab), 0, -1))]


def _with_tunnels(lab: Lab, number: int) -> Lab:
    """The first wires to the switch become straight; the cable of `traffic` is the last that is taken."""
    near = lab.switch_wires[:number]
    cables = [*lab.tester_ports, *([lab.traffic] if lab.traffic else [])]
    far, left = cables[:number], cables[number:]
    made = [tunnelled(*one) for one in zip(near, far, lab.through_switch.numbers, strict=False)]
    traffic = lab.traffic if lab.traffic in left else None
    return with_wires(lab, [*(wire for wire in lab.wires if wire not in near), *made]).model_copy(
        update={"traffic": traffic, "tester_ports": [cable for cable in left if cable is not traffic]}
    )


def with_lag(lab: Lab, lag: FixedLag) -> Lab:
    """The wires of a LAG that has been set up by hand, as if there were no other."""
    return with_wires(with_lags(lab, [lag]), [wire for wire in lab.wires if wire.port in lag.ports])


def with_lags(lab: Lab, lags: Sequence[FixedLag]) -> Lab:
    """The lab with these LAGs set up by hand."""
    implementation = lab.implementation.model_copy(update={"configured": list(lags)})
    return lab.model_copy(update={"implementation": implementation})


def with_wires(lab: Lab, wires: Sequence[Wire]) -> Lab:
    """The lab with these wires."""
    return lab.model_copy(update={"wires": list(wires)})


def sliced(lab: Lab, wires: Sequence[str]) -> Lab:
    """The lab with these wires alone, and nothing of a switch between implementation and tester.

    Where the switch is judged there are as many MAC clients: the n-th goes with the n-th wire of the lab.
    """
    chosen = [wire for wire in lab.wires if wire.name in wires]
    clients: list[schema.SwitchWire] = []
    if lab.switch_is_judged:
        pairs = zip(lab.wires, lab.tester_wires, strict=False)
        clients = [cable for wire, cable in pairs if wire in chosen]
    update = {"traffic": None, "client": next(iter(clients), None), "tester_ports": clients[1:]}
    if not lab.switch_is_judged:
        update["switch"] = None
    return with_wires(lab, chosen).model_copy(update=update)
