"""The PICS proforma: every row is in it, the PICS answers it, and a run says what was tested."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import catalogue
from harness.cli import main
from harness.dut.abilities import abilities_of
from harness.lab import load
from harness.lab.pics import Pics
from harness.report.coverage import write_coverage
from harness.report.proforma import AGR, Seen, answered, lines, proforma, sections, seen_in
from harness.verdict import BenchError, UsageError
from testcases.selftest.report import sample

ROOT = Path(__file__).parents[3]
LABS = ROOT / "fixtures" / "labs"


def test_every_row_is_in_an_item() -> None:
    found = {row for section in sections(catalogue.load()) for item in section.items for row in item.rows}
    assert found == {row.id for row in catalogue.load() if row.group != AGR}


def test_every_word_is_one_of_the_pics_and_every_name_is_asked() -> None:
    items = [item for section in sections(catalogue.load()) for item in section.items]
    assert {item.word for item in items if item.word} <= set(Pics.model_fields)
    names = [item.name for item in items if item.name]
    assert len(names) == len(set(names))
    asked = {item.status.partition(":")[0] for item in items if ":" in item.status}
    assert asked <= set(names)


def test_a_word_without_an_item_is_the_bench_s_or_agr_s() -> None:
    items = {item.word for section in sections(catalogue.load()) for item in section.items}
    assert set(Pics.model_fields) - items == {
        "file", "key_shift", "restart", "set_defaulted", "shared_system", "agr_manual", "unanswered_markers",
        "silent_marker_wait", "system_id_stays", "reserved_addresses", "slow_protocols",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("active", "yes"),
        ("counters", "no"),
        ("moved_conversations", "none"),
        ("fewer_links", "give way"),
        ("max_ports", "none"),
        ("max_key", "65535"),
        ("", ""),
    ],
)
def test_an_answer_is_that_of_the_pics(word: str, said: str) -> None:
    assert answered(Pics(), word) == said


def test_an_item_has_its_deviations_and_what_a_run_said() -> None:
    lab = load(LABS / "openvswitch.yaml")
    states = {"MK-01": "known deviation", "LF-07": "pass", "LF-08": "pass", "LF-09": "fail"}
    by_feature = {
        line.item.feature: line for _, found in lines(lab, catalogue.load(), states) for line in found
    }
    responder = by_feature["Marker Responder"]
    assert (responder.answer, responder.tested) == ("no", "known deviation")
    assert responder.deviations == ["MK-01"]
    assert by_feature["TLVs and reserved octets"].tested == "pass: LF-07, LF-08; fail: LF-09"


def test_the_page_says_what_the_edition_and_the_adapter_leave_out() -> None:
    lab = load(LABS / "openvswitch.yaml").model_copy(update={"profile": "802.1AX-2020"})
    page = proforma(lab, catalogue.load(), abilities_of(lab), Seen())
    assert "No text of this edition was at hand" in page and "Distributed Resilient" in page
    assert "the adapter openvswitch lacks get" in page
    assert "Tested:" not in page


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "coverage.json"
    write_coverage(replace(sample.run(), name="simulated"), results, sample.CATALOGUE)
    page = tmp_path / "page.html"
    lab = str(LABS / "simulated.yaml")
    assert main(["proforma", "--lab", lab, "--output", str(page), "--results", str(results)]) == 0
    assert capsys.readouterr().out.startswith(f"{page}: the PICS proforma of simulated, by 802.3ad-2000")
    assert "agr 0.1.0 on lab.yaml, started 2026-05-04" in page.read_text()
    other = str(LABS / "reference.yaml")
    assert main(["proforma", "--lab", other, "--output", str(page), "--results", str(results)]) == 3
    assert "is of a run on simulated, and " in capsys.readouterr().err
    write_coverage(sample.several(), results, sample.CATALOGUE)
    assert main(["proforma", "--lab", other, "--output", str(page), "--results", str(results)]) == 3
    assert "is of a run on rack 4, rack <5>, and " in capsys.readouterr().err
    assert main(["proforma", "--lab", lab, "--output", str(page), "--results", str(page)]) == 3
    assert "is no coverage.json of a run" in capsys.readouterr().err


def test_damaged_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "proforma.yaml"
    path.write_text("- {title: A, group: LF, items: [{feature: B}]}")
    with pytest.raises(BenchError, match=r"proforma\.yaml: cannot be read as the proforma"):
        sections(catalogue.load(), path)
    path.write_text("- {title: A, group: LF, items: [{feature: B, clause: C, status: M, rows: [LF-99]}]}")
    with pytest.raises(UsageError, match="LF-99 is no row"):
        sections(catalogue.load(), path)
    path.write_text("[]")
    with pytest.raises(UsageError, match=r"proforma\.yaml: is no coverage\.json"):
        seen_in(path, load(LABS / "simulated.yaml"))
