"""What a testcase author calls: the mark, the case, and what frames are looked for."""

from harness.case.agreement import agreement, status_as_told
from harness.case.case import Case, Lag
from harness.case.egress import blocked
from harness.case.gaps import gaps, record_gaps
from harness.case.generated import generated, generated_by_client
from harness.case.loss import passing, reason_to_lose
from harness.case.match import (
    Match,
    any_lacpdu,
    any_slow,
    data_frame,
    data_with,
    lacpdu,
    marker,
    marker_response,
    where,
)
from harness.case.passage import Passage, carry, flowing
from harness.case.premises import Premise, step_missed, step_missed_anew
from harness.case.spread import Spread, spread
from harness.case.switched import SwitchLag, ask, switch_lag
from harness.case.tcp import addressed, transfer
from harness.case.traffic import (
    Conversation,
    conversations,
    interleaved,
    inversions,
    mixed,
    record,
    sequences,
)
from harness.catalogue.claims import claims

__all__ = [
    "Case",
    "Conversation",
    "Lag",
    "Match",
    "Passage",
    "Premise",
    "Spread",
    "SwitchLag",
    "addressed",
    "agreement",
    "any_lacpdu",
    "any_slow",
    "ask",
    "blocked",
    "carry",
    "claims",
    "conversations",
    "data_frame",
    "data_with",
    "flowing",
    "gaps",
    "generated",
    "generated_by_client",
    "interleaved",
    "inversions",
    "lacpdu",
    "marker",
    "marker_response",
    "mixed",
    "passing",
    "reason_to_lose",
    "record",
    "record_gaps",
    "sequences",
    "spread",
    "status_as_told",
    "step_missed",
    "step_missed_anew",
    "switch_lag",
    "transfer",
    "where",
]
