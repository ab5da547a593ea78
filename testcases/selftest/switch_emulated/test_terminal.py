"""Editing, echo, login, paging, questions: octets in, octets out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fixtures.switch.channel import Channel, HungUp
from fixtures.switch.editor import Key, LineEditor
from fixtures.switch.session import Mode, Reply
from fixtures.switch.terminal import MORE, WIPE, Terminal
from testcases.selftest.switch_emulated.fake import ACCESS, Operator


def edited(typed: bytes) -> tuple[str, str, Key]:
    """What the line is after typed, what was echoed, what the last key did."""
    editor, echo, key = LineEditor(), "", Key.NONE
    editor.start()
    for octet in typed:
        result = editor.feed(octet)
        echo, key = echo + result.echo, result.key
    return editor.text, echo, key


@pytest.mark.parametrize(
    ("typed", "text", "echo", "key"),
    [
        (b"show\r", "show", "show\r\n", Key.LINE),
        (b"show\n", "show", "show\r\n", Key.LINE),
        (b"shx\bow\x7fw", "show", "shx\b \bow\b \bw", Key.NONE),
        (b"\b", "", "", Key.NONE),
        (b"ab\x15c", "c", "ab" + "\b \b" * 2 + "c", Key.NONE),
        (b"show int\x17ver", "show ver", "show int" + "\b \b" * 3 + "ver", Key.NONE),
        (b"a\x1b[Ab\x1bOCc\x1b[1;5D", "abc", "abc", Key.NONE),
        (b"a\x00\xff\xfeb", "ab", "ab", Key.NONE),
        (b"exit\x1a", "exit", "exit^Z\r\n", Key.END),
        (b"sh\x03", "sh", "sh\r\n", Key.BREAK),
        (b"sh?", "sh", "sh?\r\n", Key.HELP),
        (b"sh\t", "sh", "sh", Key.TAB),
    ],
)
def test_line_editing(typed: bytes, text: str, echo: str, key: Key) -> None:
    assert edited(typed) == (text, echo, key)


def test_return_and_line_feed_are_one_key() -> None:
    editor = LineEditor()
    keys = [editor.feed(octet).key for octet in b"\r\n\r\n\n"]
    assert keys == [Key.LINE, Key.NONE, Key.LINE, Key.NONE, Key.LINE]


def test_a_hidden_line_echoes_nothing_but_its_end() -> None:
    editor = LineEditor()
    editor.start(hidden=True)
    assert "".join(editor.feed(octet).echo for octet in b"se?c\b\tret\r") == "\r\n"
    assert editor.text == "se?ret"


class Script(Channel):
    """A line on which everything is typed at once; the operator hangs up when all of it was read."""

    def __init__(self, typed: str) -> None:
        self.sent = bytearray()
        super().__init__(self.sent.extend)
        self._typed = list(typed.encode())

    async def octet(self) -> int:
        await asyncio.sleep(0)
        if not self._typed:
            raise HungUp
        return self._typed.pop(0)


class Line:
    """A terminal for an operator."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.result: Reply | bool | None = None

    async def _run(self, call: Callable[[], Any]) -> Any:
        return call()

    def play(self, typed: str, login: bool = False) -> str:
        """What was printed until everything typed was read."""
        channel = Script(typed)
        terminal = Terminal(channel, self.operator.session, self._run)
        try:
            self.result = asyncio.run(terminal.login()) if login else asyncio.run(terminal.interact())
        except HungUp:
            self.result = None
        return channel.sent.decode()


def test_a_command_is_echoed_and_answered(operator: Operator) -> None:
    assert Line(operator).play("sh run | i hostname\r") == (
        "Switch#sh run | i hostname\r\nhostname Switch\r\nSwitch#"
    )


def test_logout_ends_the_session(operator: Operator) -> None:
    line = Line(operator)
    assert line.play("exit\r") == "Switch#exit\r\n"
    assert line.result == Reply(close=True)


def test_long_output_is_paged(operator: Operator) -> None:
    line = Line(operator)
    operator.session.length = 4
    lines = operator.type("show run").splitlines()
    typed = line.play("show run\r\n \rq")
    pages = typed.removeprefix("Switch#show run\r\n").split(MORE)
    assert pages[0] == "".join(f"{text}\r\n" for text in lines[:3])
    assert pages[1] == WIPE + "".join(f"{text}\r\n" for text in lines[3:6])
    assert pages[2] == WIPE + f"{lines[6]}\r\n"
    assert pages[3] == WIPE + "Switch#"


def test_without_a_length_nothing_is_paged(operator: Operator) -> None:
    printed = Line(operator).play("terminal length 0\rshow run\r")
    assert MORE not in printed
    assert printed.endswith("end\r\n\r\nSwitch#")


def test_enable_does_not_echo_the_password() -> None:
    operator = Operator()
    printed = Line(operator).play(f"enable\r{ACCESS.enable}\r")
    assert printed == "Switch>enable\r\nPassword: \r\nSwitch#"


def test_reload_is_confirmed_by_one_key(operator: Operator) -> None:
    line = Line(operator)
    assert line.play("reload\rx").endswith("Proceed with reload? [confirm]\r\nSwitch#")
    line = Line(operator)
    line.play("reload\r\r")
    assert line.result == Reply("\n", reload=True)


def test_control_z_runs_the_line_and_leaves_configuration(operator: Operator) -> None:
    printed = Line(operator).play("conf t\rhostname z\x1a")
    assert printed.endswith("Switch(config)#hostname z^Z\r\nz#")
    assert operator.config.hostname == "z"


def test_control_c_drops_the_line(operator: Operator) -> None:
    assert Line(operator).play("conf t\rhostname z\x03").endswith("hostname z\r\nSwitch#")
    assert operator.config.hostname == "Switch"


def test_question_mark_and_tab(operator: Operator) -> None:
    printed = Line(operator).play("show et?\thernet\t")
    assert printed.startswith("Switch#show et?\r\netherchannel\r\n\r\nSwitch#show et")


def test_banners_greet(operator: Operator) -> None:
    operator.configure("banner motd #today#", "banner login #who#", "banner exec #in#", "end")
    greeting = f"{ACCESS.username}\r{ACCESS.password}\r"
    assert Line(operator).play(greeting, login=True).startswith("\r\ntoday\r\n\r\nwho\r\n\r\n\r\nUser Access")
    assert Line(operator).play("\r").startswith("\r\nin\r\nSwitch")


def test_control_c_leaves_a_question(operator: Operator) -> None:
    line = Line(operator)
    assert line.play("write erase\r\x03").endswith("Continue? [confirm]\r\nSwitch#")
    operator.configure("hostname new", "end")
    assert Line(operator).play("reload\r\x03").endswith("Save? [yes/no]: \r\nnew#")


@pytest.mark.parametrize(
    ("typed", "enters"),
    [
        (f"{ACCESS.username}\r\n{ACCESS.password}\r\n", True),
        (f"x\ry\r{ACCESS.username}\r{ACCESS.password}\r", True),
        ("x\ry\r" * 3, False),
    ],
)
def test_login(typed: str, enters: bool) -> None:
    operator = Operator(line="con0")
    line = Line(operator)
    printed = line.play(typed, login=True)
    assert line.result is enters
    assert "\r\n\r\nUser Access Verification\r\n\r\nUsername: " in printed
    assert ACCESS.password not in printed
    assert printed.count("% Login invalid") == (typed.count("y"))
    assert operator.session.mode is Mode.USER
