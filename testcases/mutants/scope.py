"""Which code of the core is broken, and which clauses it carries out.

The clauses are those that stand beside the code, as the catalogue writes them; a row that claims one of them,
or a clause below it, is asked first, and should be the one that notices. A row's id stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from harness.catalogue import Row

OWN = Path(__file__).with_name("own.yaml")

OUT_OF_SCOPE = {
    "__init__.py": "no code",
    "encoding.py": "its JSON is read by an agrd that takes over after kill -9; virtual time knows no restart",
    "snapshot.py": "the same: nothing of it is run before agrd is killed and starts again",
}
"""Files that are not broken, and why: no behaviour of theirs shows on a wire or in 30.7."""

_TAKEOVER = "for an agrd that takes over after kill -9; virtual time knows no restart"
_REAL_HOST = "called by a host with a kernel only, for what a simulated one has not"
_WORDS = "30.7.4.1 leaves the words of MuxReason open; an operator reads them"
_READS = "reads an operator's words and refuses wrong ones: right ones show no difference, wrong ones no PDU"

LEFT_OUT: dict[str, dict[str, str]] = {
    "admin.py": dict.fromkeys(
        (
            "SystemAdmin.__post",
            "AggregatorAdmin.__post",
            "PortAdmin.__post",
            "parse_",
            "_parse",
            "_check",
            "_spell",
        ),
        _READS,
    ),
    "detach.py": {"cancel": _REAL_HOST},
    "engine.py": {"Engine.adopt": _TAKEOVER},
    "selection.py": {"_why_": _WORDS},
    "status.py": {"mux_reason": _WORDS, "_why_": _WORDS},
    "states.py": dict.fromkeys(("DetachState", "DrainState"), "agr's own names, told to nobody"),
    "system.py": {
        **dict.fromkeys(("System.snapshot", "System.restore", "System._go_on", "System._state"), _TAKEOVER),
        "System._out_of_date": _TAKEOVER,
        "System._clear": "makes what a System is made of, and the Saver, which is for a takeover",
        "System._forget_idle_wires": _REAL_HOST,
        **dict.fromkeys(("System.set_mac", "System.not_sent", "System._limits_of"), _REAL_HOST),
        **dict.fromkeys(("System.remove_port", "System.address", "System.mac"), _REAL_HOST),
        **dict.fromkeys(("System.distributor", "System.collecting"), _REAL_HOST),
    },
    "timer.py": {"RateLimit.saved": _TAKEOVER},
    "variables.py": dict.fromkeys(("Port.state_changed", "Drain.state_changed"), "for logs only"),
}
"""Code that is not broken in the other files, by how its names begin, and why."""

_MARKER_PDU = "43.5 43B 30.7.3.1"
_MOVES = "43A.3 43.2.5 43.2.4 43.5 30.7.3.1"
_MACHINES = "43.4.8 43.4.12 43.4.13 43.4.14 43.4.15 43.4.16 43.4.17 43.6.1"
_PLANNED_DETACH = "CF-05 43A.3 43.2.5 43.2.4"

_CLAUSES: dict[str, dict[str, str]] = {
    "admin.py": {
        "": "30.7 43.3.2 43.3.5 AG-12 AG-13",
        "AggregatorAdmin": "30.7 43.3.5 43.6.1 43.4.15 43.4.12 43.4.13 AG-12 AG-13",
        "PortAdmin": "30.7 43.4.7 43.4.8 43.4.14 AG-12 AG-13",
    },
    "churn.py": {"": "43.4.17 30.7.4.1"},
    "constants.py": {
        "Fast_Periodic_Time": "43.4.13 43.4.16",
        "Slow_Periodic_Time": "43.4.13",
        "Short_Timeout_Time": "43.4.12",
        "Long_Timeout_Time": "43.4.12",
        "Churn_Detection_Time": "43.4.17",
        "Aggregate_Wait_Time": "43.4.15",
        "LACPDU_LIMIT": "43.4.16",
        "MARKER": "43B.2 43.5 43A.3",
        "Marker_Wait_Time": "43A.3 43.2.5 43.5",
        "UNANSWERED_MARKERS": "43A.3 43.2.5 43.5",
        "SILENT_MARKER_WAIT": "43A.3 43.2.5 43.5",
        "LARGEST_MOVE": _MOVES,
        "Conversations_Move_Time": _PLANNED_DETACH,
        "Partner_Stop_Time": _PLANNED_DETACH,
        "RECEIVED_LACPDU_LIMIT": "43B.2 43.2.9",
        "LIMIT_GUARD": "43.4.16 43B.2",
        "Slow_Protocols": "43B",
        "LACP": "43.4.2.2",
        "MARKER_SUBTYPE": "43.5.3",
        "MARKER_VERSION": "43.5.3",
        "UNSUPPORTED_SUBTYPES": "43B 30.7.3.1",
        "SLOW_FRAME_LENGTH": "43.4.2.2 43.5.3.2",
        "DEFAULT_PRIORITY": "AG-12",
    },
    "control_parser.py": {"": "43.2.9 43.2.7 43.5 43B 30.7.3.1"},
    "counters.py": {"": "30.7.3.1 30.7.4.1 43.4.17"},
    "detach.py": {"": _PLANNED_DETACH},
    "distribution.py": {"": "43.2.4 43.2.5 43A.3 AG-09 AG-10"},
    "engine.py": {
        "": f"{_MACHINES} 43.2.5 43A.3",
        "_note_disabled": "43.4.8 43.4.12",
        "_forget_disabled": "43.4.8 43.4.12",
    },
    "keys.py": {"": "43.3.5 43.3.6 43.4.14 43.4.8"},
    "lacpdu.py": {
        "": "43.4.2 43B 30.7.3.1",
        "decode": "43.4.12 43.4.2 30.7.3.1",
        "PortState": "43.4.2.2",
    },
    "lag.py": {"": "43.3.6 43.4.14 43.6.1 30.7.4.1"},
    "machine.py": {"": f"{_MACHINES} 43A.3"},
    "marker.py": {
        "": _MOVES,
        "Marker": _MARKER_PDU,
        "encode": _MARKER_PDU,
        "decode": _MARKER_PDU,
        "response": _MARKER_PDU,
        "respond": _MARKER_PDU,
        "_HEADER": _MARKER_PDU,
        "_MARKER": _MARKER_PDU,
        "MARKER_": _MARKER_PDU,
        "_LENGTH": _MARKER_PDU,
    },
    "mux.py": {"": "43.4.15 43.2.3 43.2.4 43.4.16 30.7.4.1"},
    "numbers.py": {"": "43.3.4"},
    "outputs.py": {"": "43.4.16 43B.2"},
    "periodic.py": {"": "43.4.13 43.4.16"},
    "receive.py": {"": "43.4.12 43.4.9 43.4.8", "_count_change": "30.7.4.1"},
    "redistribution.py": {"": f"{_MOVES} AG-10"},
    "selection.py": {"": "43.4.14 43.3.6 43.6.1 CF-11 AG-11 AG-13", "_count_change": "30.7.4.1"},
    "states.py": {"": "30.7.4.1 43.4.17"},
    "status.py": {"": "30.7 43.4.17 43.3.2 43.3.5 AG-12 AG-13 AG-17"},
    "system.py": {
        "": f"{_MACHINES} 43.3 43.2.3 43.2.4 43.5 AG-13 AG-14",
        "configure": "30.7 43.3 43.4.8 43.4.16 AG-13",
        "_configure_port": "30.7 43.3 43.4.7 43.4.8 43.4.12 AG-13",
        "_configure_aggregator": "30.7 43.3 43.4.7 43.4.8 43.4.12 AG-13 AG-11",
        "_check_unique": "43.3.5 43.3.6",
        "detach": _PLANNED_DETACH,
        "sent": "43.4.16 43B.2",
        "status": "30.7",
    },
    "standby.py": {"": "43.6.1 43.4.14 AG-13"},
    "timer.py": {
        "Timer": "43.4.12 43.4.13 43.4.15 43.4.17",
        "MarkerRate": "43B.2 43.5 43A.3",
        "RateLimit": "43.4.16 43B.2",
    },
    "transmit.py": {"": "43.4.16 43.4.13 43.4.2.2"},
    "variables.py": {
        "": "43.4.8 43.4.12 43.4.9 43.4.2.2 CF-11 AG-11",
        "set_partner": "43.4.2.2 43.4.9 30.7.4.1",
        "LAG_ID": "43.3.6 43.4.14 43.6.1",
        "Limits": "43.4.16 43B.2",
        "Drain": _MOVES,
        "Moves": _MOVES,
        "Aggregator": "43.3.2 43.3.3 43.4.8 43.4.15 30.7 AG-05 AG-06",
    },
}


@dataclass(frozen=True)
class OwnChoice:
    """What is agr's own choice, and not for the conformance suite to judge: why, and which self-tests do."""

    because: str
    judge: str
    mutants: tuple[str, ...]


