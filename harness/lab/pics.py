"""What an implementation declares of itself: its PICS, and its known deviations, each a file or a section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from harness.lab.fields import Day, Mac, Row, Seconds
from harness.lab.section import Mistake, Section
from harness.profile import Edition


class PartnerDefaults(Section):
    """Partner_Admin values of clause 43.4.7 that the implementation declares."""

    system_priority: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    system: Mac = "00:00:00:00:00:00"
    key: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    port_priority: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    port: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    state: Annotated[int, Field(ge=0, le=0xFF)] = 0


class Pics(Section):
    """What the implementation declares that it has and does (the PICS, and the rows' [profile]); what its
    adapter can set and read is another matter (`harness.dut.abilities`).

    Where an answer is "no", testcases that need it are not applicable; where one says what the implementation
    does, that is what they expect. What is not answered is as given here.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    file: str | None = None
    """The file that gives the answers that the lab file does not give itself."""

    active: bool = True
    """It can be active: LACPDUs are sent whatever the partner does."""

    passive: bool = True
    """It can be passive: LACPDUs are sent only to a partner that is active."""

    short_timeout: bool = True
    """It can have the short timeout: the partner is asked for an LACPDU every second."""

    long_timeout: bool = True
    """It can have the long timeout: the partner is asked for one every 30 seconds."""

    independent_control: bool = True
    """Collecting and Distributing are switched one after the other (43.4.15, figure 43-13)."""

    coupled_control: bool = False
    """Both are switched together (figure 43-14). Where an implementation has both controls, ``control``
    chooses."""

    individual: bool = True
    """A port can be Individual (``individual``): it says Aggregation 0, and is in a LAG by itself."""

    lacp_off: bool = True
    """LACP can be off on a port (``lacp``): it sends no LACPDU, and answers none."""

    set_key: bool = True
    """Its key can be chosen (``key``)."""

    max_key: Annotated[int, Field(ge=16, le=0xFFFF)] = 0xFFFF
    """The greatest key that can be set."""

    key_shift: Annotated[int, Field(ge=0, le=12)] = 0
    """So many lower bits of the key in LACPDUs are the implementation's own; ``key`` stands above them."""

    set_system_priority: bool = True
    """Its system priority can be chosen (``system-priority``)."""

    set_port_priority: bool = True
    """The priority of a port can be chosen (``port-priority``)."""

    several_aggregates: bool = True
    """There may be more than one aggregate at a time."""

    half_duplex: bool = False
    """LACP runs on half duplex links. The clause has it off there (43.4.8)."""

    churn: bool = True
    """The Churn Detection machines are there (43.4.17), and their states can be read."""

    counters: bool = False
    """It has the counters of 30.7.3.1."""

    reserved_addresses: bool = True
    """What is addressed to 01-80-C2-00-00-00 to -0F, and is not LACP's or Marker's, passes between the
    aggregate's client and the tester: no bridge that keeps it to itself, and no such wire, is in between."""

    slow_protocols: list[Annotated[int, Field(ge=3, le=10)]] = Field(default_factory=list)
    """Subtypes of other slow protocols that it has, as 3 (OAM) and 10 (OSSP): frames of theirs are not
    unknown to it (30.7.3.1)."""

    restart: bool = True
    """Its processes can be killed and started again (`crash` and `revive` of the adapter)."""

    after_crash: Literal["carries", "stops"] = "stops"
    """What the data path does when these processes are killed: frames pass on, or they do not."""

    round_robin: bool = False
    """``round-robin`` can be set: frames are spread one by one, in no order."""

    spreads: bool = True
    """A few hundred conversations of one client are soon on all links of a LAG."""

    static_aggregation: bool = False
    """``static`` can be set: ports aggregate without LACP."""

    max_links: bool = False
    """``max-links`` can be set: further links are STANDBY (43.6.1)."""

    min_links: bool = False
    """``min-links`` can be set: what becomes of a LAG with fewer links, ``fewer_links`` says."""

    fewer_links: Literal["stop", "give_way"] = "give_way"
    """A LAG of fewer links than ``min-links`` carries nothing; it keeps the Aggregator (stop), or gives way
    to a LAG of enough links (give_way)."""

    set_defaulted: bool = False
    """``defaulted`` can be set: what a port without a partner does."""

    set_partner_admin: bool = False
    """Partner_Admin values of a port can be set (``partner-key`` ...), for a LAG that is made by hand."""

    shared_system: bool = False
    """``system-id`` can be set, and aggregates with the same one are one System."""

    farewell: bool = False
    """A port that is removed says so in a last LACPDU (TX-09)."""

    agr_manual: bool = False
    """Its defaults, and whose MAC address an aggregate has, are those of agr(4)."""

    marker_responder: bool = True
    """It answers Markers (43.2.6). The clause leaves no choice: where it is denied MK-01 fails, and what
    builds on answers is not applicable."""

    marker_generator: bool = False
    """It sends Markers (43.2.5) before it moves a conversation to another link."""

    marker_wait: Annotated[Seconds | None, Field(gt=0)] = None
    """Seconds that it waits for a Marker Response; asked where there is a Marker generator (MK-23)."""

    unanswered_markers: Annotated[int | None, Field(ge=1)] = None
    """So many Markers in a row without a response on a link, and it waits only ``silent_marker_wait``
    there."""

    silent_marker_wait: Annotated[Seconds | None, Field(gt=0)] = None
    """Seconds; the partner's Collector_Max_Delay where that is longer."""

    moved_conversations: Literal["marker", "timer", "none"] = "none"
    """How frames of a conversation that changes its link are kept in order: by a Marker, by waiting, not
    at all."""

    change_pause: Annotated[Seconds, Field(ge=0, le=60)] = 0.0
    """Seconds for which it may carry nothing, on all links of a LAG, when one of them comes or goes."""

    reselects: bool = True
    """A LAG that has lost its last link gives its Aggregator to another LAG that waits for one (SL-14)."""

    keeps_lag: bool = True
    """That other one stays when the first comes back and is its equal (SL-15)."""

    system_id_stays: bool = True
    """The system identifier stays when the port leaves whose address it is (SL-23)."""

    dynamic_keys: bool = False
    """A link that cannot be used gets another operational key (43.6.2)."""

    zero_partner: Literal["accept", "drop"] = "accept"
    """What becomes of LACPDUs with key 0 or port number 0 (SL-22)."""

    individual_partner: Literal["carry", "suspend"] = "suspend"
    """A partner that says Aggregation 0 gets the aggregate for itself, or carries nothing (RX-18)."""

    partner_without_lacp: Literal["individual", "suspend", "fallback", "together"] = "suspend"
    """Links whose partner sends no LACPDU: none carries data (suspend), or one does: as a link by itself
    (individual), or because the aggregate falls back to one (fallback); or all do, as one LAG (together)."""

    max_ports: Annotated[int | None, Field(ge=1)] = None
    """The most ports that an aggregate takes; absent: no limit that a bench would meet."""

    partner_defaults: PartnerDefaults = PartnerDefaults()
    """The Partner_Admin values that a port has when no partner is heard."""

    def key(self, number: int) -> int:
        """A key that can be set in place of this one: the same, or another where there are fewer keys."""
        return (number - 1) % self.max_key + 1

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        if data.get("marker_generator") is True and "marker_wait" not in data:
            yield Mistake(
                ("marker_wait",), "missing: how many seconds the Marker generator waits for a response"
            )
        pair = ("unanswered_markers", "silent_marker_wait")
        for name, other in (pair, pair[::-1]):
            if data.get(name) is not None and data.get(other) is None:
                yield Mistake((other,), f"missing: {name} is nothing without it")


class Deviation(Section):
    """Failures of an implementation that are known: of these rows, in these testcases or (absent) in all.

    Testcases are named as "test_response.py", "test_response.py::test_copied", with parameters in brackets to
    mean one of them, or "monitor" for the rules that the protocol monitor holds frames against. ``editions``
    are those under which it is taken as known; absent: all. After the day of ``expires`` its failures are
    failures again. What shows ``sometimes`` is not reported as gone by a run without it.
    """

    rows: Annotated[list[Row], Field(min_length=1)]
    testcases: list[str] = Field(default_factory=list)
    editions: list[Edition] = Field(default_factory=list)
    sometimes: bool = False
    reason: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]
    expires: Day


class Deviations(Section):
    """An implementation's known deviations; ``file`` is where they stand."""

    file: str | None = None
    known: list[Deviation] = Field(default_factory=list)
