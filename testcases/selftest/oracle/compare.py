"""What agr and the reference model must have in common after one event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from harness.pdu import Frame
from harness.pdu.layers import SUBTYPE_LACP

Sent = Sequence[tuple[str, str, bytes]]
"""What `Implementation.take` gives."""

SAME = (
    "receive_state", "periodic_state", "mux_state", "selected", "actor_churn_state", "partner_churn_state",
    "collecting", "distributing", "actor", "partner", "link",
)  # fmt: skip
"""Of a port's status."""

COUNTED = (
    "LACPDUsRx", "MarkerPDUsRx", "MarkerResponsePDUsTx", "MarkerResponsePDUsRx", "UnknownRx",
    "IllegalRx",
)  # fmt: skip
"""Counters that are alike. LACPDUsTx is held against what was sent; not all generate Markers (43.2.5)."""

CHURNS = ("ActorChurnCount", "PartnerChurnCount")


def is_lacpdu(data: bytes) -> bool:
    """Whether a frame is one."""
    return Frame(0.0, data, False, "").subtype == SUBTYPE_LACP


def frames(sent: Sent) -> dict[tuple[str, str], list[bytes]]:
    """Frames by where they came out, but Markers."""
    found = defaultdict(list)
    for kind, place, data in sent:
        if not Frame(0.0, data, False, place).is_marker:
            found[kind, place].append(data)
    return found


def different_frames(agr: Sent, reference: Sent) -> list[str]:
    """Where the frames differ that the two sent and delivered, in words."""
    ours, theirs = frames(agr), frames(reference)
    return [
        f"{place}: agr: {_text(ours[kind, place])}; reference: {_text(theirs[kind, place])}"
        for kind, place in sorted(ours.keys() | theirs.keys())
        if ours[kind, place] != theirs[kind, place]
    ]


def _text(sent: Sequence[bytes]) -> str:
    return " | ".join(Frame(0.0, data, False, "").text() for data in sent) or "nothing"


def different_states(agr: Mapping[str, Any], reference: Mapping[str, Any]) -> list[str]:
    """Where the statuses of the aggregate's ports differ, in words."""
    found = []
    if agr.keys() != reference.keys():
        found.append(f"ports: agr {', '.join(agr)}; reference {', '.join(reference)}")
    for name in agr.keys() & reference.keys():
        for said, what in ((SAME, None), (COUNTED, "counters"), (CHURNS, "debug")):
            ours, theirs = (port[what] if what else port for port in (agr[name], reference[name]))
            found += [
                f"{name} {key}: agr {ours[key]}; reference {theirs[key]}"
                for key in said
                if ours[key] != theirs[key]
            ]
    return found
