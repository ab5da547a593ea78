"""The Transmit machine (43.4.16). The clause gives it in words; here they are the arrows of one state."""

from __future__ import annotations

import math

from harness.pdu import lacpdu_frame
from harness.profile.constants import FAST_PERIODIC_TIME, MAX_LACPDUS_PER_FAST_PERIODIC_TIME, TIMER_TOLERANCE
from harness.reference.table import ANY, BEGIN, UCT, Action, Condition, Machine, Transition
from harness.reference.variables import Port


def _silent(port: Port) -> bool:
    return not port.LACP_Enabled or port.states.get("Periodic") == "NO_PERIODIC"


def next_allowed(port: Port) -> float:
    """The earliest time of the next LACPDU by the limit of 43.4.16, in seconds."""
    if len(port.sent) < MAX_LACPDUS_PER_FAST_PERIODIC_TIME:
        return -math.inf
    return port.sent[-MAX_LACPDUS_PER_FAST_PERIODIC_TIME] + FAST_PERIODIC_TIME


def latest(port: Port) -> float:
    """The latest time of the next LACPDU that is due: Fast_Periodic_Time with its tolerance, in seconds."""
    return next_allowed(port) + TIMER_TOLERANCE


def may_wait(port: Port) -> bool:
    """Whether an LACPDU is due and may still be delayed."""
    return port.NTT and not _silent(port) and port.now < latest(port)


def _forget(port: Port) -> None:
    port.NTT = False


def count(port: Port) -> None:
    """Count an LACPDU that was transmitted."""
    port.counters["LACPDUsTx"] += 1
    port.sent[:] = [*port.sent[1 - MAX_LACPDUS_PER_FAST_PERIODIC_TIME :], port.now]


def _transmit(port: Port) -> None:
    """All values are those of the moment in which the LACPDU leaves."""
    delay = port.aggregator.collector_max_delay
    port.outbox.append(lacpdu_frame(port.mac.hex(":"), port.actor, port.partner, max_delay=delay))
    count(port)


no_periodic = Condition(
    "NTT = TRUE and (LACP_Enabled = FALSE, or Periodic machine in NO_PERIODIC)",
    lambda port: port.NTT and _silent(port),
)
due = Condition(
    "NTT = TRUE, and fewer than 3 LACPDUs in the last Fast_Periodic_Time",
    lambda port: port.NTT and not _silent(port) and next_allowed(port) <= port.now,
)

forget = Action("NTT = FALSE", _forget)
transmit = Action("transmit an LACPDU", _transmit)

TRANSMIT = Machine(
    "Transmit",
    "43.4.16",
    entry={"IDLE": (), "SILENT": (forget,), "TRANSMIT": (transmit, forget)},
    transitions=(
        Transition("TX1", ANY, BEGIN, "IDLE"),
        Transition("TX2", "IDLE", no_periodic, "SILENT"),
        Transition("TX3", "SILENT", UCT, "IDLE"),
        Transition("TX4", "IDLE", due, "TRANSMIT"),
        Transition("TX5", "TRANSMIT", UCT, "IDLE"),
    ),
)
