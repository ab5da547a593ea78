"""What labs' switches say that looks like something else: banners, time stamps, questions left open."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.switch.cisco_ios import session
from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole, SshServer
from testcases.selftest.switch_driver.helpers import closing, on_console, on_ssh, set_credentials

ANSWER = "GigabitEthernet1/0/1 is up\n"
ONE = "interface GigabitEthernet1/0/1"
AFTER_A_SIGN = r"[^#>\]:]*[#>\]:]?"
"""Pieces that end where a prompt or a question could."""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


BANNERS = {
    "hashes": "########\n#  ask before you use this   #\n########\n",
    "a word and a hash": "rack-7#3, ask before you use this\n",
    "arrow": "--> ask before you use this <--\n",
    "long arrow": "----------------------------->\nask before you use this\n",
    "url": "http://lab.example/switch#rules\n",
    "a question": "Do not reload this. Really? [yes/no]: never, [confirm] nothing.\n",
    "a login": "login: use your badge. password: none of the lab's\n",
    "percent": "% Bad passwords are logged %\n",
}


@pytest.mark.parametrize("name", BANNERS)
@pytest.mark.parametrize("piece", ["", AFTER_A_SIGN], ids=["at once", "in pieces"])
def test_a_banner_before_the_login(tmp_path: Path, name: str, piece: str) -> None:
    talk = Dialogue(answers={"show it": ANSWER}, banner=BANNERS[name])
    with PtyConsole(talk, piece) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
        assert talk.answered == []


@pytest.mark.parametrize("name", BANNERS)
def test_a_banner_over_ssh(tmp_path: Path, name: str) -> None:
    def make() -> Dialogue:
        return Dialogue(answers={"show it": ANSWER}, banner=BANNERS[name])

    with SshServer(make) as server, closing(on_ssh(server.port, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER


LINES = {
    "percent": "% Authorised users only %",
    "error": "ERROR: none of your business",
    "a host name and a hash": "lab-sw#2 of the rack; ask before you use this",
    "a host name and an arrow": "lab-sw > ask before you use this",
    "the prompt itself": "lab-sw#",
    "the prompt twice": "lab-sw#\nlab-sw#\nlab-sw(config)#",
    "hashes": "##### ask before #####",
    "a log message": "%SYS-5-RELOAD: do not reload this switch",
    "a question": "Really? [confirm] nothing [yes/no]: at all",
    "a heading": f"{ONE}\n shutdown",
    "an end": "end",
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("piece", ["", AFTER_A_SIGN], ids=["at once", "in pieces"])
def test_a_configuration_with_a_banner_comes_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, piece: str
) -> None:
    monkeypatch.setattr(session, "QUIET", 20.0)  # however slow the line is
    text = f"{ONE}\n description {name}\n!\nbanner motd ^C\n{LINES[name]}\n^C\n!\nline con 0\n!\nend\n"
    talk = Dialogue(answers={"show running-config": text})
    with PtyConsole(talk, piece) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.running_config() == text.splitlines()


def test_a_description_that_looks_like_a_refusal(tmp_path: Path) -> None:
    lines = ["description % ERROR: cable is bad", "shutdown"]
    talk = Dialogue(running={ONE: lines})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.running_config("Gi1/0/1") == lines
        switch.no_shut("Gi1/0/1")
        switch.restore()
        assert switch.running_config("Gi1/0/1") == lines


STAMP = (
    "Load for five secs: 2%/0%; one minute: 2%; five minutes: 2%\n"
    "Time source is NTP, 06:34:27.527 UTC Fri Dec 3 2026\n\n"
)
ANSWERS = {
    "show version": (
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3, "
        "RELEASE SOFTWARE (fc3)\n\n"
        "lab-sw uptime is 1 day\n"
    ),
    "show running-config": "Building configuration...\n\nhostname lab-sw\n!\nend\n",
    "show etherchannel summary": (
        "Group  Port-channel  Protocol    Ports\n------+-------------+-----------+----\n"
        "1      Po1(SU)         LACP        Gi1/0/1(P)\n"
    ),
    "show lacp sys-id": "32768, 0011.2233.4455\n",
}


def test_time_stamps_of_two_ways_differ_and_the_switch_is_one(tmp_path: Path) -> None:
    with (
        PtyConsole(Dialogue(answers=ANSWERS, stamp=STAMP)) as console,
        SshServer(lambda: Dialogue(answers=ANSWERS, stamp=STAMP.replace(":27.", ":31."))) as server,
        closing(on_console(console.url, tmp_path)) as one,
        closing(on_ssh(server.port, tmp_path)) as other,
    ):
        one.agree(other)
        assert one.system_id().priority == 32768
        assert [member.port for member in one.lag(1)] == ["GigabitEthernet1/0/1"]
        assert "15.2(7)E3" in one.version()


def test_a_change_under_time_stamps(tmp_path: Path) -> None:
    talk = Dialogue(running={ONE: []}, stamp=STAMP)
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        switch.configure([ONE, "switchport access vlan 100"])
        assert 100 in talk.vlans
        switch.restore()
        assert switch.running_config("Gi1/0/1") == []
        assert talk.vlans == {1: "default"}


@pytest.mark.parametrize(
    "words", ["Command authorization failed.", "Not for you.", "% Authorization failed."]
)
def test_a_question_to_the_switch_that_it_does_not_answer_is_no_answer(tmp_path: Path, words: str) -> None:
    """Neither "no such interface", nor "no LAG", nor an empty configuration."""
    commands = (
        "show running-config", f"show running-config {ONE}", "show etherchannel summary", "show version",
        "show lacp neighbor detail", "show vlan brief",
    )  # fmt: skip
    talk = Dialogue(running={ONE: []}, remarks=dict.fromkeys(commands, words))
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        for ask in (switch.running_config, switch.lags, switch.version, switch.neighbors, switch.views):
            with pytest.raises(BenchError, match=r"not understood|no whole configuration|refused"):
                ask()
        for change in (switch.shut, lambda port: switch.make_lag([port], 1, "active")):
            with pytest.raises(BenchError, match=r"no whole configuration|refused"):
                change("Gi1/0/1")
        assert not (tmp_path / "journal").exists()
        assert talk.configured == []


QUESTIONS = [
    "System configuration has been modified. Save? [yes/no]: ",
    "Proceed with reload? [confirm]",
    "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]",
    "Destination filename [startup-config]? ",
]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_that_somebody_left_open_is_not_answered(tmp_path: Path, asked: str) -> None:
    talk = Dialogue(state="exec", mode="#", question=asked, answers={"show it": ANSWER})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
        assert talk.answered == []


def test_a_question_that_cannot_be_left_is_shown(tmp_path: Path) -> None:
    asked = "Save? [yes/no]: "

    class Again(Dialogue):
        """Asks again after an answer that is none, which Ctrl-C is."""

        def _key(self, key: str) -> str:
            said = super()._key(key)
            self.question = asked
            return f"\n{asked}" if key == "\r" else said

    talk = Again(state="exec", mode="#", question=asked, deaf=True)
    with PtyConsole(talk) as console, pytest.raises(BenchError) as caught:
        on_console(console.url, tmp_path, timeout=3.0)
    assert "it was left at a question, which is not answered: 'Save? [yes/no]:'" in str(caught.value)


def test_a_line_that_somebody_left_half_typed_is_not_entered(tmp_path: Path) -> None:
    talk = Dialogue(state="exec", mode="#", answers={"show it": ANSWER})
    talk.feed(b"write erase")
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
    assert "write erase" not in talk.commands


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Would you like to enter the initial configuration dialog? [yes/no]: ", "no"),
        ("Would you like to terminate autoinstall? [yes]: ", "yes"),
    ],
)
def test_a_switch_without_a_configuration_is_taken_past_its_setup(
    tmp_path: Path, asked: str, answer: str
) -> None:
    class New(Dialogue):
        """Asks after Return, when it has not been asked before."""

        def _return(self, line: str) -> str:
            if self.answered:
                return super()._return(line)
            self.question = asked
            return f"\n{asked}"

    talk = New(answers={"show it": ANSWER})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
    assert talk.answered == [f"{asked} '{answer}\\r'"]


@pytest.mark.parametrize("command", ["show it", "no username bob"])
def test_a_command_that_asks_is_refused_and_the_session_goes_on(tmp_path: Path, command: str) -> None:
    asked = "This operation will remove all that bob has. Do you want to continue? [confirm]"
    talk = Dialogue(answers={"show this": ANSWER}, questions={command: asked}, running={ONE: []})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        with pytest.raises(BenchError, match=rf"refused `{command}`: it asks 'This operation"):
            _ = switch.show(command) if command.startswith("show") else switch.configure([command])
        assert talk.answered == []
        assert switch.show("show this") == ANSWER
