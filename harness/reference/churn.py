"""The Churn Detection machines (43.4.17): the Actor's and the Partner's are alike."""

from __future__ import annotations

from collections.abc import Callable

from harness.pdu import PortInfo, State
from harness.profile.constants import CHURN_DETECTION_TIME
from harness.reference.periodic import no_link
from harness.reference.table import ANY, BEGIN, Action, Condition, Machine, Transition, expired, start, stop
from harness.reference.variables import Port


def _flag(name: str, value: bool) -> Action:
    def do(port: Port) -> None:
        if value:
            port.counters[f"{name}_count"] += 1  # aAggPortDebugActorChurnCount and its like, 30.7.4.1
        setattr(port, name, value)

    return Action(f"{name} = {str(value).upper()}", do)


def _machine(whose: str, prefix: str, info: Callable[[Port], PortInfo]) -> Machine:
    """The machine of "Actor" or "Partner"; the ids of its transitions begin with `prefix`."""
    timer, churn = f"{whose.lower()}_churn_timer", f"{whose.lower()}_churn"
    monitor, no_churn, churning = (
        name.format(whose.upper()) for name in ("{}_CHURN_MONITOR", "NO_{}_CHURN", "{}_CHURN")
    )
    bit = f"{whose}_Oper_Port_State.Synchronization"
    in_sync = Condition(f"{bit} = TRUE", lambda port: State.Synchronization in info(port).state)
    out_of_sync = Condition(f"{bit} = FALSE", lambda port: State.Synchronization not in info(port).state)
    return Machine(
        f"{whose} Churn",
        "43.4.17",
        entry={
            monitor: (
                _flag(churn, False),
                start(timer, CHURN_DETECTION_TIME, "Churn_Detection_Time"),
            ),
            no_churn: (_flag(churn, False), stop(timer)),
            churning: (_flag(churn, True), stop(timer)),
        },
        transitions=(
            Transition(f"{prefix}1", ANY, BEGIN, monitor),
            Transition(f"{prefix}2", ANY, no_link, monitor),
            Transition(f"{prefix}3", monitor, in_sync, no_churn),
            Transition(f"{prefix}4", monitor, expired(timer), churning),
            Transition(f"{prefix}5", churning, in_sync, no_churn),
            Transition(f"{prefix}6", no_churn, out_of_sync, monitor),
        ),
    )


ACTOR_CHURN = _machine("Actor", "AC", lambda port: port.actor)
PARTNER_CHURN = _machine("Partner", "PC", lambda port: port.partner)
