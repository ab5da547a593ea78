"""agr's status as a Prometheus text page: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agr.cli_metrics import AGGREGATE_METRICS, PORT_METRICS, Labels, Metric


def page(status: Mapping[str, Any], now: float) -> str:
    """The page. ``now``: the time of day, seconds since the epoch. Without an agrd: that alone."""
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
