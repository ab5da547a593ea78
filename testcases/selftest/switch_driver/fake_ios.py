"""A very small IOS command line for tests: a dialogue without I/O, and servers for it: pty, TCP and SSH."""

from __future__ import annotations

import asyncio
import os
import re
import select
import socket
import threading
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

import asyncssh

MESSAGE = (
    "*Mar  1 00:05:12.123: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi1/0/1, changed state to down"
)
BREAK = "\x03"
MOMENT = 0.05
"""Seconds between two pieces of a slow line."""

USERNAME, PASSWORD, ENABLE = "labadmin", "correct-horse", "battery-staple"


class HangUp(Exception):
    """The switch is gone."""


@dataclass
class Dialogue:
    """One session: octets in, octets out.

    ``answers`` are the outputs of commands. ``noise`` puts a log message into echo and answer of a command,
    at an offset, ``noise_times`` times. ``line_password``: the console asks for a password alone.
    ``hang_up`` and ``mute`` are commands at which the line dies, or goes silent, the first also a question
    whose answer ends it; ``remarks`` are
    configuration lines that are not done, and what is said instead. ``running`` is what the others come to,
    by section, ``vlans`` what VTP keeps. ``stamp`` stands before each answer outside configuration mode,
    ``banner`` before the login.

    ``questions`` are what commands ask; ``question`` is one that is open. Return answers it, or y or n where
    it ends in ``[confirm]``; Ctrl-C leaves it, unless it is ``deaf``. What was answered is in ``answered``.
    """

    state: str = "return"
    answers: dict[str, str] = field(default_factory=dict)
    noise: tuple[str, int] | None = None
    noise_times: int = 1
    hang_up: str = ""
    mute: str = ""
    remarks: dict[str, str] = field(default_factory=dict)
    running: dict[str, list[str]] = field(default_factory=dict)
    vlans: dict[int, str] = field(default_factory=lambda: {1: "default"})
    stamp: str = ""
    banner: str = ""
    questions: dict[str, str] = field(default_factory=dict)
    question: str = ""
    deaf: bool = False
    answered: list[str] = field(default_factory=list)
    more_after: int = 0
    commands: list[str] = field(default_factory=list)
    configured: list[str] = field(default_factory=list)
    mode: str = ">"
    logged_in: bool = False
    line_password: bool = False
    _line: str = ""
    _section: str = ""
    _silent: bool = False
    _rest: list[str] = field(default_factory=list)
    _tries: int = 0

    def prompt(self) -> str:
        return f"lab-sw{self.mode}"

    def feed(self, data: bytes) -> bytes:
        out = ""
        for char in data.decode():
            if self._rest:
                out += self._page(char)
            elif self.question:
                out += self._key(char)
            elif char == BREAK:
                out += self._break()
            elif char == "\r":
                line, self._line = self._line, ""
                out += self._enter(line)
            elif char != "\n":
                self._line += char
        return b"" if self._silent else out.replace("\n", "\r\n").encode()

    def _break(self) -> str:
        """Ctrl-C: the line that is being typed is forgotten."""
        self._line = ""
        if self.state in ("return", "line"):
            return ""
        if self.state in ("username", "password"):
            self.state = "username"
            return "\n\nUsername: "
        self.state = "exec"
        self.mode = "#" if self.mode.startswith("(config") else self.mode
        return f"\n{self.prompt()}"

    def _key(self, key: str) -> str:
        """A key while a question is open."""
        if key == BREAK and not self.deaf:
            self.question = self._line = ""
            return f"\n{self.prompt()}"
        if key != "\r" and not (self.question.endswith("[confirm]") and key in "yn"):
            self._line += key
            return key
        answer, self._line = self._line + key, ""
        asked, self.question = self.question, ""
        self.answered.append(f"{asked} {answer!r}")
        if asked == self.hang_up:
            raise HangUp
        return f"\n{self.prompt()}"

    def _enter(self, line: str) -> str:
        step = {
            "return": self._return,
            "line": self._line_login,
            "username": self._username,
            "password": self._password,
        }
        return step[self.state](line) if self.state in step else self._command(line)

    def _return(self, line: str) -> str:
        self.state, self._tries = "line" if self.line_password else "username", 0
        return f"\n{self.banner}\nUser Access Verification\n\n" + (
            "Password: " if self.line_password else "Username: "
        )

    def _line_login(self, line: str) -> str:
        self._tries += 1
        if line == PASSWORD:
            self.state, self.logged_in = "exec", True
            return f"\n{self.prompt()}"
        if self._tries < 3:
            return "\nPassword: "
        self.state = "return"
        return "\n% Bad passwords\n\nlab-sw con0 is now available\n\nPress RETURN to get started.\n"

    def _username(self, line: str) -> str:
        self.commands.append(line)
        self.state = "password" if line else "username"
        return f"{line}\n" + ("Password: " if line else "Username: ")

    def _password(self, line: str) -> str:
        right = line == PASSWORD and self.commands[-1] == USERNAME
        self.state = "exec" if right else "username"
        self.logged_in = right
        return f"\n{self.prompt()}" if right else "\n% Login invalid\n\nUsername: "

    def _command(self, line: str) -> str:
        if self.state == "enable":
            return self._enable(line)
        if line.startswith("!"):
            return f"{line}\n{self.prompt()}"
        self.commands.append(line)
        if line in self.questions:
            self.question = self.questions[line]
            return f"{line}\n{self.question}"
        if line and line == self.hang_up:
            raise HangUp
        if line and line == self.mute:
            self._silent = True
        if line == "exit" and self.mode.startswith("(config-"):
            self._section = ""
            self.mode = "(config)#"
            return f"{line}\n{self.prompt()}"
        if line == "exit":
            self.state, self.mode, self.logged_in = "return", ">", False
            return f"{line}\n\nlab-sw con0 is now available\n\nPress RETURN to get started.\n"
        if line == "enable" and self.mode == ">":
            self.state, self._tries = "enable", 0
            return f"{line}\nPassword: "
        return self._noisy(line, f"{line}\n{self._answer(line)}")

    def _enable(self, line: str) -> str:
        self._tries += 1
        if line == ENABLE:
            self.state, self.mode = "exec", "#"
            return f"\n{self.prompt()}"
        if self._tries < 3:
            return "\nPassword: "
        self.state = "exec"
        return f"\n% Bad secrets\n\n{self.prompt()}"

    def _answer(self, line: str) -> str:
        stamp = self.stamp if line and not self.mode.startswith("(config") else ""
        if line == "configure terminal" and line not in self.remarks:
            self.mode = "(config)#"
            return f"{stamp}Enter configuration commands, one per line.  End with CNTL/Z.\n{self.prompt()}"
        if line == "end":
            self.mode, self._section = "#", ""
            return self.prompt()
        if self.mode.startswith("(config"):
            return self._configure(line)
        text = (
            f"{self.remarks[line]}\n" if line in self.remarks else self.answers.get(line, self._shown(line))
        )
        text = stamp + text
        lines = text.splitlines(keepends=True)
        if self.more_after and len(lines) > self.more_after:
            self._rest = lines[self.more_after :]
            return "".join(lines[: self.more_after]) + " --More-- "
        return text + self.prompt()

    def _configure(self, line: str) -> str:
        if line == "bad line":
            return f"          ^\n% Invalid input detected at '^' marker.\n\n{self.prompt()}"
        if line in self.remarks:
            return f"{self.remarks[line]}\n{self.prompt()}"
        if line:
            self.configured.append(line)
            self._do(line)
        return self.prompt()

    def _do(self, line: str) -> None:
        """One line: of a setting that has two words or more the last words are its value."""
        if line.startswith("interface "):
            self.mode, self._section = "(config-if)#", line
            self.running.setdefault(line, [])
            return
        plain = line.removeprefix("no ")
        if plain.startswith("interface "):
            self.running.pop(plain, None)
            return
        if plain.startswith("vlan "):
            self._do_vlan(int(plain.split()[-1]), gone=line != plain)
            return
        if line.startswith("switchport access vlan "):
            self._do_vlan(int(plain.split()[-1]), gone=False)
        if not self._section:
            for other in [other for other in self.running if named(other) == named(plain)]:
                del self.running[other]
            if plain == line:
                self.running[line] = []
            return
        shown = self.running.setdefault(self._section, [])
        shown[:] = [one for one in shown if named(one) != named(plain)]
        if plain == line:
            shown.append(line)

    def _do_vlan(self, number: int, gone: bool) -> None:
        if gone:
            self.vlans.pop(number, None)
        else:
            self.vlans.setdefault(number, f"VLAN{number:04d}")

    def _shown(self, line: str) -> str:
        """`show running-config`, of all or of an interface, and `show vlan brief`."""
        if line == "show vlan brief":
            rows = "".join(f"{number:<5}{name:<33}active\n" for number, name in sorted(self.vlans.items()))
            return f"\nVLAN Name{'':29}Status    Ports\n---- {'-' * 32} --------- {'-' * 31}\n{rows}"
        if not line.startswith("show running-config"):
            return ""
        wanted = line.removeprefix("show running-config").strip()
        shown = {name: lines for name, lines in self.running.items() if wanted in ("", name)}
        blocks = ["\n".join([name, *(f" {one}" for one in lines)]) for name, lines in shown.items()]
        return "Building configuration...\n!\n" + "".join(f"{block}\n!\n" for block in blocks) + "end\n"

    def _page(self, key: str) -> str:
        wipe = "\b" * 9 + " " * 8 + "\b" * 9
        rest, self._rest = self._rest, []
        return wipe + (f"\n{self.prompt()}" if key in ("q", BREAK) else "".join(rest) + self.prompt())

    def _noisy(self, line: str, text: str) -> str:
        if self.noise is None or self.noise[0] != line or not self.noise_times:
            return text
        self.noise_times -= 1
        message = MESSAGE.replace(".123", f".{self.noise_times % 1000:03}")
        place = self.noise[1]
        fresh = (
            place == 0 or text[place - 1] == "\n"
        )  # the terminal starts a line only where it is not at one
        return text[:place] + ("" if fresh else "\n") + f"{message}\n" + text[place:]


