"""Runs whose operator sets by hand what testcases need (`agr-lab run --ask`)."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from testcases.selftest.runs.command import Done, agr_lab
from testcases.selftest.runs.operators import OnTerminal, lab_in, on_terminal

RUN = ("run", "--lab", "lab.yaml", "--rows", "PT-14", "LF-15", "--reports", "reports", "--ask")
"""Of a passive LAG two testcases, of its key one, of its system priority one, and one of neither."""

LAG = "of the LAG of re4, re5, re6 and re7"
HOW = ", then press Enter (s: skip what needs this, q: end the run):"
PASSIVE = f"Set the LACP activity {LAG} to passive{HOW}"
KEY = f"Set the key {LAG} to 258{HOW}"
PRIORITY = f"Set the LACP activity {LAG} to active, its system priority to 772{HOW}"
BACK = f"Set the LACP activity {LAG} back to active, then press Enter (s: not now):"
JOURNAL = "lab.yaml.by-hand"


def verdicts(folder: Path) -> dict[str, int]:
    """Testcases of the two rows that passed, failed, ..., by JUnit's words, and how many there are."""
    text = (folder / "reports" / "junit.xml").read_text()
    (counts,) = re.findall(r"<testsuites [^>]*>", text)
    return {
        name: int(value) for name, value in re.findall(r'(tests|failures|errors|skipped)="(\d+)"', counts)
    }


def ended(run: OnTerminal, folder: Path, *words: str) -> Done:
    """A run that came to its end before its time: as an error, with its reports, and no FAIL."""
    done = run.end()
    done.says(*words)
    assert done.code == 2, done.out
    assert verdicts(folder)["failures"] == 0
    assert verdicts(folder)["errors"] > 0
    return done


def test_what_the_operator_sets_runs_and_is_put_back(tmp_path: Path) -> None:
    """Each change is asked for once, and stays for all that need it."""
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN) as run:
        assert run.question() == PASSIVE
        assert json.loads((tmp_path / JOURNAL).read_text())[0]["before"] == {"activity": "active"}
        run.change(activity="passive")
        run.answer()
        changes = {KEY: {"key": 258}, PRIORITY: {"activity": "active", "system_priority": 772}}
        for _ in range(2):
            question = run.question()
            found = next(words for words in changes if words.startswith(question[:40]))
            assert "press Enter" in question
            run.change(**changes.pop(found))
            run.answer()
        assert "back to what it was" in run.question()
        run.answer()
        done = run.end()
    done.says("PASS: 5 testcases passed, all that apply")
    assert done.code == 0, done.out
    assert not (tmp_path / JOURNAL).exists()


def test_what_he_skips_is_not_applicable_and_not_asked_again(tmp_path: Path) -> None:
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN) as run:
        for _ in range(3):
            run.question()
            run.answer("s")
        done = run.end()
    assert (
        "the operator skipped: " + PASSIVE.removesuffix(HOW) in (tmp_path / "reports/junit.xml").read_text()
    )
    assert verdicts(tmp_path)["skipped"] == verdicts(tmp_path)["tests"] - 1
    assert done.out.count("back to") == 0
    assert not (tmp_path / JOURNAL).exists()


def test_he_ends_the_run(tmp_path: Path) -> None:
    """What he has set is put back all the same."""
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN) as run:
        run.question()
        run.answer("what?")
        assert run.question() == f"Not understood: 'what?'. {PASSIVE}"
        run.change(activity="passive")
        run.answer()
        run.question()
        run.answer("q")
        assert run.question() == BACK
        run.answer()
        ended(run, tmp_path, "the operator ended the run: Set the ")
    assert not (tmp_path / JOURNAL).exists()


def test_nobody_answers(tmp_path: Path) -> None:
    """Nor does he when he is asked to put back: the next run and `agr-lab clean` say it until he does."""
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN, "--ask-timeout", "0.5") as run:
        ended(run, tmp_path, "nobody answered within", f"not confirmed as put back: {BACK.partition(',')[0]}")
    left = (
        f"an earlier run had this changed by hand, and nobody has confirmed that it was put back: {BACK[:20]}"
    )
    for words in ((*RUN[:-1], "--rows", "PT-14"), ("clean", "--lab", "lab.yaml")):
        done = agr_lab(*words, cwd=tmp_path, DEVICE_SETTINGS=str(tmp_path / "settings.json"))
        done.says(left)
        assert done.code == 2
    with on_terminal(tmp_path, "clean", "--lab", "lab.yaml") as clean:
        assert clean.question() == BACK
        clean.answer()
        assert clean.end().code == 0
    assert not (tmp_path / JOURNAL).exists()


