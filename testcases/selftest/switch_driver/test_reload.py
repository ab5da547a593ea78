"""A reload by the driver: unsaved work refuses it, nothing is saved, what the run had made is there again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.switch import Journal, Permit, open_switch
from harness.switch.cisco_ios.answers import to_reload
from harness.switch.cisco_ios.switch import CiscoIos
from harness.switch.cisco_ios.unsaved import RELOAD, unsaved
from harness.switch.journal import Entry, Part
from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole
from testcases.selftest.switch_driver.helpers import (
    closing,
    emulated,
    opened,
    section,
    set_credentials,
    where,
)

PORT = "GigabitEthernet1/0/1"
ONE = f"interface {PORT}"
WAYS = pytest.mark.parametrize("path", ["ssh", "console"])
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("System configuration has been modified. Save? [yes/no]:", "no\r"),
        ("Save? [yes/no]", "no\r"),
        ("Proceed with reload? [confirm]", "\r"),
        ("This command will reload the stack. Proceed ahead? [confirm]", "\r"),
        ("The boot image is not there. Do you wish to proceed with reload anyway[confirm]", ""),
        ("Erase startup-config? [confirm]", ""),
        ("Save the crash file? [yes/no]:", ""),
        ("Reload or shut down? [yes/no]:", ""),
    ],
)
def test_questions_and_their_answers(asked: str, keys: str) -> None:
    assert to_reload(asked) == keys


RUNNING = f"Current configuration : 90 bytes\n!\nhostname sw\n{ONE}\n description lab\n!\nend\n"
SAVED = f"Using 90 out of 524288 bytes\n!\nhostname sw\n{ONE}\n description lab\n!\nend\n"


def test_a_saved_configuration_loses_nothing() -> None:
    assert unsaved(RUNNING, SAVED, []) == []


def test_what_is_not_saved_is_named_with_its_section() -> None:
    theirs = RUNNING.replace("lab", "line to Bob")
    assert unsaved(theirs, SAVED, []) == [f"+ {ONE}: description line to Bob", f"- {ONE}: description lab"]


def test_what_the_run_has_made_is_not_somebodys_work() -> None:
    made = RUNNING.replace("lab", "x").replace(
        "end\n", "interface Port-channel7\n!\nlacp system-priority 9\nend\n"
    )
    entries = [
        Entry(Part("section", ONE), ["description lab"]),
        Entry(Part("section", "interface Port-channel7"), None),
        Entry(Part("section", "vlan 100"), []),
        Entry(Part("line", "lacp system-priority"), []),
        Entry(Part(RELOAD, "of the whole switch"), []),
    ]
    assert unsaved(made, SAVED, entries) == []


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A running emulated switch whose configuration is saved, and which boots in a moment."""
    with emulated(tmp_path / "switch", [PORT], "--boot-time", "0.5") as state:
        save(state)
        yield state


def save(state: Path) -> None:
    """As its owner does."""
    with opened(state, "ssh") as switch:
        switch._with_session(lambda session: session.run("write memory"))


@needs_root
@WAYS
def test_what_the_run_had_made_is_there_again_and_is_put_back(state: Path, tmp_path: Path, path: str) -> None:
    journal = Journal(tmp_path / "journal", Permit([PORT], ["reload"]))
    with opened(state, path, journal) as switch:
        before, saved = switch.running_config(), switch.show("show startup-config")
        switch.make_lag([PORT], 7, "active", "fast")
        made = switch.running_config()
        switch.reload()
        assert "reload" in switch.show("show version").partition("returned to ROM by")[2].split("\n")[0]
        assert switch.running_config() == made
        switch.reload()  # the journal has the first one
        assert switch.running_config() == made
        switch.restore()
        assert switch.running_config() == before
        assert switch.show("show startup-config") == saved
        assert not journal.pending()


@needs_root
def test_somebodys_unsaved_work_refuses_it(state: Path, tmp_path: Path) -> None:
    with opened(state, "ssh", Journal(tmp_path / "theirs")) as other:
        other.configure([ONE, "description line to Bob"])
    journal = Journal(tmp_path / "journal")
    with opened(state, "ssh", journal) as switch:
        with pytest.raises(BenchError, match=rf"not reloaded: .*\+ {ONE}: description line to Bob"):
            switch.reload()
        assert not journal.pending()
        assert "by reload" not in switch.show("show version")


@needs_root
def test_only_with_the_lab_files_leave(state: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", Permit([PORT]))
    words = "reload is of the whole switch, and `may:`"
    with opened(state, "ssh", journal) as switch, pytest.raises(BenchError, match=words):
        switch.reload()
    with opened(state, "ssh") as switch, pytest.raises(BenchError, match="without a journal"):
        switch.reload()


KILLED = """
import os, sys
from pathlib import Path
from harness.switch import Journal, open_switch
from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.switch_driver.helpers import where
state, journal, path = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
CiscoIos._come_back = lambda self: os.kill(os.getpid(), 9)
switch = open_switch(where(state), path, state / "killed.transcript", Journal(journal))
switch.make_lag(["Gi1/0/1"], 3, "active", "fast")
switch.reload()
"""


@needs_root
@WAYS
def test_a_run_killed_in_a_reload_is_put_back_by_the_next(state: Path, tmp_path: Path, path: str) -> None:
    with opened(state, "ssh") as switch:
        before = switch.running_config()
    journal = Journal(tmp_path / "journal")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(state), str(journal.path), path], check=False)
    assert ended.returncode == -9
    assert journal.pending()
    with opened(state, path, journal) as switch:  # while it boots
        switch.restore()
        assert switch.running_config() == before
        assert not journal.pending()


@needs_root
@WAYS
def test_a_switch_that_does_not_come_back(tmp_path: Path, path: str) -> None:
    journal = Journal(tmp_path / "journal")
    with emulated(tmp_path / "switch", [PORT], "--boot-time", "3600") as state:
        save(state)
        never = where(state).model_copy(update={"boot_time": 1.0, "timeout": 2.0})
        with closing(_open(never, path, tmp_path, journal)) as switch:
            switch.shut(PORT)
            with pytest.raises(BenchError, match=r"has not come back within 1 s of its reload"):
                switch.reload()
    assert Entry(Part("section", ONE), []) in journal.entries()


def _open(lab: object, path: str, folder: Path, journal: Journal) -> CiscoIos:
    switch = open_switch(lab, path, folder / "transcript", journal)  # type: ignore[arg-type]
    assert isinstance(switch, CiscoIos)
    return switch


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (
            {"questions": {"reload": "The image is not there. Proceed anyway? [confirm]"}},
            "which is not answered",
        ),
        ({"remarks": {"reload": "% Reload is not permitted here"}}, "Reload is not permitted here"),
        ({"hang_up": "reload"}, "hung up"),
        ({"mute": "reload"}, "no prompt within 2 s of `reload`"),
    ],
)
def test_a_switch_that_does_not_reload(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, talk: dict[str, object], words: str
) -> None:
    set_credentials(monkeypatch)
    dialogue = Dialogue(running={ONE: []}, **talk)  # type: ignore[arg-type]
    dialogue.answers["show startup-config"] = f"{ONE}\nend\n"
    with PtyConsole(dialogue) as console:
        lab = section(console={"url": console.url}, timeout=2.0)
        switch = _open(lab, "console", tmp_path, Journal(tmp_path / "journal"))
        with closing(switch), pytest.raises(BenchError, match=words):
            switch.reload()
    assert dialogue.answered == []
