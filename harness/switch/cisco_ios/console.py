"""The switch's command line over its serial console."""

from __future__ import annotations

import re
import time

import serial

from harness.lab.schema import Console
from harness.switch.access import Access
from harness.switch.cisco_ios import answers
from harness.switch.cisco_ios.channel import SerialLine
from harness.switch.cisco_ios.session import BREAK, POLL, QUIET, IosSession
from harness.switch.serial_port import held, open_port
from harness.switch.transcript import Transcript
from harness.verdict import BenchError

_PROMPT = re.compile(r"(?:\A|\n)(?P<prompt>[\w.\-/:@+]+(?P<mode>\([\w-]+\))?[#>]) *\Z")
_USERNAME = re.compile(r"(?i)(?:username|login): *\Z")
_PASSWORD = re.compile(r"(?i)password: *\Z")
_REFUSED = re.compile(
    r"(?i)% *(login invalid|bad passwords|bad secrets|authentication failed)|login incorrect"
)
_TAKEN = re.compile(r"(?i)port (?:is )?(?:already )?in use|connection refused by|device or resource busy")
_SETUP = {
    re.compile(r"(?i)initial configuration dialog\? +\[yes/no\]: *\Z"): "no",
    re.compile(r"(?i)terminate autoinstall\? +\[yes\]: *\Z"): "yes",
}
"""Questions of a switch without a configuration, and the answers that lead to its prompt."""

_LISTEN = 0.5
"""Seconds in which a terminal server may say that its port is taken, before Return is pressed first."""
_KNOCK = 2.0
"""Seconds of silence after which Return is pressed again."""

_LONGEST = 5
"""What a login may take in all, in times of what an answer may: a console may talk without end."""


class ConsoleSession(IosSession):
    """A session on the console; see `IosSession`. It takes the console in whatever state it was left."""

    outlives_reload = True

    def __init__(self, console: Console, access: Access, transcript: Transcript) -> None:
        super().__init__(access, f"switch, console {console.url}", transcript, "console")
        self._console = console
        self._port: serial.SerialBase | None = None

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """Open the console and log in."""
        self._port = open_port(self._console)
        self.remote_conn = self._port
        self.channel = SerialLine(self._port, self.transcript)
        self.transcript.note(f"opened {self._console.url}")
        _Login(self).run()

    def access_end(self) -> None:
        """Close the port."""
        self.remote_conn = None
        if self._port is not None:
            self._port.close()
            self._port = None

    @property
    def baudrate(self) -> int:
        """Of the lab file, for messages."""
        return self._console.baudrate


class _Login:
    """From whatever the console shows to a prompt outside configuration mode, in bounded time.

    What stands at the end is answered when nothing has come for a moment: a line in the middle of a banner
    may look like a prompt or a question. A prompt is one that comes again after Return. A question that
    somebody left open is never answered: Return could confirm it, as it could enter a line half typed.
    """

    def __init__(self, session: ConsoleSession) -> None:
        self._session = session
        self._text = ""
        self._heard = False
        self._named = False
        self._passwords = 0
        self._empty_answers = 0
        self._prompt = ""
        self._left: set[str] = set()

    def run(self) -> None:
        """Raises BenchError where the console is silent, taken, asks, or refuses the login."""
        session = self._session
        session.channel.page_key = "q"  # an answer that was left at --More-- is of no use
        begin = last = time.monotonic()
        knock, fresh = begin + _LISTEN, False
        longest = begin + _LISTEN + _LONGEST * session.access.timeout
        while (now := time.monotonic()) < min(last + _LISTEN + session.access.timeout, longest):
            if new := session.read_channel():
                self._heard = fresh = True
                self._text += new
                last, knock = now, now + _KNOCK
                if _TAKEN.search(self._text):
                    raise held(session.address.removeprefix("switch, console "), "")
            elif fresh and now > last + QUIET:
                fresh = False
                if self._step():
                    session.channel.page_key = " "
                    return
            elif now > knock:
                self._send(self._leaving + session.RETURN)
                knock = now + _KNOCK
            else:
                time.sleep(POLL)
        raise self._late()

    def _step(self) -> bool:
        """Answer what the console shows last; True at a prompt to work from."""
        text, session = self._text, self._session
        if _REFUSED.search(text) and self._passwords:
            raise self._refused()
        if found := _PROMPT.search(text):
            if found["mode"]:
                self._press("end")
                return False
            if found["prompt"] == self._prompt:
                return True
            self._prompt = found["prompt"]
            self._press("")
        elif _USERNAME.search(text):
            if self._passwords:
                raise self._refused()
            self._named = True
            self._press(session.access.username)
        elif _PASSWORD.search(text):
            self._password()
        elif answer := next((answer for known, answer in _SETUP.items() if known.search(text)), ""):
            self._press(answer)
        elif asked := answers.question(text):
            self._leave(asked)
        elif "Press RETURN to get started" in text:
            self._press("")
        return False

    def _leave(self, asked: str) -> None:
        """Leave a question that somebody left open. BenchError where it comes again: a person must answer."""
        if asked in self._left:
            raise self._error(
                f"it was left at a question, which is not answered: {asked[-100:]!r}; "
                "answer it there by hand, then run again"
            )
        self._left.add(asked)
        self._send(self._leaving)

    @property
    def _leaving(self) -> str:
        """What gets out of a question or a line; nothing where it may stop a boot loader for good."""
        return "" if self._session.booting else BREAK

    def _password(self) -> None:
        """Answer a question for a password.

        One that comes without a question for a name may be `enable`'s, left open: empty answers end that.
        """
        session = self._session
        if not self._named and self._empty_answers < 3:
            self._empty_answers += 1
            self._press("")
        elif self._passwords:
            raise self._refused()
        else:
            self._passwords += 1
            self._text = ""
            session.send_secret(session.access.password)

    def _press(self, answer: str) -> None:
        self._send(answer + self._session.RETURN)

    def _send(self, keys: str) -> None:
        self._text = ""
        self._session.write_channel(keys)

    def _refused(self) -> BenchError:
        access = self._session.access
        return self._error(
            f"user name or password refused (user {access.username}); they come from {access.where}, "
            f"{access.prefix}_USERNAME and {access.prefix}_PASSWORD set others"
        )

    def _late(self) -> BenchError:
        seconds = f"{self._session.access.timeout:g} s"
        if not self._heard:
            return self._error(
                f"silent: no answer to Return for {seconds}; is the switch on, the cable right, "
                f"and {self._session.baudrate} its baud rate?"
            )
        last = self._text.strip().splitlines()[-1:] or [""]
        return self._error(
            f"no prompt and no login for {seconds}; last came {last[0][-60:]!r} "
            f"(another baud rate than {self._session.baudrate} shows as nonsense)"
        )

    def _error(self, words: str) -> BenchError:
        self._session.transcript.note(words)
        return BenchError(f"{self._session.address}: {words}")
