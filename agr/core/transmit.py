"""Transmit machine (43.4.16): sends a LACPDU for NTT, within the limit of three in a Fast_Periodic_Time.

It runs when the other machines have come to rest, so one PDU says all that one event changed. Where the limit
delays a PDU, NTT stays set and what is sent then is what holds then. All limits of what is sent count by the
time at which the host has sent it.
"""

from __future__ import annotations

from agr.core import lacpdu
from agr.core.outputs import Transmit
from agr.core.states import PeriodicState
from agr.core.variables import Limits, Port


def allowed_at(port: Port, now: float) -> float:
    """When the next LACPDU may leave, not before ``now``; infinity where one has to leave first."""
    return port.limits.lacpdu.allowed_at(now)


def transmit(port: Port, now: float) -> None:
    """Send the PDU that NTT asks for, if it may leave at ``now``; in NO_PERIODIC none may, now or later."""
    if port.periodic_state is PeriodicState.NO_PERIODIC:
        port.NTT = False
    if not port.NTT or allowed_at(port, now) > now:
        return
    port.NTT = False
    port.limits.lacpdu.decide(now)
    port.counters.LACPDUsTx += 1
    port.emit(Transmit(port.name, lacpdu.encode(_pdu(port), source=port.mac)))


def left(limits: Limits, now: float, output: Transmit) -> None:
    """The host has sent the frame, at ``now``; what it is asked to send of one kind leaves in order."""
    if output.behind_data:
        limits.marker.marker_left(now)
    elif output.is_LACPDU:
        limits.lacpdu.left(now)
    else:
        limits.marker.response_left(now)


def _pdu(port: Port) -> lacpdu.LACPDU:
    return lacpdu.LACPDU(
        actor=port.actor_information(),
        partner=port.partner_information(),
        collector_max_delay=port.aggregator.admin.collector_max_delay,
    )
