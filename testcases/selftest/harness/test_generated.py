"""What a generator and a capture say of themselves: one that was slow, one that lost frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.case import Case, generated, generated_by_client
from harness.case.generated import tell
from harness.lab import load, place
from harness.traffic.outcome import Delay, Port, ReceiverCount, SenderCount
from harness.traffic.source import at_client
from harness.verdict import BenchError, Inconclusive

LABS = Path(__file__).parents[3] / "fixtures" / "labs"
SENT = SenderCount(1000, 0, 1.0, (500, 500))
PORT = Port(1000, 1, 2, delay=Delay(10_000, 20_000, 300_000, 400_000))


def told(sent: SenderCount, dropped: int = 0) -> list[str]:
    """The report after these figures."""
    notes: list[str] = []
    case: Any = SimpleNamespace(report=notes.append)
    tell(cast(Case, case), "own", sent, ReceiverCount(1000 - dropped, dropped, {}, {"agr0": PORT}, ()))
    return notes


def test_pace_and_delays_are_in_the_report() -> None:
    assert told(SENT) == [
        "own generator: 1000 frames, 1,000 a second",
        "from the generator to agr0: median 0.020 ms, p99 0.300 ms",
    ]


def test_a_generator_that_could_not_keep_its_pace_says_so() -> None:
    slow = SenderCount(1000, 0, 1.0, (500, 500), late=0.5)
    assert "the generator sent 1,000 frames a second, it was to send 2,000" in told(slow)


def test_what_is_not_known_is_said() -> None:
    assert "order and copies are not known" in told(replace(SENT, numbered=False))[1]


def test_a_capture_that_lost_frames_forbids_a_verdict() -> None:
    with pytest.raises(Inconclusive, match="no room for 3"):
        told(SENT, dropped=3)


def test_what_is_no_interface_cannot_be_captured_at_a_pace() -> None:
    aggregate: Any = SimpleNamespace(client=SimpleNamespace(name="client-agr0"))
    nothing: Any = None
    for sends, wires in ((generated, (nothing, aggregate)), (generated_by_client, (aggregate, ()))):
        with pytest.raises(BenchError, match="client-agr0 is no interface"):
            sends(nothing, *wires, flows=1, rate=1, count=1)


@pytest.mark.parametrize(
    ("ports", "kind"), [("{s1: eth1, client: eth2}", "otg"), ("{s1: eth1}", "own"), ("", "tcpreplay")]
)
def test_the_generator_at_the_client_is_the_lab_s_where_it_has_a_port_there(
    tmp_path: Path, ports: str, kind: str
) -> None:
    generator = (
        f"{{kind: otg, address: 'http://127.0.0.1:1', ports: {ports}}}" if ports else "{kind: tcpreplay}"
    )
    assert at_the_client(tmp_path, "switch-ssh", generator) == kind


def test_the_harness_sends_where_the_client_is_the_implementation_s(tmp_path: Path) -> None:
    assert at_the_client(tmp_path, "openvswitch", "{kind: tcpreplay}") == "own"


def at_the_client(folder: Path, name: str, generator: str) -> str:
    """The kind of the generator there, on a bench of the sample lab files with this `generator:`."""
    path = folder / "lab.yaml"
    path.write_text(f"extends: {LABS / name}.yaml\ngenerator: {generator}\n")
    lab, end = at_client(load(path), "te21")
    assert (end.name, end.tester) == ("client", place.Port(interface="te21"))
    return lab.generator.kind
