"""Constants of clause 43 and annex 43B. Times are in seconds, lengths in octets without FCS."""

from __future__ import annotations

# 43.4.4
Fast_Periodic_Time = 1.0
Slow_Periodic_Time = 30.0
Short_Timeout_Time = 3.0
Long_Timeout_Time = 90.0
Churn_Detection_Time = 60.0
Aggregate_Wait_Time = 2.0

# 43.4.16: no more than this many LACPDUs in any Fast_Periodic_Time
LACPDU_LIMIT = 3

# 43B.2: frames of the Marker Protocol in any second (802.3-2005 allows 10). Of them, this many are Markers of
# our own at most; while one waits, the rest are Responses, so that neither starves the other: not more than
# half, or a partner that moves conversations at the same time, as after a link came up, finds a Marker
# unanswered, and holds its frames for the whole Marker_Wait_Time.
MARKER_PROTOCOL_LIMIT = 5
MARKER_LIMIT = 2

# 43B.2: a partner sends ten LACPDUs in a second at most. Of one that sends more than this many the rest says
# nothing new: each one may move conversations, and a flood on one port must not keep the others waiting.
RECEIVED_LACPDU_LIMIT = 25

# 43A.3: how long conversations are held for the Response to a Marker
Marker_Wait_Time = 1.0

# A partner that left this many Markers in a row unanswered is waited for no longer than this, or than its
# Collector_Max_Delay: it need not have a Marker Responder where it runs no LACP.
UNANSWERED_MARKERS = 3
SILENT_MARKER_WAIT = 0.1

# Conversations (buckets) that are held at once where they need not all stop at once
LARGEST_MOVE = 128

# Planned detach: how long conversations may take to move off, and the partner to stop once it is told
Conversations_Move_Time = 1.5
Partner_Stop_Time = 1.0

# Added to the second of all limits: a host sends a little late, and the PDU after a late one must not come
# out closer to it than the limit allows.
LIMIT_GUARD = 0.01

# 43B.2 to 43B.4
Slow_Protocols_Multicast = bytes.fromhex("0180c2000002")
Slow_Protocols_Type = 0x8809
LACP_SUBTYPE = 1
MARKER_SUBTYPE = 2
UNSUPPORTED_SUBTYPES = range(3, 11)
LACP_VERSION = 1
MARKER_VERSION = 1

# 43.4.2.2, 43.5.3.2
SLOW_FRAME_LENGTH = 124

# 30.7: default of the system and of the port priority (agr(4))
DEFAULT_PRIORITY = 0x8000
