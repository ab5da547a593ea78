"""A log message at any place of a dialogue changes nothing of what a command is found to answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole
from testcases.selftest.switch_driver.helpers import closing, on_console, set_credentials

ANSWER = "Gi1/0/1 up\nGi1/0/2 down\n"
STREAM = f"show it\n{ANSWER}lab-sw#"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


def messages(switch: CiscoIos) -> int:
    assert switch._session is not None
    return len(switch._session.channel.cleaner.messages)


def test_a_message_at_every_place_of_echo_answer_and_prompt(tmp_path: Path) -> None:
    talk = Dialogue(answers={"show it": ANSWER})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        for place in range(len(STREAM) + 1):
            talk.noise, talk.noise_times = ("show it", place), 1
            assert switch.show("show it") == ANSWER, place
            assert talk.noise_times == 0
        assert messages(switch) >= len(STREAM)  # the last one comes after the last prompt


def test_messages_that_never_stop_between_lines_do_no_harm(tmp_path: Path) -> None:
    talk = Dialogue(answers={"show it": ANSWER}, noise=("show it", STREAM.index("Gi1/0/2")), noise_times=99)
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER


@pytest.mark.parametrize("command", ["configure terminal", "interface GigabitEthernet1/0/1", "end"])
def test_messages_while_configuring(tmp_path: Path, command: str) -> None:
    talk = Dialogue(running={"interface GigabitEthernet1/0/1": []})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        for place in range(0, len(command) + 1, 3):
            talk.noise, talk.noise_times = (command, place), 1
            switch.shut("Gi1/0/1")
            assert talk.noise_times == 0
            assert talk.mode == "#"
            assert talk.configured[-2:] == ["interface GigabitEthernet1/0/1", "shutdown"]
