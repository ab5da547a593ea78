"""The Periodic Transmission machine (43.4.13)."""

from __future__ import annotations

from harness.pdu import State
from harness.profile.constants import FAST_PERIODIC_TIME, SLOW_PERIODIC_TIME
from harness.reference.table import (
    ANY,
    BEGIN,
    NTT,
    UCT,
    Condition,
    Machine,
    Transition,
    expired,
    start,
    stop,
)

TIMER = "periodic_timer"

lacp_off = Condition("LACP_Enabled = FALSE", lambda port: not port.LACP_Enabled)
no_link = Condition("port_enabled = FALSE", lambda port: not port.port_enabled)
both_passive = Condition(
    "Actor and Partner LACP_Activity = Passive LACP",
    lambda port: not (port.actor.state | port.partner.state) & State.Activity,
)
long = Condition("Partner LACP_Timeout = Long Timeout", lambda port: State.Timeout not in port.partner.state)
short = Condition("Partner LACP_Timeout = Short Timeout", lambda port: State.Timeout in port.partner.state)

PERIODIC = Machine(
    "Periodic",
    "43.4.13",
    entry={
        "NO_PERIODIC": (stop(TIMER),),
        "FAST_PERIODIC": (start(TIMER, FAST_PERIODIC_TIME, "Fast_Periodic_Time"),),
        "SLOW_PERIODIC": (start(TIMER, SLOW_PERIODIC_TIME, "Slow_Periodic_Time"),),
        "PERIODIC_TX": (NTT,),
    },
    transitions=(
        Transition("PT1", ANY, BEGIN, "NO_PERIODIC"),
        Transition("PT2", ANY, lacp_off, "NO_PERIODIC"),
        Transition("PT3", ANY, no_link, "NO_PERIODIC"),
        Transition("PT4", ANY, both_passive, "NO_PERIODIC"),
        Transition("PT5", "NO_PERIODIC", UCT, "FAST_PERIODIC"),
        Transition("PT6", "FAST_PERIODIC", long, "SLOW_PERIODIC"),
        Transition("PT7", "FAST_PERIODIC", expired(TIMER), "PERIODIC_TX"),
        Transition("PT8", "SLOW_PERIODIC", short, "PERIODIC_TX"),
        Transition("PT9", "SLOW_PERIODIC", expired(TIMER), "PERIODIC_TX"),
        Transition("PT10", "PERIODIC_TX", short, "FAST_PERIODIC"),
        Transition("PT11", "PERIODIC_TX", long, "SLOW_PERIODIC"),
    ),
)
