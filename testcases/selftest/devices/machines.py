"""Devices whose machines and Selection Logic do what the clause leaves open otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from harness.pdu import PortInfo, State
from harness.profile.constants import LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME
from harness.reference.choices import Choices
from harness.reference.datapath import distributing
from harness.reference.functions import RECORD_DEFAULT, UNSELECT
from harness.reference.lag import Lag, lag_id
from harness.reference.mux import INDEPENDENT
from harness.reference.receive import RECEIVE
from harness.reference.table import NTT, Condition, Transition
from harness.reference.variables import Aggregator, Port, Selected
from testcases.selftest.devices.boundary import Boundary
from testcases.selftest.devices.device import Device, declared

PAUSE = 2.5
"""Seconds for which a device sends nothing when its links change."""

_DISABLED = RECEIVE.entry["PORT_DISABLED"]
_DISTRIBUTING = INDEPENDENT.entry["DISTRIBUTING"]

lets_go = RECEIVE.changed(entry={"PORT_DISABLED": (*_DISABLED, UNSELECT)})
begins_anew = RECEIVE.changed(entry={"PORT_DISABLED": (RECORD_DEFAULT, *_DISABLED, UNSELECT)})
stays_put = RECEIVE.changed(transitions={"RX4": None})
says_distributing = INDEPENDENT.changed(entry={"DISTRIBUTING": (*_DISTRIBUTING, NTT)})

each_alone = Condition(
    "Selected = SELECTED and Ready_N = TRUE", lambda port: port.Selected is Selected.SELECTED and port.Ready_N
)
attaches_alone = INDEPENDENT.changed(
    transitions={"MX4": Transition("MX4", "WAITING", each_alone, "ATTACHED")}
)


def drawn(**figures: object) -> partial[Choices]:
    """Choices with a figure drawn otherwise."""
    return partial(Choices, figures=figures)  # type: ignore[arg-type]


class AttachesAlone(Choices):
    """A port that hears no partner is attached, as an Individual link."""

    def may_select(self, port: Port) -> bool:
        return True


class SuspendsIndividuals(Choices):
    """A port whose partner says that it is Individual is not attached."""

    def may_select(self, port: Port) -> bool:
        return super().may_select(port) and State.Aggregation in port.partner.state


class KeepsItsLag(Choices):
    """A LAG keeps its Aggregator when it has lost its last link."""

    def gives_way(self, aggregator: Aggregator) -> bool:
        return False


class Stops(Choices):
    """A LAG of too few links keeps its Aggregator, though one of enough waits."""

    def gives_way_to_enough(self, aggregator: Aggregator) -> bool:
        return False


class ServesTheLargest(Choices):
    """A free Aggregator serves the LAG with the most links."""

    def lag(self, aggregator: Aggregator, lags: Sequence[Lag]) -> Lag:
        waiting = Counter(lag_id(port) for port in aggregator.ports)
        return max(lags, key=lambda lag: (lag.link is None, waiting[lag]))


class PassesOverTheUnheard(Choices):
    """A link whose partner is not heard any more is no active one."""

    def active(self, aggregator: Aggregator, ranked: Sequence[Port], limit: int) -> Sequence[Port]:
        def usable(port: Port) -> bool:
            return port.port_enabled and port.states.get("Receive") == "CURRENT"

        return sorted(ranked, key=lambda port: not usable(port))[:limit]


class SaysFarewell(Boundary):
    """A port that is removed says that it is detached."""

    def _detach(self, words: Mapping[str, str]) -> None:
        port = self._port(words["port"])
        super()._detach(words)
        if port is not None and port.port_enabled:
            port.actor = port.actor.change(Synchronization=False, Collecting=False, Distributing=False)
            port.NTT = True
            self.model.transmit(port)
            self._taken += [("port", port.name, frame) for frame in port.outbox]


class TimesOutAtOnce(Boundary):
    """current_while_timer follows LACP_Timeout that an operator changes."""

    def _set(self, words: Mapping[str, str]) -> None:
        before = {port.name: port.actor.state & State.Timeout for port in self.model.ports}
        super()._set(words)
        for port in self.model.ports:
            changed = port.actor.state & State.Timeout != before[port.name]
            if changed and port.states.get("Receive") == "CURRENT":
                other = LONG_TIMEOUT_TIME - SHORT_TIMEOUT_TIME
                port.timers["current_while_timer"] += -other if State.Timeout in port.actor.state else other


class Pauses(Boundary):
    """It sends nothing of its client's for a while when a link comes to distribute, or does no more."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._used: dict[str, list[str]] = {}
        self._resumes: dict[str, float] = {}

    def take(self) -> list[tuple[str, str, bytes]]:
        for aggregator in self.model.aggregators:
            used = [port.name for port in aggregator.ports if distributing(port)]
            if used != self._used.get(aggregator.name, []):
                self._used[aggregator.name] = used
                self._resumes[aggregator.name] = self.model.now + PAUSE
        return super().take()

    def send(self, now: float, aggregate: str, frame: bytes) -> None:
        if now >= self._resumes.get(aggregate, 0.0):
            super().send(now, aggregate, frame)


