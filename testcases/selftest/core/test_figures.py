"""The tables of agr's machines beside those of the reference model, which is not derived from them."""

from __future__ import annotations

import pytest

from agr.core.churn import ACTOR_CHURN, PARTNER_CHURN
from agr.core.machine import ANY, Machine
from agr.core.mux import COUPLED_CONTROL, INDEPENDENT_CONTROL
from agr.core.periodic import PERIODIC
from agr.core.receive import RECEIVE
from agr.core.variables import Port
from harness.reference import churn, mux, periodic, receive, table

Arc = tuple[str, str, str]

LACP_RUNS = ("EXPIRED", "DEFAULTED", "CURRENT")
"""States of the Receive machine in which LACP runs."""


def synchronization(side: str) -> tuple[set[Arc], set[Arc]]:
    """While the port is disabled agr's monitor stands still; the reference's begins ever anew."""
    monitor, no_churn = f"{side.upper()}_CHURN_MONITOR", f"NO_{side.upper()}_CHURN"
    in_sync = f"{side}_Oper_Port_State.Synchronization = TRUE"
    return (
        {
            (monitor, "port_enabled has changed", monitor),
            (monitor, f"port_enabled = TRUE and {in_sync}", no_churn),
        },
        {(monitor, in_sync, no_churn)},
    )


# agr's table, the reference's, and what one has and the other has not
FIGURES: dict[str, tuple[Machine[Port], table.Machine, tuple[set[Arc], set[Arc]]]] = {
    "Receive": (
        RECEIVE,
        receive.RECEIVE,
        (  # where LACP_Enabled changes while the port is enabled, agr goes by PORT_DISABLED
            {(state, "LACP_Enabled = FALSE", "PORT_DISABLED") for state in LACP_RUNS}
            | {("LACP_DISABLED", "LACP_Enabled = TRUE", "PORT_DISABLED")},
            {(state, "port_enabled = TRUE and LACP_Enabled = FALSE", "LACP_DISABLED") for state in LACP_RUNS}
            | {("LACP_DISABLED", "port_enabled = TRUE and LACP_Enabled = TRUE", "EXPIRED")},
        ),
    ),
    "Periodic Transmission": (
        PERIODIC,
        periodic.PERIODIC,
        (  # one condition instead of three
            {
                (
                    ANY,
                    "LACP_Enabled = FALSE, or port_enabled = FALSE, "
                    "or Actor and Partner LACP_Activity = Passive LACP",
                    "NO_PERIODIC",
                ),
                (
                    "NO_PERIODIC",
                    "LACP_Enabled = TRUE and port_enabled = TRUE "
                    "and Actor or Partner LACP_Activity = Active LACP",
                    "FAST_PERIODIC",
                ),
            },
            {
                (ANY, "LACP_Enabled = FALSE", "NO_PERIODIC"),
                (ANY, "port_enabled = FALSE", "NO_PERIODIC"),
                (ANY, "Actor and Partner LACP_Activity = Passive LACP", "NO_PERIODIC"),
                ("NO_PERIODIC", "UCT", "FAST_PERIODIC"),
            },
        ),
    ),
    "Mux, independent control": (
        INDEPENDENT_CONTROL,
        mux.INDEPENDENT,
        ({("COLLECTING_DISTRIBUTING", "UCT", "ATTACHED")}, set()),  # control was coupled until now
    ),
    "Mux, coupled control": (
        COUPLED_CONTROL,
        mux.COUPLED,
        ({("COLLECTING", "UCT", "ATTACHED"), ("DISTRIBUTING", "UCT", "ATTACHED")}, set()),
    ),
    "Actor Churn Detection": (ACTOR_CHURN, churn.ACTOR_CHURN, synchronization("Actor")),
    "Partner Churn Detection": (PARTNER_CHURN, churn.PARTNER_CHURN, synchronization("Partner")),
}


@pytest.mark.parametrize("name", FIGURES)
def test_arcs_are_those_of_the_reference(name: str) -> None:
    machine, reference, (own, others) = FIGURES[name]
    arcs = {(str(state), condition.words, str(target)) for state, condition, target in machine.arcs}
    transitions = {
        (ANY if arrow.state == table.ANY else arrow.state, arrow.condition.words, arrow.to)
        for arrow in reference.transitions
        if arrow.condition is not table.BEGIN
    }
    assert arcs - transitions == own
    assert transitions - arcs == others
    assert machine.clause == reference.clause
    assert {str(state) for state in machine.entry} >= set(reference.entry)
