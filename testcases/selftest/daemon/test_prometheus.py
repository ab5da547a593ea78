"""agrconfig --prometheus, read by a strict parser of the text format."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from agr.cli.prometheus import page
from testcases.selftest.daemon.lab import Lab
from testcases.selftest.daemon.partner import Partner
from testcases.selftest.daemon.status_sample import CLOCK, port, status

NOW = 1_770_000_000.0
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_HEAD = re.compile(rf"# (HELP|TYPE) ({_NAME}) (.+)")
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}

Labels = frozenset[tuple[str, str]]


class Family(NamedTuple):
    """A metric of the page."""

    kind: str
    help: str
    samples: dict[Labels, float]


def parse(text: str) -> dict[str, Family]:
    """Metrics by name. Fails at whatever the text format (0.0.4) does not allow."""
    assert text.endswith("\n") and not text.endswith("\n\n")
    families: dict[str, Family] = {}
    pending: tuple[str, str] | None = None
    for line in text.splitlines():
        head = _HEAD.fullmatch(line)
        if head and head[1] == "HELP":
            assert pending is None and head[2] not in families, line
            pending = (head[2], head[3])
        elif head:
            assert pending is not None and pending[0] == head[2], line
            assert head[3] in ("counter", "gauge"), line
            families[head[2]] = Family(head[3], pending[1], {})
            pending = None
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample is not None and pending is None, line
            assert [*families][-1:] == [sample[1]], f"{line}: not under its head"
            labels = parse_labels(sample[2] or "")
            assert labels not in families[sample[1]].samples, f"{line}: twice"
            families[sample[1]].samples[labels] = float(sample[3])
    assert pending is None
    assert all(family.samples for family in families.values())
    return families


def parse_labels(text: str) -> Labels:
    labels: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _LABEL.match(text, at)
        assert found is not None, text
        labels.append((found[1], re.sub(r'\\[\\"n]', lambda match: _ESCAPES[match[0]], found[2])))
        at = found.end()
    assert len(dict(labels)) == len(labels), text
    return frozenset(labels)


def value(families: dict[str, Family], name: str, **labels: str) -> float:
    return families[name].samples[frozenset(labels.items())]


@pytest.mark.parametrize(
    "wrong",
    [
        "agr_x 1\n",
        "# HELP agr_x text\n# TYPE agr_x gauge\nagr_x 1",
        "# HELP agr_x text\n# TYPE agr_x gauge\n",
        "# TYPE agr_x gauge\nagr_x 1\n",
        '# HELP agr_x text\n# TYPE agr_x gauge\nagr_x{a="b"c="d"} 1\n',
        '# HELP agr_x text\n# TYPE agr_x gauge\nagr_x{a="1"} 1\nagr_x{a="1"} 2\n',
        "# HELP agr_x text\n# TYPE agr_x gauge\nagr_x one\n",
    ],
)
def test_the_parser_is_strict(wrong: str) -> None:
    with pytest.raises(AssertionError):
        parse(wrong)


def test_names_follow_the_practice() -> None:
    families = parse(page(status(reports=[{"time": NOW, "text": ""}]), NOW))
    for name, family in families.items():
        assert name.startswith("agr_")
        assert name.endswith("_total") is (family.kind == "counter"), name
        assert family.help.endswith("."), name
        if name.endswith("_info"):
            assert set(family.samples.values()) == {1.0}
    for word in ("milli", "micro", "_ms", "_kb", "_mbps", "minutes"):
        assert not [name for name in families if word in name]


def test_values() -> None:
    families = parse(page(status(reports=[{"time": 17.5, "text": "no"}, {"time": 18.5, "text": ""}]), NOW))
    re0 = {"aggregate": "agr0", "port": "re0"}
    assert value(families, "agr_daemon_up") == 1
    assert value(families, "agr_aggregate_carrier", aggregate="agr0") == 1
    assert value(families, "agr_aggregate_moves_total", aggregate="agr0") == 3
    assert value(families, "agr_aggregate_last_change_time_seconds", aggregate="agr0") == NOW - 75
    assert value(families, "agr_aggregate_last_report_time_seconds", aggregate="agr0") == 18.5
    assert value(families, "agr_aggregate_came_up_total", aggregate="agr0") == 2
    assert value(families, "agr_aggregate_speed_bytes_per_second", aggregate="agr0") == 10e9 / 8
    assert value(families, "agr_port_distributing", **re0) == 1
    assert value(families, "agr_port_distributing", aggregate="agr0", port="re1") == 0
    assert value(families, "agr_port_speed_bytes_per_second", **re0) == 10e9 / 8
    assert value(families, "agr_port_last_lacpdu_time_seconds", **re0) == NOW - 0.5
    assert value(families, "agr_port_received_pdus_total", **re0, type="illegal") == 7
    assert value(families, "agr_port_overrun_pdus_total", **re0) == 9
    assert value(families, "agr_port_received_frames_total", **re0) == 12345678901
    assert value(families, "agr_port_dropped_frames_total", **re0, reason="unsent") == 2
    assert value(families, "agr_port_lag_changes_total", **re0, side="partner") == 6
    assert value(families, "agr_port_state", **re0, machine="mux", state="DISTRIBUTING") == 1


def test_every_counter_of_the_status_is_on_the_page() -> None:
    """Counts that differ from one another all show up."""
    sample = status()
    agr0 = sample["aggregates"]["agr0"]
    numbers = iter(range(1000, 2000))
    for part in (
        agr0["moves"],
        agr0["notifications"],
        agr0["traffic"],
        *(agr0["ports"][name][kind] for name in agr0["ports"] for kind in ("counters", "traffic")),
    ):
        part.update({key: next(numbers) for key in part})
    for values in agr0["ports"].values():
        values["overrun_pdus"] = next(numbers)
    shown = {count for family in parse(page(sample, NOW)).values() for count in family.samples.values()}
    assert set(range(1000, next(numbers))) <= shown


def test_what_is_not_known_has_no_sample() -> None:
    silent = {**port()["debug"], "LastRxTime": None}
    families = parse(page(status(last_change=None, ports={"re0": port(speed_mbps=None, debug=silent)}), NOW))
    for name in ("last_change_time", "last_report_time"):
        assert f"agr_aggregate_{name}_seconds" not in families
    for name in ("speed_bytes_per_second", "last_lacpdu_time_seconds"):
        assert f"agr_port_{name}" not in families


def test_label_values_are_escaped() -> None:
    odd = 're"0\\\n'
    families = parse(page(status(ports={odd: port()}), NOW))
    assert value(families, "agr_port_carrier", aggregate="agr0", port=odd) == 1


def test_without_an_agrd() -> None:
    assert list(parse(page({"agrd": None, "aggregates": {}}, NOW))) == ["agr_daemon_up"]
    none_yet = {"agrd": {"version": "1", "pid": 1, "clock": CLOCK}, "aggregates": {}}
    assert list(parse(page(none_yet, NOW))) == ["agr_daemon_up", "agr_daemon_info"]


def test_the_page_of_a_real_agrd(lab: Lab) -> None:
    host, other = lab.host(), lab.host()
    assert value(parse(host.agrconfig("--prometheus")), "agr_daemon_up") == 0
    lab.wire(host, "re0", other, "re0")
    other.run("ip", "link", "set", "re0", "up")
    host.agrconfig("agr0", "create", "timeout", "short", "agrport", "re0")
    host.agrconfig("agr1", "create")
    with Partner(other, "re0") as partner:
        partner.next_pdu()
    families = parse(host.agrconfig("--prometheus"))
    assert value(families, "agr_port_sent_pdus_total", aggregate="agr0", port="re0", type="lacpdu") >= 1
    assert value(families, "agr_aggregate_carrier", aggregate="agr1") == 0
    alone = parse(host.agrconfig("agr1", "--prometheus"))
    assert "agr_aggregate_carrier" in alone and "agr_port_carrier" not in alone
