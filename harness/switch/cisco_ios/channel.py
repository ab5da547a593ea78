"""netmiko channels that notice a hang-up, keep the transcript, and give out clean text."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol

import serial
from netmiko.channel import Channel

from harness.switch.cisco_ios.lines import Cleaner
from harness.switch.transcript import Transcript

LONGEST_READ = 65536


class HangUp(Exception):
    """The other end is gone; the message says how it was noticed."""


class LineChannel(Channel):  # type: ignore[misc]  # netmiko has no types
    """A terminal line. ``page_key`` answers --More--: a blank for the next page, "q" to leave it."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.cleaner = Cleaner()
        self.page_key = " "
        self.secret = False  # what is sent next is not for the transcript

    def write_channel(self, out_data: str) -> None:
        """Send text. Raises HangUp."""
        self.transcript.sent("********" if self.secret else out_data)
        self._write(out_data.encode())

    def read_buffer(self) -> str:
        """What has come since the last read, clean; empty if nothing has. Raises HangUp."""
        raw = self._read().decode("utf-8", "replace")
        if raw:
            self.transcript.received(raw)
        clean = self.cleaner.feed(raw)
        if self.cleaner.paged:
            self.cleaner.paged = False
            self.write_channel(self.page_key)
        return clean

    def read_channel(self) -> str:
        """As `read_buffer`."""
        return self.read_buffer()

    @abstractmethod
    def _read(self) -> bytes:
        """What waits; empty when nothing does. HangUp where the other end is gone."""

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Send. HangUp where the other end is gone."""


class ShellChannel(Protocol):
    """What is used of paramiko.Channel."""

    closed: bool
    eof_received: int

    def recv_ready(self) -> bool: ...

    def recv(self, nbytes: int) -> bytes: ...

    def sendall(self, s: bytes) -> Any: ...


class SshLine(LineChannel):
    """A shell over SSH."""

    def __init__(self, shell: ShellChannel, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._shell = shell

    def _read(self) -> bytes:
        gone = self._shell.closed or self._shell.eof_received  # asked first: data may come before the end
        if self._shell.recv_ready():
            return self._shell.recv(LONGEST_READ)
        if gone:
            raise HangUp("the SSH session was closed by the switch")
        return b""

    def _write(self, data: bytes) -> None:
        try:
            self._shell.sendall(data)
        except TimeoutError:
            raise HangUp("the SSH session takes no more data") from None
        except OSError as error:
            raise HangUp(f"the SSH session was closed ({error})") from None


class SerialLine(LineChannel):
    """A serial console, or what pyserial makes of a URL."""

    def __init__(self, port: serial.SerialBase, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._port = port

    def _read(self) -> bytes:
        """What waits. Octet by octet: pyserial forgets what came before a hang-up in the same read."""
        read = bytearray()
        try:
            while len(read) < LONGEST_READ and (octet := self._port.read(1)):
                read += octet
            return bytes(read)
        except (serial.SerialException, OSError) as error:
            if read:
                return bytes(read)  # the next read hears of the hang-up
            raise HangUp(f"the console hung up, or another program reads from it ({error})") from None

    def _write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialTimeoutException:
            raise HangUp("the console takes no more data: is it held by flow control?") from None
        except (serial.SerialException, OSError) as error:
            raise HangUp(f"the console hung up ({error})") from None