@pytest.mark.parametrize("controlling", [True, False])
def test_the_terminal_is_closed(controlling: bool, tmp_path: Path) -> None:
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN, controlling=controlling) as run:
        run.question()
        run.hang_up()
        assert run.end().code == 2
    found = verdicts(tmp_path)
    assert (found["failures"], found["errors"]) == (0, 4)
    assert ("SIGHUP" if controlling else "the terminal was closed") in (
        tmp_path / "reports" / "junit.xml"
    ).read_text()
    assert (tmp_path / JOURNAL).exists()


def test_control_c(tmp_path: Path) -> None:
    """Once ends the run, and what may be set is to be put back; twice leaves that for later."""
    lab_in(tmp_path)
    with on_terminal(tmp_path, *RUN) as run:
        run.question()
        run.process.send_signal(signal.SIGINT)
        assert run.question() == BACK
        run.process.send_signal(signal.SIGINT)
        ended(run, tmp_path, "the run was interrupted (SIGINT)", "not confirmed as put back")
    assert (tmp_path / JOURNAL).exists()


@pytest.mark.parametrize("mends", [True, False])
def test_what_he_sets_otherwise_is_no_failure(mends: bool, tmp_path: Path) -> None:
    """The wires tell it; he is asked once more, and then it is the bench's error."""
    lab_in(tmp_path)
    told = "By LACPDUs re4 has the LACP activity active, re5 has the LACP activity active"
    with on_terminal(tmp_path, *RUN, "-k", "passive_starts") as run:
        assert run.question() == PASSIVE
        run.answer()
        again = run.question()
        assert again.startswith(told)
        assert again.endswith(f"{PASSIVE.removesuffix(HOW)}, then press Enter (q: end the run):")
        if mends:
            run.change(activity="passive")
        run.answer()
        assert run.question() == BACK
        run.answer()
        if mends:
            assert run.end().code == 0
        else:
            ended(run, tmp_path, "the LAG is not set as it was asked for, twice (Set the LACP activity")


def test_what_the_device_does_wrong_is_a_failure(tmp_path: Path) -> None:
    """One of its ports hears no partner, and so never speaks once it is passive."""
    lab_in(tmp_path)
    deaf = "\n    def receive(self, now, port, frame):\n        if port != 're4':\n"
    with (tmp_path / "device.py").open("a") as device:
        device.write(f"{deaf}            super().receive(now, port, frame)\n")
    with on_terminal(tmp_path, *RUN, "-k", "passive_starts") as run:
        assert run.question() == PASSIVE
        run.change(activity="passive")
        run.answer()
        assert run.question() == BACK
        run.answer()
        done = run.end()
    done.says("2  FAIL", "PT-14 (clause 43.4.13): expected an LACPDU on t1-4 within")
    assert done.code == 1


def test_it_needs_a_terminal_and_a_lag_set_up_by_hand(tmp_path: Path) -> None:
    lab_in(tmp_path)
    done = agr_lab(*RUN, cwd=tmp_path)
    done.says("--ask: standard input and output are no terminal, so there is nobody to ask")
    assert (done.code, done.out.count("\n")) == (3, 1)
    for name, words in {
        "simulated": "--ask is for LAGs set up by hand",
        "configured-agr": "say it there",
    }.items():
        lab = str(Path(__file__).parents[3] / "fixtures" / "labs" / f"{name}.yaml")
        with on_terminal(tmp_path, "run", "--lab", lab, "--ask") as run:
            done = run.end()
        done.says(words)
        assert done.code == 3
    done = agr_lab("run", "--lab", "lab.yaml", "--ask-timeout", "9", cwd=tmp_path)
    done.says("--ask-timeout: only with --ask")
