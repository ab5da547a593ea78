"""agrd's status as a Prometheus text page: https://prometheus.io/docs/instrumenting/exposition_formats/.

Tables of the metrics (name, meaning, where the value stands in the status), and the page made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class Metric(NamedTuple):
    """A metric of every aggregate, or of every port. ``samples`` takes labels and values from its status."""

    name: str
    kind: str
    help: str
    samples: Callable[[Mapping[str, Any]], Iterator[Sample]]


def _value(
    key: str, of: str | None = None, factor: float = 1
) -> Callable[[Mapping[str, Any]], Iterator[Sample]]:
    """The number (or truth) under ``key``, in the part ``of``; no sample while it is not known."""

    def samples(status: Mapping[str, Any]) -> Iterator[Sample]:
        found = (status if of is None else status[of]).get(key)
        if found is not None:
            yield {}, found * factor

    return samples


def _each(label: str, of: str, **keys: str) -> Callable[[Mapping[str, Any]], Iterator[Sample]]:
    """A sample for each of ``keys``, which are values of ``label`` and name a number in the part ``of``."""

    def samples(status: Mapping[str, Any]) -> Iterator[Sample]:
        for value, key in keys.items():
            yield {label: value}, status[of][key]

    return samples


def _others(of: str, *known: str) -> Callable[[Mapping[str, Any]], Iterator[Sample]]:
    """Frames that were dropped: all counts in the part ``of`` but the ``known``; the reason is the label."""

    def samples(status: Mapping[str, Any]) -> Iterator[Sample]:
        for reason, count in status[of].items():
            if reason not in known:
                yield {"reason": reason}, count

    return samples


def _time(key: str, of: str | None = None) -> Callable[[Mapping[str, Any]], Iterator[Sample]]:
    """A moment of agrd's clock as time of day, to the millisecond."""

    def samples(status: Mapping[str, Any]) -> Iterator[Sample]:
        for labels, moment in _value(key, of)(status):
            yield labels, round(moment + status["epoch"], 3)

    return samples


def _aggregate_info(status: Mapping[str, Any]) -> Iterator[Sample]:
    words = ("system", "partner_system", "activity", "timeout", "control", "defaulted", "data_path")
    labels = {word: str(status[word]) for word in words}
    yield {"address": status["mac"], **labels, "flags": ",".join(status["flags"])}, 1


def _port_info(status: Mapping[str, Any]) -> Iterator[Sample]:
    partner = status["partner"]
    yield (
        {
            "address": status["mac"],
            "number": str(status["number"]),
            "partner_system": partner["system"],
            "partner_port": str(partner["port"]),
        },
        1,
    )


def _port_states(status: Mapping[str, Any]) -> Iterator[Sample]:
    for machine, key in (
        ("receive", "receive_state"),
        ("periodic", "periodic_state"),
        ("mux", "mux_state"),
        ("selection", "selected"),
        ("actor_churn", "actor_churn_state"),
        ("partner_churn", "partner_churn_state"),
    ):
        yield {"machine": machine, "state": status[key]}, 1


def _last_report(status: Mapping[str, Any]) -> Iterator[Sample]:
    if status["reports"]:
        yield {}, status["reports"][-1]["time"]


_EACH_SIDE = {"actor": "Actor", "partner": "Partner"}


def _sides(count: str) -> Callable[[Mapping[str, Any]], Iterator[Sample]]:
    """A counter of 30.7.4.1 that there is of the Actor and of the Partner."""
    return _each("side", "debug", **{side: f"{name}{count}" for side, name in _EACH_SIDE.items()})


AGGREGATE_METRICS = (
    Metric("agr_aggregate_info", "gauge", "An agr interface and what it is set to.", _aggregate_info),
    Metric("agr_aggregate_up", "gauge", "Whether the interface is set up.", _value("up")),
    Metric(
        "agr_aggregate_carrier",
        "gauge",
        "Whether the interface has carrier: a port distributes.",
        _value("carrier"),
    ),
    Metric("agr_aggregate_mtu_bytes", "gauge", "Maximum transmission unit.", _value("mtu")),
    Metric("agr_aggregate_min_links", "gauge", "With fewer links none is active.", _value("min_links")),
    Metric(
        "agr_aggregate_max_links", "gauge", "Links that may be active at once; 0: all.", _value("max_links")
    ),
    Metric(
        "agr_aggregate_last_change_time_seconds",
        "gauge",
        "When the aggregate last came up or went down, since the epoch.",
        _time("last_change"),
    ),
    Metric(
        "agr_aggregate_came_up_total",
        "counter",
        "How often the aggregate came up: a port distributes.",
        _value("LinkUp", "notifications"),
    ),
    Metric(
        "agr_aggregate_went_down_total",
        "counter",
        "How often it went down.",
        _value("LinkDown", "notifications"),
    ),
    Metric(
        "agr_aggregate_speed_bytes_per_second",
        "gauge",
        "Speed of all links that are in use, together.",
        _value("data_rate", factor=1 / 8),
    ),
    Metric(
        "agr_aggregate_last_report_time_seconds",
        "gauge",
        "When something was last done to the aggregate behind agrd's back, since the epoch.",
        _last_report,
    ),
    Metric(
        "agr_aggregate_moves_total",
        "counter",
        "Moves of conversations to another link that waited for Markers.",
        _value("Moves", "moves"),
    ),
    Metric(
        "agr_aggregate_moves_timed_out_total",
        "counter",
        "Moves that ended without an answer to every Marker.",
        _value("MovesTimedOut", "moves"),
    ),
    Metric(
        "agr_aggregate_markers_sent_total", "counter", "Markers sent for moves.", _value("MarkersTx", "moves")
    ),
    Metric(
        "agr_aggregate_marker_responses_received_total",
        "counter",
        "Answers to these Markers.",
        _value("MarkerResponsesRx", "moves"),
    ),
    Metric(
        "agr_aggregate_waiting_conversations",
        "gauge",
        "Conversations (of 1024) that wait for Markers now.",
        _value("held", "moves"),
    ),
    Metric(
        "agr_aggregate_held_frames_total",
        "counter",
        "Frames held while their conversation moved.",
        _value("held", "traffic"),
    ),
    Metric(
        "agr_aggregate_released_frames_total",
        "counter",
        "Held frames that were released: sent, or dropped with their conversation.",
        _value("released", "traffic"),
    ),
    Metric(
        "agr_aggregate_dropped_frames_total",
        "counter",
        "Frames of the interface that reached no port.",
        _others("traffic", "held", "released"),
    ),
)

