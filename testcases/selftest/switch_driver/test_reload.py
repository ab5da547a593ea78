"""A reload by the driver: unsaved work refuses it, nothing is saved, what the run had made is there again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ntc_templates.parse import parse_output

from harness.switch import Journal, Permit, open_switch
from harness.switch.cisco_ios.answers import to_reload
from harness.switch.cisco_ios.restart import Start
from harness.switch.cisco_ios.switch import CiscoIos
from harness.switch.cisco_ios.unsaved import RELOAD, unsaved
from harness.switch.journal import Entry, Part
from harness.verdict import BenchError
from testcases.selftest.host import PATIENCE
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole, SshServer
from testcases.selftest.switch_driver.helpers import (
    closing,
    emulated,
    on_console,
    opened,
    section,
    set_credentials,
    where,
)

PORTS = ["GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/3"]
PORT = PORTS[0]
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


CHAIN = "crypto pki certificate chain TP-self-signed-1\n certificate self-signed 01{}\n!\n"
KEPT = CHAIN.format(" nvram:IOS-Self-Sig#1.cer")


def test_a_certificate_is_the_same_by_its_name() -> None:
    """The running configuration shows it, the startup configuration the file that it is in."""
    running = RUNNING.replace("end\n", CHAIN.format("\n  30820229 30820192\n  \tquit") + "end\n")
    assert unsaved(running, SAVED.replace("end\n", KEPT + "end\n"), []) == []
    lost = [
        "+ crypto pki certificate chain TP-self-signed-1",
        "+ crypto pki certificate chain TP-self-signed-1: ",
    ]
    assert unsaved(running, SAVED, []) == [lost[0], f"{lost[1]}certificate self-signed 01"]


@pytest.mark.parametrize("start, end", [("banner motd ^C", "^C"), ("macro name one", "@")])
def test_a_text_that_was_changed_is_somebodys_work(start: str, end: str) -> None:
    mine, theirs = (
        text.replace("end\n", f"{start}\n{words}\n{end}\nend\n")
        for text, words in ((RUNNING, "mine"), (SAVED, "theirs"))
    )
    assert unsaved(mine, theirs, []) == ["+ a text of a banner or a macro"]
    assert unsaved(mine, theirs.replace("theirs", "mine"), []) == []


def test_a_compressed_configuration_says_two_sizes() -> None:
    sizes = (
        "Using 9 out of 65536 bytes, uncompressed size = 90 bytes\nUncompressed configuration from 9 to 90"
    )
    assert unsaved(RUNNING, SAVED.replace("Using 90 out of 524288 bytes", sizes), []) == []


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A running emulated switch whose configuration is saved, and which boots in a moment."""
    saved = tmp_path / "startup-config"
    saved.write_text("end\n")
    options = ("--boot-time", "1", "--startup-config", str(saved))  # a moment that `show version` tells
    with emulated(tmp_path / "switch", PORTS, *options) as state:
        yield state


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
@WAYS
def test_what_other_sessions_of_the_run_have_made_is_the_runs(state: Path, tmp_path: Path, path: str) -> None:
    """Among it a wire through the switch, with its VLAN. A second session begins anew by itself."""
    tunnels = Journal(tmp_path / "tunnels.journal")
    journal = Journal(tmp_path / "journal", others=[tunnels])
    anothers = Journal(journal.path)  # as that of another process
    other_path = "console" if path == "ssh" else "ssh"
    with opened(state, path, journal) as switch, opened(state, other_path, journal) as second:
        before = switch.running_config()
        switch.tunnel(PORT, PORTS[1], 3900, tunnels)
        second.shut(PORT)
        with opened(state, "ssh", anothers) as third:
            third.shut(PORTS[2])
        made = switch.running_config()
        switch.reload()
        assert second.running_config() == made
        second.no_shut(PORT)
        assert switch.lags() == []
        switch.restore()
        assert [line for line in switch.running_config() if "3900" in line]
        second.restore(tunnels)
        assert switch.running_config() == before


