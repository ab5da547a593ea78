"""The Mux machine (43.4.15), with independent and with coupled control of Collecting and Distributing.

Attach_Mux_To_Aggregator and its like have no action here: the data path (`harness.reference.datapath`) asks
for the state, so that what the state says and what frames do cannot differ.
"""

from __future__ import annotations

from harness.pdu import State
from harness.profile.constants import AGGREGATE_WAIT_TIME
from harness.reference.table import ANY, BEGIN, NTT, Condition, Machine, Transition, actor, start, stop
from harness.reference.variables import Port, Selected

TIMER = "wait_while_timer"


def _in_sync(port: Port) -> bool:
    return port.Selected is Selected.SELECTED and State.Synchronization in port.partner.state


def _partner_collects(port: Port) -> bool:
    return _in_sync(port) and State.Collecting in port.partner.state


chosen = Condition(
    "Selected = SELECTED or STANDBY", lambda port: port.Selected in (Selected.SELECTED, Selected.STANDBY)
)
ready = Condition(
    "Selected = SELECTED and Ready = TRUE", lambda port: port.Selected is Selected.SELECTED and port.Ready
)
unselected = Condition("Selected = UNSELECTED", lambda port: port.Selected is Selected.UNSELECTED)
not_selected = Condition(
    "Selected = UNSELECTED or STANDBY", lambda port: port.Selected is not Selected.SELECTED
)
in_sync = Condition("Selected = SELECTED and Partner Synchronization = TRUE", _in_sync)
out_of_sync = Condition(
    "Selected = UNSELECTED or STANDBY, or Partner Synchronization = FALSE", lambda port: not _in_sync(port)
)
partner_collects = Condition(
    "Selected = SELECTED and Partner Synchronization = TRUE and Partner Collecting = TRUE", _partner_collects
)
partner_does_not_collect = Condition(
    "Selected = UNSELECTED or STANDBY, or Partner Synchronization = FALSE, or Partner Collecting = FALSE",
    lambda port: not _partner_collects(port),
)

_DETACHED = (
    actor(Synchronization=False),
    actor(Distributing=False),
    actor(Collecting=False),
    stop(TIMER),
    NTT,
)
_WAITING = (start(TIMER, AGGREGATE_WAIT_TIME, "Aggregate_Wait_Time"),)

INDEPENDENT = Machine(
    "Mux",
    "43.4.15, independent control",
    entry={
        "DETACHED": _DETACHED,
        "WAITING": _WAITING,
        "ATTACHED": (actor(Synchronization=True), actor(Collecting=False), NTT),
        "COLLECTING": (actor(Collecting=True), actor(Distributing=False), NTT),
        "DISTRIBUTING": (actor(Distributing=True),),
    },
    transitions=(
        Transition("MX1", ANY, BEGIN, "DETACHED"),
        Transition("MX2", "DETACHED", chosen, "WAITING"),
        Transition("MX3", "WAITING", unselected, "DETACHED"),
        Transition("MX4", "WAITING", ready, "ATTACHED"),
        Transition("MX5", "ATTACHED", not_selected, "DETACHED"),
        Transition("MX6", "ATTACHED", in_sync, "COLLECTING"),
        Transition("MX7", "COLLECTING", out_of_sync, "ATTACHED"),
        Transition("MX8", "COLLECTING", partner_collects, "DISTRIBUTING"),
        Transition("MX9", "DISTRIBUTING", partner_does_not_collect, "COLLECTING"),
    ),
)

COUPLED = Machine(
    "Mux",
    "43.4.15, coupled control",
    entry={
        "DETACHED": _DETACHED,
        "WAITING": _WAITING,
        "ATTACHED": (
            actor(Synchronization=True),
            actor(Collecting=False),
            actor(Distributing=False),
            NTT,
        ),
        "COLLECTING_DISTRIBUTING": (actor(Distributing=True), actor(Collecting=True), NTT),
    },
    transitions=(
        Transition("MC1", ANY, BEGIN, "DETACHED"),
        Transition("MC2", "DETACHED", chosen, "WAITING"),
        Transition("MC3", "WAITING", unselected, "DETACHED"),
        Transition("MC4", "WAITING", ready, "ATTACHED"),
        Transition("MC5", "ATTACHED", not_selected, "DETACHED"),
        Transition("MC6", "ATTACHED", in_sync, "COLLECTING_DISTRIBUTING"),
        Transition("MC7", "COLLECTING_DISTRIBUTING", out_of_sync, "ATTACHED"),
    ),
)

CONTROL = {"independent": INDEPENDENT, "coupled": COUPLED}
