"""SSH: logging in by password, key and with a known host key, and every way in which it fails."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from harness.verdict import BenchError
from testcases.selftest.switch_driver.fake_ios import PASSWORD, USERNAME, Dialogue, SshServer
from testcases.selftest.switch_driver.helpers import closing, on_ssh, set_credentials

ANSWER = "GigabitEthernet1/0/1 is up\nGigabitEthernet1/0/2 is down\n"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


def dialogue() -> Dialogue:
    return Dialogue(answers={"show it": ANSWER})


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


def test_log_in_by_password(tmp_path: Path) -> None:
    with SshServer(dialogue) as server, closing(on_ssh(server.port, tmp_path)) as switch:
        assert switch.show("show it") == ANSWER
        assert server.dialogues[0].mode == "#"


def test_log_in_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch, password="")
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "key")
    with SshServer(dialogue, [key]) as server:
        credentials = {"key_file": str(tmp_path / "key")}
        with closing(on_ssh(server.port, tmp_path, credentials=credentials)) as switch:
            assert switch.show("show it") == ANSWER


def test_the_host_key_of_the_lab_file_is_taken(tmp_path: Path) -> None:
    with (
        SshServer(dialogue) as server,
        closing(on_ssh(server.port, tmp_path, host_key=public(server.host_key))) as switch,
    ):
        assert switch.show("show it") == ANSWER


def test_another_host_key_is_refused_and_shown(tmp_path: Path) -> None:
    other = public(asyncssh.generate_private_key("ssh-ed25519"))
    with SshServer(dialogue) as server:
        with pytest.raises(BenchError) as caught:
            on_ssh(server.port, tmp_path, host_key=other)
        assert "another host key than switch.ssh.host_key" in str(caught.value)
        assert public(server.host_key) in str(caught.value)


@pytest.mark.parametrize("text", ["nonsense", "ssh-ed25519 AAAA", "ssh-xx AAAA", "ssh-ed25519 not*base64"])
def test_a_host_key_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(BenchError, match=r"switch\.ssh\.host_key: is no host key"):
        on_ssh(1, tmp_path, host_key=text)


@pytest.mark.parametrize(("username", "password"), [(USERNAME, "wrong"), ("nobody", PASSWORD)])
def test_a_refused_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    set_credentials(monkeypatch, username=username, password=password)
    with SshServer(dialogue) as server, pytest.raises(BenchError) as caught:
        on_ssh(server.port, tmp_path)
    text = str(caught.value)
    assert text.startswith(f"switch, SSH {username}@127.0.0.1:{server.port}: user name or password refused")
    assert "AGR_DRIVER_TEST_USERNAME" in text
    assert password not in text


@pytest.mark.parametrize(("enable", "words"), [("wrong", "is refused"), ("", "asks for a password")])
def test_a_refused_enable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enable: str, words: str) -> None:
    set_credentials(monkeypatch, enable=enable)
    with SshServer(dialogue) as server, pytest.raises(BenchError, match=words):
        on_ssh(server.port, tmp_path)


def test_no_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(
        BenchError, match=rf"SSH labadmin@127\.0\.0\.1:{port}: connection refused; is SSH enabled"
    ):
        on_ssh(port, tmp_path)


def test_no_such_host(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no such host"):
        on_ssh(22, tmp_path, host="no-such-host.invalid")


@contextlib.contextmanager
def tcp_server(greeting: bytes, close: bool) -> Iterator[int]:
    """A server that is no SSH server: says something, and then closes or stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lines: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                line, _ = listener.accept()
                lines.append(line)
                line.sendall(greeting)
                if close:
                    line.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for line in lines:
            line.close()


@pytest.mark.parametrize(
    ("greeting", "close"),
    [(b"", False), (b"", True), (b"HTTP/1.0 400 Bad Request\r\n", True), (b"SSH-2.0-x\r\n", True)],
    ids=["silent", "closes at once", "another protocol", "closes after its banner"],
)
def test_a_server_that_speaks_no_ssh(tmp_path: Path, greeting: bytes, close: bool) -> None:
    with (
        tcp_server(greeting, close) as port,
        pytest.raises(BenchError, match="the connection is there, but no SSH session comes about"),
    ):
        on_ssh(port, tmp_path, timeout=0.5)


def test_a_session_that_is_closed_in_a_command(tmp_path: Path) -> None:
    def make() -> Dialogue:
        return Dialogue(hang_up="show it")

    with (
        SshServer(make) as server,
        closing(on_ssh(server.port, tmp_path)) as switch,
        pytest.raises(BenchError) as caught,
    ):
        switch.show("show it")
    assert "the SSH session was closed by the switch during `show it`" in str(caught.value)
    assert str(tmp_path / "ssh.transcript") in str(caught.value)


def test_after_that_the_next_command_connects_again(tmp_path: Path) -> None:
    made: list[Dialogue] = []

    def make() -> Dialogue:
        made.append(Dialogue(answers={"show it": ANSWER}, hang_up="" if made else "show it"))
        return made[-1]

    with SshServer(make) as server, closing(on_ssh(server.port, tmp_path)) as switch:
        with pytest.raises(BenchError, match="closed by the switch"):
            switch.show("show it")
        assert switch.show("show it") == ANSWER


def test_a_command_that_is_never_answered(tmp_path: Path) -> None:
    with (
        SshServer(lambda: Dialogue(mute="show it")) as server,
        closing(on_ssh(server.port, tmp_path, timeout=1.0)) as switch,
        pytest.raises(BenchError, match="no prompt within 1 s of `show it`"),
    ):
        switch.show("show it")


def test_nothing_is_logged_where_a_user_would_see_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with tcp_server(b"HTTP/1.0 400 Bad Request\r\n", True) as port, pytest.raises(BenchError):
        on_ssh(port, tmp_path, timeout=0.5)
    assert capfd.readouterr() == ("", "")