@needs_root
def test_a_switch_without_a_saved_configuration_is_not_reloaded(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with emulated(tmp_path / "switch", [PORT]) as state, opened(state, "ssh", journal) as switch:
        with pytest.raises(
            BenchError, match=r"not reloaded: startup-config is not present.*; save it by hand"
        ):
            switch.reload()
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
CiscoIos._come_back = lambda *_: os.kill(os.getpid(), 9)
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
    saved = tmp_path / "startup-config"
    saved.write_text("end\n")
    options = ("--boot-time", "3600", "--startup-config", str(saved))
    with emulated(tmp_path / "switch", [PORT], *options) as state:
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


UP = "lab-sw uptime is {}\nSystem returned to ROM by power-on\n{}cisco C9300 (X86) processor with 1K bytes\n"
VERSION = "Cisco IOS Software, C9300 Software (C9300-M), Version 17.3, RELEASE SOFTWARE (fc1)\n"
MOMENT = "System restarted at 10:00:0{} UTC Mon Nov 30 2026\n"
PROCEED = "Proceed with reload? [confirm]"


def shown(uptime: str, second: int | None = None) -> str:
    """`show version`; with the second of its start where its clock is set."""
    return VERSION + UP.format(uptime, "" if second is None else MOMENT.format(second))


def start(uptime: str, second: int | None = None) -> Start:
    return Start.of(parse_output(platform="cisco_ios", command="show version", data=shown(uptime, second))[0])


@pytest.mark.parametrize(
    ("uptime", "minutes"),
    [
        ("0 minutes", 0),
        ("1 minute", 1),
        ("3 hours", 180),
        ("1 day, 3 minutes", 1443),
        ("1 year, 2 weeks, 1 day, 1 hour, 1 minute", 525600 + 2 * 10080 + 1440 + 61),
    ],
)
def test_uptime(uptime: str, minutes: int) -> None:
    found = start(uptime)
    assert (found.minutes, found.telling) == (minutes, minutes > 0)
    assert found.words == f"uptime is {uptime}, System returned to ROM by power-on"


@pytest.mark.parametrize("fields", [{}, {"uptime": "not known"}])
def test_an_uptime_that_is_not_told(fields: dict[str, str]) -> None:
    with pytest.raises(BenchError, match="does not tell how long"):
        Start.of(fields)


@pytest.mark.parametrize(
    ("before", "after", "seconds", "restarted"),
    [
        (start("5 minutes"), start("0 minutes"), 40.0, True),
        (start("5 minutes"), start("4 minutes"), 290.0, True),
        (
            start("1 minute"),
            start("1 minute"),
            119.0,
            True,
        ),  # it took a minute to boot, and is up for another
        (start("1 minute"), start("1 minute"), 20.0, False),
        (start("1 minute"), start("2 minutes"), 20.0, False),
        (start("5 minutes"), start("10 minutes"), 300.0, False),
        (start("2 weeks"), start("2 weeks, 3 minutes"), 200.0, False),
        (start("5 minutes", 1), start("5 minutes", 2), 20.0, False),  # its clock was set
        (start("0 minutes", 1), start("0 minutes", 1), 20.0, False),
        (start("0 minutes", 1), start("0 minutes", 9), 20.0, True),
        (start("0 minutes", 1), start("0 minutes"), 20.0, True),  # it has forgotten its clock
    ],
)
def test_whether_it_has_restarted(before: Start, after: Start, seconds: float, restarted: bool) -> None:
    assert before.telling
    assert before.is_before(after, seconds) is restarted


def test_a_start_just_before_is_waited_for_until_another_can_be_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A switch whose clock is not set says nothing but minutes."""
    set_credentials(monkeypatch)
    said = iter([shown("0 minutes"), shown("0 minutes"), shown("1 minute")])

    class Young(Dialogue):
        def _shown(self, line: str) -> str:
            return next(said) if line == "show version" else super()._shown(line)

    with PtyConsole(Young()) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch._telling_start().minutes == 1


@pytest.mark.parametrize("second", [None, 7])
def test_a_switch_that_closes_the_session_and_does_not_restart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, second: int | None
) -> None:
    set_credentials(monkeypatch)
    uptime = "0 minutes" if second else "2 hours, 5 minutes"

    def talk() -> Dialogue:
        answers = {"show version": shown(uptime, second), "show startup-config": f"{ONE}\nend\n"}
        questions = {"reload": PROCEED}
        return Dialogue(running={ONE: []}, answers=answers, questions=questions, hang_up=PROCEED)

    with SshServer(talk) as server:
        lab = section(ssh={"host": "127.0.0.1", "port": server.port}, boot_time=2.0)
        switch = _open(lab, "ssh", tmp_path, Journal(tmp_path / "journal"))
        words = rf"not come back within 2 s of its reload .*has not restarted: uptime is {uptime}"
        with closing(switch), pytest.raises(BenchError, match=words):
            switch.reload()
    assert [one for dialogue in server.dialogues for one in dialogue.answered] == [f"{PROCEED} '\\r'"]


def test_a_boot_loader_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it asks is not answered, and no Ctrl-C is sent, which stops it: not afterwards either."""

    class Booting(Dialogue):
        def _key(self, key: str) -> str:
            if self.question == PROCEED:
                super()._key(key)
                self.question = "Stop here? [yes/no]:"
                return f"\nLoading ...\n{self.question} "
            return super()._key(key)

    set_credentials(monkeypatch)
    answers = {"show version": shown("3 weeks"), "show startup-config": f"{ONE}\nend\n"}
    talk = Booting(running={ONE: []}, answers=answers, questions={"reload": PROCEED})
    with PtyConsole(talk) as console:
        lab = section(console={"url": console.url}, boot_time=1.0)
        switch = _open(lab, "console", tmp_path, Journal(tmp_path / "journal"))
        with closing(switch):
            with pytest.raises(BenchError, match="not come back within 1 s"):
                switch.reload()
            assert talk.answered == [f"{PROCEED} '\\r'"] and talk.question
            assert switch.show("show clock") == ""  # it has started meanwhile
    assert not breaks(tmp_path / "transcript")


def breaks(transcript: Path) -> list[str]:
    """What was sent with a Ctrl-C in it, after the reload."""
    lines = transcript.read_text().partition("# the switch reloads\n")[2].splitlines()
    return [line for line in lines if " > " in line and "\\x03" in line]


@WAYS
def test_the_last_try_ends_with_the_boot_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    """At a switch that takes the connection and says nothing; an answer may take far longer elsewhere."""
    set_credentials(monkeypatch)
    journal = Journal(tmp_path / "journal")
    journal.record(Part(RELOAD, "of the whole switch"), [])
    with PtyConsole(None) as console, socket.create_server(("127.0.0.1", 0)) as silent:
        ssh = {"host": "127.0.0.1", "port": silent.getsockname()[1]}
        lab = section(ssh=ssh, console={"url": console.url}, timeout=600.0, boot_time=1.0)
        begin = time.monotonic()
        with pytest.raises(
            BenchError, match=r"not come back within 1 s of its reload .*the last try: switch, "
        ):
            _open(lab, path, tmp_path, journal)
        assert time.monotonic() - begin < PATIENCE
    assert "\\x03" not in (tmp_path / "transcript").read_text()


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
    dialogue.answers |= {"show startup-config": f"{ONE}\nend\n", "show version": shown("3 weeks")}
    with PtyConsole(dialogue) as console:
        lab = section(console={"url": console.url}, timeout=2.0)
        switch = _open(lab, "console", tmp_path, Journal(tmp_path / "journal"))
        with closing(switch), pytest.raises(BenchError, match=words):
            switch.reload()
    assert dialogue.answered == []
