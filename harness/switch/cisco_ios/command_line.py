"""One way to the command line of an IOS switch: a session, and a new one where that is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from harness.switch.access import Access
from harness.switch.journal import Journal
from harness.switch.transcript import Transcript
from harness.verdict import BenchError

if TYPE_CHECKING:
    from harness.switch.cisco_ios.session import IosSession

T = TypeVar("T")

KNOCK = 1.0
"""Seconds between the first two tries to log in to a switch that reloads, ..."""

SELDOM = 10.0
"""... and between those later on: what does not come soon takes minutes."""


class CommandLine:
    """``path`` is "ssh" or "console". Connects at the first command, and again after a session broke, or the
    switch was reloaded by another way that has the same journal."""

    def __init__(self, access: Access, path: str, transcript: Path, journal: Journal | None) -> None:
        self.path = path
        self._access = access
        self._journal = journal
        self._transcript = Transcript(transcript, path, access.secrets)
        self._session: IosSession | None = None
        self._reloads = 0  # of the journal, when the session began
        self._until: float | None = None  # when the time of a switch that boots is over

    def show(self, command: str) -> str:
        """The answer to a command that changes nothing."""
        return self._with_session(lambda session: session.show(command))

    def close(self) -> None:
        """Log out; closing twice is harmless."""
        if self._session is not None:
            if self._out_of_date:
                self._session.abandon()
            self._session.close()
            self._session = None
        self._transcript.close()

    @property
    def _where(self) -> str:
        return self._session.address if self._session else f"switch, {self.path}"

    @property
    def _out_of_date(self) -> bool:
        """Whether the switch was reloaded since the session began: its other end is there no more."""
        journal, session = self._journal, self._session
        if journal is None or session is None:
            return False
        return self._reloads != journal.reloads or (journal.booting and not session.booting)

    def _with_session(self, action: Callable[[IosSession], T]) -> T:
        if self._session is not None and self._session.alive and self._out_of_date:
            self._transcript.note("the switch was reloaded meanwhile")
            self._session.abandon()
        if self._session is None or not self._session.alive:
            self._session = self._new_session()
            self._session.until = self._until
            if self._journal is not None:
                self._reloads, self._session.booting = self._journal.reloads, self._journal.booting
            self._session.open()
        return action(self._session)

    def _new_session(self) -> IosSession:
        # Here, and not at the start: netmiko is much to load, and most benches have no switch.
        from harness.switch.cisco_ios.console import ConsoleSession
        from harness.switch.cisco_ios.ssh import SshSession

        if self.path == "ssh" and self._access.ssh is not None:
            return SshSession(self._access.ssh, self._access, self._transcript)
        if self.path == "console" and self._access.console is not None:
            return ConsoleSession(self._access.console, self._access, self._transcript)
        raise BenchError(f"the lab file names no `{self.path}:` under `switch:`")

    def _come_back(self, journal: Journal, until: float, missing: Callable[[], str] = str) -> None:
        """Log in to a switch that reloads, before the monotonic moment ``until``.

        ``missing`` looks at it then, and says what shows that it has not reloaded yet; "" where it has.
        """
        last, pause, self._until = "", KNOCK, until
        try:
            while time.monotonic() < until:
                try:
                    self._with_session(lambda session: None)
                    last = missing()
                except BenchError as error:
                    last = f"the last try: {error}"
                if not last:
                    journal.booting = False
                    return
                time.sleep(max(0.0, min(pause, until - time.monotonic())))
                pause = min(1.5 * pause, SELDOM)
        finally:
            self._until = None
            if self._session is not None:
                self._session.until = None
        raise BenchError(
            f"the switch has not come back within {self._access.boot_time:g} s of its reload "
            f"(switch.boot_time); what the run had changed is in {journal.path}{f'; {last}' if last else ''}"
        )