PORT_METRICS = (
    Metric("agr_port_info", "gauge", "A port and the partner's port that its LACPDUs name.", _port_info),
    Metric(
        "agr_port_state",
        "gauge",
        "The state that each machine of a port is in (IEEE 802.3ad, 43.4).",
        _port_states,
    ),
    Metric("agr_port_carrier", "gauge", "Whether the port has carrier.", _value("link")),
    Metric(
        "agr_port_collecting", "gauge", "Whether received frames go to the interface.", _value("collecting")
    ),
    Metric(
        "agr_port_distributing",
        "gauge",
        "Whether the interface's frames may use the port.",
        _value("distributing"),
    ),
    Metric(
        "agr_port_speed_bytes_per_second",
        "gauge",
        "Speed of the link, as last known.",
        _value("speed_mbps", factor=125_000),
    ),
    Metric(
        "agr_port_last_lacpdu_time_seconds",
        "gauge",
        "When the last LACPDU came, since the epoch.",
        _time("LastRxTime", "debug"),
    ),
    Metric(
        "agr_port_received_pdus_total",
        "counter",
        "Slow protocol frames received (30.7.3.1).",
        _each(
            "type",
            "counters",
            lacpdu="LACPDUsRx",
            marker="MarkerPDUsRx",
            marker_response="MarkerResponsePDUsRx",
            unknown="UnknownRx",
            illegal="IllegalRx",
        ),
    ),
    Metric(
        "agr_port_overrun_pdus_total",
        "counter",
        "Slow protocol frames received that found no room: lost, and of no type above.",
        _value("overrun_pdus"),
    ),
    Metric(
        "agr_port_sent_pdus_total",
        "counter",
        "Slow protocol frames sent (30.7.3.1).",
        _each(
            "type",
            "counters",
            lacpdu="LACPDUsTx",
            marker="MarkerPDUsTx",
            marker_response="MarkerResponsePDUsTx",
        ),
    ),
    Metric(
        "agr_port_churns_total",
        "counter",
        "How often a side was declared churning (30.7.4.1).",
        _sides("ChurnCount"),
    ),
    Metric(
        "agr_port_sync_transitions_total",
        "counter",
        "How often a side came in sync (30.7.4.1).",
        _sides("SyncTransitionCount"),
    ),
    Metric(
        "agr_port_lag_changes_total",
        "counter",
        "How often a side's view of the LAG changed (30.7.4.1).",
        _sides("ChangeCount"),
    ),
    Metric(
        "agr_port_received_frames_total",
        "counter",
        "Frames received for the interface.",
        _value("received", "traffic"),
    ),
    Metric(
        "agr_port_sent_frames_total", "counter", "Frames of the interface sent.", _value("sent", "traffic")
    ),
    Metric(
        "agr_port_dropped_frames_total",
        "counter",
        "Frames of the port that were dropped.",
        _others("traffic", "received", "sent"),
    ),
)


def page(status: Mapping[str, Any], now: float) -> str:
    """The page; without an agrd it says that alone. ``now``: the time of day, in seconds since the epoch."""
    agrd = status["agrd"]
    lines = _head("agr_daemon_up", "gauge", "Whether an agrd runs in this network namespace.")
    lines.append(_sample("agr_daemon_up", {}, agrd is not None))
    if agrd is None:
        return _text(lines)
    lines += _head("agr_daemon_info", "gauge", "The version of agrd.")
    lines.append(_sample("agr_daemon_info", {"version": agrd["version"]}, 1))
    epoch = now - agrd["clock"]
    aggregates = [{**values, "name": name, "epoch": epoch} for name, values in status["aggregates"].items()]
    ports = [
        ({"aggregate": aggregate["name"], "port": name}, {**values, "epoch": epoch})
        for aggregate in aggregates
        for name, values in aggregate["ports"].items()
    ]
    lines += _all(AGGREGATE_METRICS, [({"aggregate": values["name"]}, values) for values in aggregates])
    lines += _all(PORT_METRICS, ports)
    return _text(lines)


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _all(metrics: tuple[Metric, ...], things: Sequence[tuple[Labels, Mapping[str, Any]]]) -> Iterator[str]:
    for metric in metrics:
        samples = [
            _sample(metric.name, {**labels, **more}, value)
            for labels, status in things
            for more, value in metric.samples(status)
        ]
        if samples:
            yield from _head(metric.name, metric.kind, metric.help)
            yield from samples


def _head(name: str, kind: str, text: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _sample(name: str, labels: Labels, value: float) -> str:
    written = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{written}}} {_number(value)}" if written else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
