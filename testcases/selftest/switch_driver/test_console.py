"""The console: every way to find it, and every way in which it fails, with one clear message each."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from harness.switch import serial_port
from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import ENABLE, PASSWORD, Dialogue, PtyConsole, TcpConsole
from testcases.selftest.switch_driver.helpers import closing, on_console, set_credentials

ANSWER = "GigabitEthernet1/0/1 is up\nGigabitEthernet1/0/2 is down\n"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


def dialogue(**more: object) -> Dialogue:
    return Dialogue(answers={"show it": ANSWER}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [PtyConsole, TcpConsole])
def test_log_in_show_and_log_out(tmp_path: Path, kind: type[PtyConsole] | type[TcpConsole]) -> None:
    with kind(dialogue()) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
    assert console.dialogue is not None
    assert not console.dialogue.logged_in
    assert console.dialogue.commands[-1] == "exit"


@pytest.mark.parametrize(
    ("left", "mode"),
    [
        ("username", ">"),
        ("password", ">"),
        ("enable", ">"),
        ("exec", ">"),
        ("exec", "#"),
        ("exec", "(config)#"),
        ("exec", "(config-if)#"),
    ],
)
def test_the_console_is_taken_as_it_was_left(tmp_path: Path, left: str, mode: str) -> None:
    talk = dialogue(state=left, mode=mode, commands=["someone"])
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
        assert talk.mode == "#"


def test_a_console_that_asks_for_a_password_alone(tmp_path: Path) -> None:
    talk = dialogue(line_password=True)
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
        assert PASSWORD not in talk.commands


def test_the_console_was_left_in_the_middle_of_a_long_answer(tmp_path: Path) -> None:
    talk = dialogue(state="exec", mode="#", more_after=1)
    talk.feed(b"show it\r")
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        talk.more_after = 0
        assert switch.show("show it") == ANSWER


def test_a_paged_answer_comes_whole(tmp_path: Path) -> None:
    with PtyConsole(dialogue(more_after=1)) as console, closing(on_console(console.url, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER


def test_a_silent_console(tmp_path: Path) -> None:
    with PtyConsole(None) as console, pytest.raises(BenchError) as caught:
        on_console(console.url, tmp_path, timeout=0.5)
    assert str(caught.value) == (
        f"switch, console {console.url}: silent: no answer to Return for 0.5 s; is the switch on, the cable "
        "right, and 9600 its baud rate?"
    )


def test_a_console_that_talks_nonsense(tmp_path: Path) -> None:
    talk = Dialogue(state="exec", mode="\x80\x81 ")
    with PtyConsole(talk) as console, pytest.raises(BenchError, match=r"no prompt and no login for 0\.5 s"):
        on_console(console.url, tmp_path, timeout=0.5)


@pytest.mark.parametrize(("username", "password"), [("", "wrong"), ("nobody", PASSWORD)])
def test_a_refused_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    set_credentials(monkeypatch, username=username or "labadmin", password=password)
    with PtyConsole(dialogue()) as console, pytest.raises(BenchError) as caught:
        on_console(console.url, tmp_path)
    assert f"switch, console {console.url}: user name or password refused" in str(caught.value)
    assert "AGR_DRIVER_TEST_PASSWORD" in str(caught.value)
    assert password not in str(caught.value)


@pytest.mark.parametrize(("enable", "words"), [("wrong", "is refused"), ("", "asks for a password")])
def test_a_refused_enable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enable: str, words: str) -> None:
    set_credentials(monkeypatch, enable=enable)
    with PtyConsole(dialogue()) as console:
        with pytest.raises(BenchError, match=words) as caught:
            on_console(console.url, tmp_path)
        assert "AGR_DRIVER_TEST_ENABLE" in str(caught.value)
        set_credentials(monkeypatch)  # and the console can be used after that
        with closing(on_console(console.url, tmp_path)) as switch:
            assert switch.show("show it") == ANSWER


@pytest.mark.parametrize("kind", [PtyConsole, TcpConsole])
def test_a_console_that_hangs_up_in_a_command(
    tmp_path: Path, kind: type[PtyConsole] | type[TcpConsole]
) -> None:
    with (
        kind(dialogue(hang_up="show it")) as console,
        closing(on_console(console.url, tmp_path)) as switch,
        pytest.raises(BenchError) as caught,
    ):
        switch.show("show it")
    assert f"switch, console {console.url}: the console hung up" in str(caught.value)
    assert "during `show it`" in str(caught.value)
    assert str(tmp_path / "console.transcript") in str(caught.value)


def test_after_a_hang_up_the_next_command_connects_again(tmp_path: Path) -> None:
    talk = dialogue(hang_up="show it")
    with TcpConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        with pytest.raises(BenchError, match="hung up"):
            switch.show("show it")
        talk.hang_up = ""
        assert switch.show("show it") == ANSWER


def test_a_command_that_is_never_answered(tmp_path: Path) -> None:
    with (
        PtyConsole(dialogue(mute="show it")) as console,
        closing(on_console(console.url, tmp_path, timeout=1.0)) as switch,
        pytest.raises(BenchError, match="no prompt within 1 s of `show it`"),
    ):
        switch.show("show it")


def test_a_console_locked_by_another_program_is_named(tmp_path: Path) -> None:
    holder = (
        "import fcntl,sys; f=open(sys.argv[1],'r+b',0); fcntl.flock(f,fcntl.LOCK_EX); print('x',flush=True); "
    )
    with PtyConsole(dialogue()) as console:
        other = subprocess.Popen(
            [sys.executable, "-c", holder + "sys.stdin.read()", console.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with other:
            assert other.stdout is not None
            assert other.stdout.read(1) == b"x"
            with pytest.raises(BenchError) as caught:
                on_console(console.url, tmp_path)
            other.communicate()
        assert f"console {console.url}: held by another program by python" in str(caught.value)
        assert f"(process {other.pid})" in str(caught.value)
        with closing(on_console(console.url, tmp_path)) as switch:
            assert switch.show("show it") == ANSWER


def test_a_console_marked_exclusive_by_another_program(tmp_path: Path) -> None:
    holder = "import fcntl,sys,termios; f=open(sys.argv[1],'r+b',0); fcntl.ioctl(f,termios.TIOCEXCL); "
    with PtyConsole(dialogue()) as console:
        other = subprocess.Popen(
            [sys.executable, "-c", holder + "print('x',flush=True); sys.stdin.read()", console.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with other:
            assert other.stdout is not None
            assert other.stdout.read(1) == b"x"
            with pytest.raises(BenchError, match=rf"held by another program.*process {other.pid}"):
                on_console(console.url, tmp_path)
            other.communicate()


def test_a_lock_file_of_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_port, "_LOCK_FOLDER", tmp_path)
    with PtyConsole(dialogue()) as console:
        lock = tmp_path / f"LCK..{Path(console.url).name}"
        lock.write_text(f"{os.getppid():10}\n")
        with pytest.raises(BenchError, match=rf"held by another program by .* \(process {os.getppid()}\)"):
            on_console(console.url, tmp_path)
        lock.write_text("4194304000\n")  # no such process: a lock that was left behind
        with closing(on_console(console.url, tmp_path)) as switch:
            assert switch.show("show it") == ANSWER


def test_two_sessions_of_our_own_do_not_share_a_console(tmp_path: Path) -> None:
    with (
        PtyConsole(dialogue()) as console,
        closing(on_console(console.url, tmp_path)),
        pytest.raises(BenchError, match="held by another program"),
    ):
        on_console(console.url, tmp_path)


def test_a_terminal_server_whose_port_is_taken(tmp_path: Path) -> None:
    with (
        TcpConsole(dialogue(), greeting=b"Port already in use\r\n", full=True) as console,
        pytest.raises(BenchError, match="held by another program"),
    ):
        on_console(console.url, tmp_path)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/dev/no-such-tty", "no such device"),
        ("socket://127.0.0.1:1", "cannot be opened"),
        ("nonsense://x", "not a device nor a URL that pyserial knows"),
        ("/dev/null", "cannot be opened"),
    ],
)
def test_a_console_that_cannot_be_opened(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises(BenchError) as caught:
        on_console(url, tmp_path)
    assert str(caught.value).startswith(f"switch, console {url}: {words}")


def test_the_lock_ends_with_the_session(tmp_path: Path) -> None:
    with PtyConsole(dialogue()) as console:
        on_console(console.url, tmp_path).close()
        with Path(console.url).open("r+b", buffering=0) as terminal:
            fcntl.flock(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            assert termios.tcgetattr(terminal)


def test_the_transcript_has_the_dialogue_and_no_password(tmp_path: Path) -> None:
    with PtyConsole(dialogue()) as console, closing(on_console(console.url, tmp_path)) as switch:
        switch.show("show it")
    text = (tmp_path / "console.transcript").read_text()
    assert " console > show it\n" in text
    assert " console < GigabitEthernet1/0/2 is down\n" in text
    assert " console > ********\n" in text
    assert PASSWORD not in text and ENABLE not in text