@cache
def own_choices() -> tuple[OwnChoice, ...]:
    """Those of own.yaml."""
    told = yaml.safe_load(OWN.read_text())
    return tuple(OwnChoice(one["because"], one["judge"], tuple(one["mutants"])) for one in told)


def own_choice(mutant: str) -> OwnChoice | None:
    """The one that a mutant belongs to: its id is named there, or begins with what is."""
    for one in own_choices():
        if any(mutant == name or mutant.startswith(f"{name}:") for name in one.mutants):
            return one
    return None


def in_scope(file: str, qualname: str) -> bool:
    """Whether code is broken."""
    return file in _CLAUSES and not qualname.startswith(tuple(LEFT_OUT.get(file, ())))


def clauses(file: str, qualname: str) -> tuple[str, ...]:
    """The clauses of code in scope: those of the longest name that its own begins or ends with, or none."""
    table = _CLAUSES[file]
    last = qualname.rpartition(".")[2]
    names = [name for name in table if qualname.startswith(name) or last == name]
    return tuple(table[max(names, key=len)].split()) if names else ()


def claimed_by(wanted: Iterable[str], row: Row) -> bool:
    """Whether a row claims one of these clauses."""
    said = {row.id, *row.clauses}
    return any(clause == each or each.startswith(f"{clause}.") for clause in wanted for each in said)