ALONE = PortInfo(state=State.Synchronization | State.Collecting | State.Distributing)
"""Partner_Admin_* of ports each of which carries data by itself while it hears no partner."""

TOGETHER = ALONE.change(Aggregation=1)
"""The same of ports that aggregate then."""

FIGURE_RX, FIGURE_MX = "43.4.12", "43.4.15"

MACHINES = (
    Device(
        "coupled control",
        FIGURE_MX,
        "Collecting and Distributing are controlled together (figure 43-14)",
        choices=partial(Choices, aggregator={"coupled": True}),
        pics={"independent_control": False},
    ),
    Device(
        "lets go at link down",
        "43.4.14",
        "the Selection Logic may unselect a port that has no link",
        choices=drawn(Receive=lets_go),
    ),
    Device(
        "begins anew at link down",
        FIGURE_RX,
        "what a port without a link knows of its partner (readings disabled_partner, port_moved)",
        choices=drawn(Receive=begins_anew),
        readings={"disabled_partner": "open", "port_moved": "open"},
    ),
    Device(
        "an LACPDU for each NTT",
        "43.4.16",
        "each NTT is an LACPDU of its own, as the limit allows",
        choices=partial(Choices, one_lacpdu=False),
    ),
    Device(
        "an LACPDU says Distributing at once",
        FIGURE_MX,
        "an LACPDU that is not asked for may be sent, as the limit allows",
        choices=drawn(Mux=says_distributing),
        pics={"coupled_control": False},
        refuses=frozenset({"control"}),
    ),
    Device(
        "each port attaches when its own wait is over",
        "43.4.8",
        "whose Ready_N makes Ready (reading ready)",
        choices=drawn(Mux=attaches_alone),
        readings={"ready": "each"},
        pics={"coupled_control": False},
        refuses=frozenset({"control"}),
    ),
    Device(
        "a port does not see that it has moved",
        "43.4.8",
        "port_moved (reading port_moved)",
        choices=drawn(Receive=stays_put),
        readings={"port_moved": "open"},
    ),
    Device(
        "a changed timeout counts at once",
        FIGURE_RX,
        "from when on LACP_Timeout counts (reading timeout_change)",
        boundary=TimesOutAtOnce,
        readings={"timeout_change": "at_once"},
    ),
    Device(
        "attaches without a partner",
        "43.4.14",
        "a port that hears no partner may be attached, as an Individual link; the partner is not in sync",
        choices=AttachesAlone,
    ),
    Device(
        "carries data without a partner",
        "43.4.7, 43.4.14",
        "the same, where Partner_Admin is in sync (PICS partner_without_lacp)",
        choices=partial(AttachesAlone, partner_admin=ALONE),
        pics={"partner_without_lacp": "individual", **declared(ALONE)},
    ),
    Device(
        "aggregates without partners",
        "43.4.7, 43.4.14",
        "Partner_Admin may be that of one partner, in sync, on all ports (PICS partner_without_lacp)",
        choices=partial(AttachesAlone, partner_admin=TOGETHER),
        pics={"partner_without_lacp": "together", **declared(TOGETHER)},
    ),
    Device(
        "suspends Individual partners",
        "43.4.14",
        "which links a System lets its Aggregators have (PICS individual_partner)",
        choices=SuspendsIndividuals,
        pics={"individual_partner": "suspend"},
    ),
    Device(
        "a LAG keeps its Aggregator",
        "43.4.14",
        "when a LAG without links loses its Aggregator (PICS reselects)",
        choices=KeepsItsLag,
        pics={"reselects": False},
    ),
    Device(
        "a LAG of too few links gives way",
        "43.4.14",
        "what becomes of a LAG of fewer links than an operator asks for (PICS min_links, fewer_links)",
        pics={"min_links": True, "fewer_links": "give_way"},
    ),
    Device(
        "a LAG of too few links stops",
        "43.4.14",
        "the same: it keeps its Aggregator",
        choices=Stops,
        pics={"min_links": True, "fewer_links": "stop"},
    ),
    Device(
        "the largest LAG is served",
        "43.4.14",
        "which LAG of several a free Aggregator serves",
        choices=ServesTheLargest,
    ),
    Device(
        "a partner that is not heard is passed over",
        "43.6.1",
        "which links can be used, among which priorities choose",
        choices=PassesOverTheUnheard,
    ),
    Device(
        "sends nothing for a while when a link comes or goes",
        "43A.3",
        "how frames of conversations that move are kept in order (PICS change_pause)",
        boundary=Pauses,
        pics={"change_pause": PAUSE},
    ),
    Device(
        "says farewell",
        "43.4.16",
        "a port that is removed may say that it is detached (PICS farewell)",
        boundary=SaysFarewell,
        pics={"farewell": True},
    ),
)
