"""A dialogue with an IOS command line: netmiko's session logic, strict about echoes, ends and refusals."""

from __future__ import annotations

import logging
import re
import secrets
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from netmiko.cisco.cisco_ios import CiscoIosBase
from netmiko.exceptions import NetmikoBaseException, ReadTimeout

from harness.switch.access import Access
from harness.switch.cisco_ios import answers
from harness.switch.cisco_ios.channel import HangUp, LineChannel
from harness.switch.cisco_ios.config import headings
from harness.switch.refusal import Refusal
from harness.switch.transcript import Transcript
from harness.verdict import BenchError

TRIES = 4
"""How often a show command is asked because a log message came in the middle of its answer."""

BREAK = "\x03"
"""Ctrl-C: out of a question, or of a line that is half typed, without an answer to it."""

POLL = 0.02
"""Seconds between two looks whether something has come."""

QUIET = 0.2
"""Seconds of silence after which what looks like a question is one, and not a piece of an answer."""


_STARTED = ("Press RETURN to get started", "%SYS-5-RESTART")
"""What a console shows when the switch has started; the first may be hidden by the messages of a start."""

logging.getLogger("paramiko").addHandler(
    logging.NullHandler()
)  # it logs tracebacks of what we report in words


class IosSession(CiscoIosBase):  # type: ignore[misc]  # netmiko has no types
    """A session in privileged mode. ``address`` names the way to the switch in messages.

    Every wait ends after ``access.timeout`` seconds. BenchError from any method means that the session is
    over, except a refusal of a command, which leaves it usable.
    """

    outlives_reload: ClassVar[bool]
    """Whether the line stays open in a reload, and shows when it is over."""

    channel: LineChannel
    remote_conn: Any  # paramiko's or pyserial's; None when the session is over
    until: float | None = None
    """The monotonic moment at which every wait ends, where there is one."""
    booting = False
    """Whether the switch may still be booting when the session is opened."""

    def __init__(
        self, access: Access, address: str, transcript: Transcript, host: str, port: int = 22
    ) -> None:
        self.access = access
        self.address = address
        self.transcript = transcript
        self._echo = ""
        super().__init__(
            device_type="cisco_ios",
            host=host,
            port=port,
            username=access.username,
            password=access.password,
            secret=access.enable,
            default_enter="\r",
            use_keys=access.key_file is not None,
            key_file=access.key_file,
            allow_agent=access.agent,
            conn_timeout=access.timeout,
            auth_timeout=access.timeout,
            banner_timeout=access.timeout,
            blocking_timeout=access.timeout,
            read_timeout_override=access.timeout,
            auto_connect=False,
        )

    def open(self) -> None:
        """Connect, log in, and reach privileged mode. Raises BenchError; nothing stays open then."""
        try:
            with self._speaking("log in"):
                self._open()
                self.enable()
        except BaseException:
            self.abandon()
            raise

    def within(self, seconds: float) -> float:
        """So many seconds, or those that are left: a moment at least."""
        return seconds if self.until is None else min(seconds, max(self.until - time.monotonic(), POLL))

    @abstractmethod
    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """Connect and log in; set ``self.channel``."""

    def run(self, command: str) -> str:
        """The answer to a command at the present prompt, without echo and prompt.

        Raises Refusal with the switch's words; or with its question, which is left without an answer.
        """
        with self._speaking(command):
            answer = answers.without_timestamp(self._answer(command))
        if words := answers.refusal(answer):
            raise self._refused(command, words, answers.not_understood(answer))
        return answer

    def show(self, command: str) -> str:
        """As `run`, for commands that change nothing: asked again when a log message came into the answer.

        What came with two answers one after the other, to the letter, is of the answer: a line in a banner.
        """
        cleaner = self.channel.cleaner
        came: set[str] = set()
        try:
            for _ in range(TRIES):
                begin = len(cleaner.messages)
                answer = self.run(command)
                before, came = came, set(cleaner.messages[begin:])
                cleaner.text |= before & came
                if not came:
                    break
            return answer
        finally:
            cleaner.text.clear()

    def configure(self, lines: list[str]) -> list[str]:
        """Enter lines in configuration mode; the answer to each. Leaves that mode also after a refusal.

        Raises Refusal for a line that is not understood, and for one about a section that is answered by a
        refusal, or entered with any words: what follows would be done elsewhere. Whether other lines are
        done is not known by what is said of them.
        """
        with self._speaking("configure terminal"):
            said = answers.without_timestamp(self._answer("configure terminal"))
            entered = self.check_config_mode()
        if not entered:
            raise self._refused("configure terminal", " ".join(said.split()) or "nothing was said")
        try:
            return [self._enter(line) for line in lines]
        finally:
            if self.alive:
                with self._speaking("end"):
                    self.exit_config_mode()

    def reload(self, boot_time: float) -> float:
        """`reload`, without a save. Returns when the switch has hung up, or has been silent for a time; on a
        console when it shows a start, or ``boot_time`` seconds are over.

        Gives the monotonic moment at which these seconds are over. The session is over then; whether the
        switch has restarted is not known. Raises Refusal, with the session in use, where it does not reload,
        or asks what is not known.
        """
        with self._speaking("reload"):
            self.write_channel(self.normalize_cmd("reload"))
            until = self._reload_dialogue(boot_time)
        self.transcript.note("the switch reloads")
        self.abandon()
        return until

    def _reload_dialogue(self, boot_time: float) -> float:
        """Answer what `reload` asks, until the session is over or the console shows the start."""
        text, until, begin = "", 0.0, len(self.channel.cleaner.messages)
        end = time.monotonic() + self.access.timeout
        while time.monotonic() < end:
            try:
                more = self._more()
            except HangUp:
                if until:
                    return until
                raise
            text += more
            said = [text, *self.channel.cleaner.messages[begin:]]
            if until and any(sign in one for sign in _STARTED for one in said):
                return until
            if more:
                continue
            asked = answers.question(text)
            if asked and (answers.to_reload(asked) or not until):  # what a boot loader says is not answered
                keys = self._reload_keys(asked)
                self.write_channel(keys)
                text, end = "", time.monotonic() + self.access.timeout
                if keys == self.RETURN:
                    until = time.monotonic() + boot_time
                    end = until if self.outlives_reload else min(end, until)
            elif re.search(rf"(?:\A|\n){self._prompt}\s*\Z", text):
                raise self._refused("reload", " ".join(text.split()))
        if not until:
            raise ReadTimeout
        return until

    def _reload_keys(self, asked: str) -> str:
        """The answer to a question of `reload`. Raises Refusal for one that is not known; it is left."""
        if keys := answers.to_reload(asked):
            return keys
        self.write_channel(BREAK)
        self.read_until_pattern(rf"{self._prompt}\s*\Z")
        raise self._refused("reload", f"it asks {asked!r}, which is not answered")

    def _enter(self, line: str) -> str:
        with self._speaking(line):
            said = self._answer(line)
        words = answers.refusal(said)
        enters = bool(headings(line))
        about_section = enters or bool(headings(re.sub(r"^(?:no|default)\s+", "", line)))
        if words and (about_section or answers.not_understood(said)):
            raise self._refused(line, words, answers.not_understood(said))
        if enters and said.strip() and not said.lstrip().startswith("%"):
            raise self._refused(line, " ".join(said.split()))
        return said

    def _refused(self, command: str, words: str, unknown: bool = False) -> Refusal:
        return Refusal(f"refused `{command}`: {words}", unknown, where=self.address)

    @property
    def alive(self) -> bool:
        """Whether the session can still be used."""
        return self.remote_conn is not None

    def close(self) -> None:
        """Log out and disconnect; a session that is over already is left alone."""
        if self.alive:
            self.disconnect()

    def abandon(self) -> None:
        """Disconnect without another word: the other end does not answer."""
        self.access_end()
        logging.getLogger("netmiko").removeFilter(self._secrets_filter)

    @abstractmethod
    def access_end(self) -> None:
        """Close what was opened; closing twice is harmless."""

    def paramiko_cleanup(self) -> None:
        """netmiko's hook at the end of `disconnect`."""
        self.access_end()

    def _answer(self, command: str) -> str:
        """What comes between a command's echo and the prompt after it.

        A line of an answer may look like the prompt. So what looks like it is followed by a comment, which is
        echoed where the switch reads the next command: behind the prompt that is one.
        """
        self.write_channel(self.normalize_cmd(command))
        self.read_until_pattern(re.escape(command.strip()))
        text = self._to_prompt(command)
        comment = f"!{secrets.token_hex(4)}"
        self.write_channel(self.normalize_cmd(comment))
        text += self.read_until_pattern(rf"(?:\A|\n|(?<=[#>]))\s*{_tolerant(comment)}")
        self.read_until_pattern(rf"{self._prompt}\s*\Z")
        answer = re.sub(rf"(?:\A|(?<=\n)){self._prompt}\s*{_tolerant(comment)}\Z", "", text)
        return answer.partition("\n")[2]  # after the rest of the echo

    def _to_prompt(self, command: str) -> str:
        """Read to what looks like the prompt. Raises Refusal at a question: it is left, not answered."""
        end = rf"(?:(?:\A|\n){self._prompt}\s*|{answers.QUESTION})\Z"
        while asked := answers.question(text := self.read_until_pattern(end)):
            more = self._more()
            if not more:
                self.write_channel(BREAK)
                self.read_until_pattern(rf"{self._prompt}\s*\Z")
                raise self._refused(command, f"it asks {asked!r}, which is not answered")
            self._read_buffer = text + more
        return text

    def _more(self) -> str:
        """What comes next; "" where there is silence."""
        deadline = time.monotonic() + QUIET
        while not (more := str(self.read_channel())) and time.monotonic() < deadline:
            time.sleep(POLL)
        return more

    @property
    def _prompt(self) -> str:
        """The prompt of any mode, as a pattern; a log message may have broken it too."""
        return rf"{_tolerant(self.base_prompt)}\s*[^\s#>]*\s*[#>]"

    @contextmanager
    def _speaking(self, command: str) -> Iterator[None]:
        """Turn what goes wrong on the line into a BenchError; the session is over then."""
        try:
            yield
        except HangUp as error:
            self._over(f"{error} during `{command}`")
        except ReadTimeout:
            self._over(f"no prompt within {self.access.timeout:g} s of `{command}`")
        except (NetmikoBaseException, ValueError, OSError, EOFError) as error:
            words = " ".join(str(error).split()) or type(error).__name__
            self._over(f"`{command}` failed: {words}")

    def _over(self, words: str) -> None:
        self.transcript.note(words)
        self.abandon()
        raise BenchError(f"{self.address}: {words}; the dialogue is in {self.transcript.path}") from None

    # What follows replaces parts of netmiko.

    def _try_session_preparation(self, force_data: bool = True) -> None:
        self.session_preparation()

    def read_channel(self) -> str:
        """As netmiko's. Raises HangUp where the time is over."""
        if self.until is not None and time.monotonic() > self.until:
            raise HangUp("its time was over")
        return str(super().read_channel())

    def write_channel(self, out_data: str) -> None:
        """Send text, and remember which echo is due."""
        self._echo = out_data.strip()
        super().write_channel(out_data)

    def read_until_pattern(
        self, pattern: str = "", read_timeout: float = 10.0, re_flags: int = 0, max_loops: int | None = None
    ) -> str:
        """As netmiko's; an echo is also found where a log message broke it into two lines."""
        if self._echo and pattern == re.escape(self._echo):
            pattern = _tolerant(self._echo)
        return str(super().read_until_pattern(pattern, read_timeout, re_flags))

    def read_until_prompt(
        self,
        read_timeout: float = 10.0,
        read_entire_line: bool = False,
        re_flags: int = 0,
        max_loops: int | None = None,
    ) -> str:
        """As netmiko's, to the end of the prompt: a slow line brings it in pieces."""
        return self.read_until_pattern(self._prompt, read_timeout, re_flags)

    def read_until_prompt_or_pattern(
        self,
        pattern: str = "",
        read_timeout: float = 10.0,
        read_entire_line: bool = False,
        re_flags: int = 0,
        max_loops: int | None = None,
    ) -> str:
        """As netmiko's, to the end of the prompt."""
        both = rf"(?:{self._prompt}|{pattern})" if pattern else self._prompt
        return self.read_until_pattern(both, read_timeout, re_flags)

    def enable_secret_handler(self, pattern: str, output: str, re_flags: int = re.IGNORECASE) -> str:
        """Answer `enable`'s question once. Raises BenchError when the answer is refused."""
        if not re.search(pattern, output, flags=re_flags):
            return ""
        prefix = self.access.prefix
        if not self.secret:
            self._leave_question()
            self._over(f"`enable` asks for a password: set {prefix}_ENABLE in the environment")
        self.send_secret(self.secret)
        answer = self.read_until_prompt_or_pattern(pattern=pattern, re_flags=re_flags)
        if re.search(r"assword|%", answer):
            if not re.search(rf"{self._prompt}\s*\Z", answer):
                self._leave_question()
            self._over(
                f"the password for `enable` is refused; it comes from {self.access.where} ({prefix}_ENABLE)"
            )
        return answer

    def send_secret(self, secret: str) -> None:
        """Send a password; the transcript does not show it."""
        self.channel.secret = True
        try:
            self.write_channel(secret + self.RETURN)
        finally:
            self.channel.secret = False

    def _leave_question(self) -> None:
        """Out of a question for a password: three empty answers end it."""
        for _ in range(3):
            answer = self.read_until_prompt_or_pattern(pattern="assword:") if _ else ""
            if re.search(rf"{self._prompt}\s*\Z", answer):
                return
            self.write_channel(self.RETURN)


def _tolerant(text: str) -> str:
    """A pattern for an echo or a prompt, in which white space may stand anywhere."""
    return r"\s*".join(re.escape(char) for char in text if not char.isspace())
