"""Which code of the core is broken, and which clauses it carries out.

The clauses are those that stand beside the code, as the catalogue writes them; a row that claims one of them,
or a clause below it, is asked first, and should be the one that notices. A row's id stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.catalogue import Row

OUT_OF_SCOPE = {
    "__init__.py": "no code",
    "admin.py": "words of an operator; the command line has tests of its own",
    "counters.py": "names of counters; what counts is broken",
    "detach.py": "agr's planned detach, which the standard does not know",
    "distribution.py": "the hash, which the standard leaves free; it is held against the kernel's by tests",
    "encoding.py": "takeover after kill -9: no restart in virtual time",
    "engine.py": "in which order events are taken and machines are run; no clause says",
    "keys.py": "which key another speed gets is agr's choice",
    "machine.py": "how a table is run; no clause says",
    "numbers.py": "which number a port gets is agr's choice",
    "outputs.py": "what the host is asked for; it holds no rule",
    "redistribution.py": "which conversations go where: traffic judges that, on benches of its own",
    "snapshot.py": "takeover after kill -9: no restart in virtual time",
    "states.py": "names",
    "status.py": "the shape of a report, and words for an operator",
    "system.py": "how a host calls; no clause says",
}
"""Files that are not broken, and why."""

_LEFT_OUT = {
    "constants.py": (
        "LARGEST_MOVE",  # agr's own choice of how many conversations are held at once
        "RECEIVED_LACPDU_LIMIT",  # and of how much of a flood is looked at
        "Conversations_Move_Time",  # planned detach
        "Partner_Stop_Time",
    ),
    "variables.py": ("Port.state_changed", "Drain.state_changed"),  # for logs only
}

_MARKER_PDU = "43.5 43B 30.7.3.1"

_CLAUSES: dict[str, dict[str, str]] = {
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
    "lacpdu.py": {
        "": "43.4.2 43B 30.7.3.1",
        "decode": "43.4.12 43.4.2 30.7.3.1",
        "PortState": "43.4.2.2",
    },
    "lag.py": {"": "43.3.6 43.4.14 43.6.1 30.7.4.1"},
    "marker.py": {
        "": "43A.3 43.2.5 43.2.4 43.5 30.7.3.1",
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
    "periodic.py": {"": "43.4.13 43.4.16"},
    "receive.py": {"": "43.4.12 43.4.9 43.4.8", "_count_change": "30.7.4.1"},
    "selection.py": {"": "43.4.14 43.3.6 43.6.1 CF-11 AG-11 AG-13", "_count_change": "30.7.4.1"},
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
        "Drain": "43A.3 43.2.5 43.2.4 43.5 30.7.3.1",
        "Moves": "43A.3 43.2.5 43.2.4 43.5 30.7.3.1",
        "Aggregator": "43.3.2 43.3.3 43.4.8 43.4.15 30.7 AG-05 AG-06",
    },
}


def in_scope(file: str, qualname: str) -> bool:
    """Whether code is broken."""
    return file in _CLAUSES and not qualname.startswith(_LEFT_OUT.get(file, ("\0",)))


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