def named(line: str) -> list[str]:
    """The words of a line that say what it sets."""
    words = line.split()
    return words[: 2 if words[0] in ("lacp", "port-channel", "switchport") else 1]


class Server(Protocol):
    """Something that can be entered; ``url`` is for a lab file's console."""

    url: str


class PtyConsole:
    """A dialogue on a pseudo terminal. With ``None`` it never says anything.

    ``piece`` is a pattern: what matches it comes alone, and a moment after the one before, as on a slow line.
    """

    def __init__(self, dialogue: Dialogue | None, piece: str = "") -> None:
        self.dialogue = dialogue
        self._piece = piece.encode()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.url = os.ttyname(self._slave)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> PtyConsole:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._stop_write)
        self._thread.join(10)
        os.close(self._stop_read)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self._master, self._stop_read], [], [])
                if self._master not in ready:
                    return
                data = os.read(self._master, 4096)
                if self.dialogue is not None:
                    self._say(self.dialogue.feed(data))
        except (HangUp, OSError):
            pass
        finally:
            os.close(self._slave)
            os.close(self._master)

    def _say(self, data: bytes) -> None:
        if not self._piece:
            os.write(self._master, data)
            return
        for piece in re.findall(self._piece, data, re.DOTALL):
            os.write(self._master, piece)
            select.select([self._stop_read], [], [], MOMENT)


