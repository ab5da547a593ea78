"""What an operator is asked to set on LAGs that have been set up by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bench.simulated import SimulatedBench
from harness.catalogue.claims import Spec
from harness.cli import main
from harness.dut.implementation import Variable
from harness.lab import load
from harness.run.collecting import LABS, SUITE, collect, root
from harness.run.plan import lacks
from harness.run.questions import Picture, foreseen, order

SAMPLE = Path(LABS) / "configured.yaml"

WHOLE = [SUITE, f"--rootdir={root([SUITE])}"]

LONG_PASSIVE = Spec(("X",), wires=3, needs=("passive", "long_timeout"))
LIMITED = Spec(("X",), wires=3, values={"max-links": 1})


def one_lag(folder: Path) -> Path:
    """The sample with its first LAG alone."""
    text = SAMPLE.read_text()
    lag = (
        "configured: [{ports: [re4, re5, re6, re7], timeout: short, activity: active, control: independent}]"
    )
    begin, end = text.index("  configured:"), text.index("  pics:")
    path = folder / "lab.yaml"
    path.write_text(f"{text[:begin]}  {lag}\n{text[end:]}")
    return path


@pytest.mark.parametrize("sample", [True, False])
def test_what_is_set_admits_the_testcase(sample: bool, tmp_path: Path) -> None:
    """Every testcase that a change is to admit runs with it, and is then counted by the plan."""
    lab = load(SAMPLE if sample else one_lag(tmp_path))
    specs = [found.spec for found in collect(WHOLE)]
    picture = Picture(lab)
    left = [spec for spec in specs if lacks(lab, spec) and picture.may_run(spec)]
    more, questions = foreseen(lab, specs)
    assert more == len(left) > questions > 0
    asked = 0
    while left:
        question = picture.question(left)
        assert question is not None
        picture.set(question)
        asked += 1
        ready = [spec for spec in left if picture.is_ready(spec)]
        assert ready
        assert not any(lacks(picture.lab, spec) for spec in ready)
        left = [spec for spec in left if spec not in ready]
    assert asked == questions


def test_the_change_that_serves_most_is_asked_for_first() -> None:
    """Of the LAG that needs the fewest; what has been set is kept."""
    picture = Picture(load(SAMPLE))
    question = picture.question([LONG_PASSIVE, LIMITED, LIMITED])
    assert question is not None
    assert question.sentence == "Set the maximum of active links of the LAG of re4, re5, re6 and re7 to 1"
    picture.set(question)
    assert picture.is_ready(LIMITED)
    assert picture.before() == {("re4", "re5", "re6", "re7"): {"max-links": 0}}
    again = picture.question([LONG_PASSIVE])
    assert again is not None
    picture.set(again)
    assert again.sentence == (
        "Set the LACP activity of the LAG of re4, re5, re6 and re7 to passive, "
        "its maximum of active links to 0 (no limit), its LACP timeout to long"
    )
    assert picture.before() == {("re4", "re5", "re6", "re7"): {"activity": "active", "timeout": "short"}}


def test_what_is_skipped_is_not_asked_for_again() -> None:
    """Nor is a question that asks for the same and more; others are."""
    picture = Picture(load(SAMPLE))
    question = picture.question([LIMITED])
    assert question is not None
    picture.skip(question)
    assert picture.skipped(LIMITED) == f"the operator skipped: {question.sentence}"
    assert picture.skipped(Spec(("X",), wires=3, needs=("passive",), values={"max-links": 1}))
    assert not picture.skipped(LONG_PASSIVE)
    assert picture.question([LIMITED]) is None


def test_what_no_entry_can_say_is_not_asked_for() -> None:
    picture = Picture(load(SAMPLE))
    for needs in (("control",), ("while_running:key",), ("several_aggregates",), ("status",)):
        assert not picture.may_run(Spec(("X",), wires=1, needs=needs))
    assert not picture.may_run(Spec(("X",), wires=5))
    assert not picture.may_run(Spec(("X",), wires=1, values={"individual": True}))


ORDERS: dict[str, tuple[dict[str, Variable | None], str, str]] = {
    "an order": ({"timeout": "short"}, "", "Set the LACP timeout of the LAG of re1 and re2 to short"),
    "unknown before": ({"key": None}, "back ", "Set the key of the LAG of re1 and re2 back to what it was"),
    "on and off": (
        {"static": True, "round-robin": False}, "",
        "Set the static aggregation of the LAG of re1 and re2 to on (without LACP), its round-robin "
        "distribution to off"),
}  # fmt: skip


@pytest.mark.parametrize("name", ORDERS)
def test_words(name: str) -> None:
    values, back, words = ORDERS[name]
    assert order(["re1", "re2"], values, back) == words


def test_the_plan_says_how_many_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--lab", str(SAMPLE), "--ask"]) == 0
    more, questions = foreseen(load(SAMPLE), [found.spec for found in collect(WHOLE)])
    words = f"{more} more with `agr-lab run --ask`: the operator is asked {questions} times to set something"
    assert words in capsys.readouterr().out


TOLD: dict[str, tuple[dict[str, Variable], str]] = {
    "as it is": ({"timeout": "long", "activity": "active", "key": 258, "system-priority": 772}, ""),
    "what no LACPDU tells": ({"max-links": 3, "control": "coupled"}, ""),
    "timeout": (
        {"timeout": "short"}, "re8 has the LACP timeout long, re9 has the LACP timeout long"),
    "key and priority": (
        {"key": 3, "system-priority": 4},
        "re8 has the key 258, re8 has the system priority 772, re9 has the key 258, re9 has the system "
        "priority 772"),
    "LACP": ({"static": True},
        "re8 has static aggregation off, for it sends LACPDUs, re9 has static aggregation off, for it sends "
        "LACPDUs"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_the_wires_tell(name: str) -> None:
    """Links are down afterwards, as a testcase finds them."""
    values, words = TOLD[name]
    bench = SimulatedBench(load(SAMPLE), "simulated")
    assert bench.told_otherwise(["re8", "re9"], values) == words
    assert not any(wire.up for wire in bench.wires)


def test_a_passive_lag_tells_as_well() -> None:
    bench = SimulatedBench(load(SAMPLE), "simulated")
    assert bench.told_otherwise(["re10", "re11"], {"activity": "passive", "timeout": "long"}) == ""
    assert bench.told_otherwise(["re10"], {"timeout": "short"}) == "re10 has the LACP timeout long"