class TcpConsole:
    """A terminal server: a dialogue behind TCP. ``greeting`` comes at once; if ``full``, that is all."""

    def __init__(self, dialogue: Dialogue, greeting: bytes = b"", full: bool = False) -> None:
        self.dialogue, self._greeting, self._full = dialogue, greeting, full
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> TcpConsole:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        try:
            line.sendall(self._greeting)
            while not self._full and (data := line.recv(4096)):
                line.sendall(self.dialogue.feed(data))
        except (HangUp, OSError):
            pass


class _Shell(asyncssh.SSHServerSession[bytes]):
    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, *_: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._write(f"{self._dialogue.banner}{self._dialogue.prompt()}".replace("\n", "\r\n").encode())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        assert self._channel is not None
        try:
            self._write(self._dialogue.feed(data))
        except HangUp:
            self._channel.get_connection().abort()
        if self._dialogue.state == "return":
            self._channel.exit(0)

    def _write(self, data: bytes) -> None:
        assert self._channel is not None
        self._channel.write(data)


class _Login(asyncssh.SSHServer):
    def __init__(self, dialogue: Callable[[], Dialogue], keys: list[asyncssh.SSHKey]) -> None:
        self._dialogue, self._keys = dialogue, {key.export_public_key() for key in keys}

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USERNAME, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USERNAME and key.export_public_key() in self._keys

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Shell(self._dialogue())


class SshServer:
    """A dialogue behind SSH, already logged in; a new one for each connection."""

    def __init__(self, make: Callable[[], Dialogue], keys: list[asyncssh.SSHKey] | None = None) -> None:
        self._make, self._keys = make, keys or []
        self.dialogues: list[Dialogue] = []
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SshServer:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _dialogue(self) -> Dialogue:
        dialogue = self._make()
        dialogue.state, dialogue.logged_in = "exec", True
        self.dialogues.append(dialogue)
        return dialogue

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        acceptor = self._loop.run_until_complete(self._listen())
        self.port = acceptor.get_port()
        self._started.set()
        self._loop.run_forever()
        acceptor.close()
        self._loop.run_until_complete(acceptor.wait_closed())
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            self._loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        self._loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Login(self._dialogue, self._keys),
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            encoding=None,
            line_editor=False,
        )
