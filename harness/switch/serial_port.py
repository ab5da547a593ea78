"""Opening a serial console, so that nobody else holds it."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios
from pathlib import Path

import serial

from harness.lab.schema import Console
from harness.verdict import BenchError

_TIOCGEXCL = 0x80045440  # not in termios of Python 3.11
_WRITE_TIMEOUT = 5.0
_LOCK_FOLDER = Path("/var/lock")


def open_port(console: Console) -> serial.SerialBase:
    """The open port of a device, a pty or a URL (socket://, rfc2217://), held exclusively; reads never wait.

    Raises BenchError that says which program holds the port, or why it cannot be opened.
    """
    url = console.url
    device = None if "://" in url else Path(url).resolve()
    if device is not None and (holder := _lock_file_holder(device)):
        raise held(url, holder)
    try:
        port = serial.serial_for_url(
            url,
            baudrate=console.baudrate,
            timeout=0,
            write_timeout=_WRITE_TIMEOUT,
            exclusive=True,
            do_not_open=True,
        )
        if url.startswith("socket://"):  # opening would drop what a terminal server says at once
            setattr(port, "reset_input_buffer", lambda: None)  # noqa: B010
        port.open()
    except serial.SerialException as error:
        number = error.errno
        if number in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY):
            raise held(url, _holders(device)) from None
        raise BenchError(f"switch, console {url}: {_why(number, error)}") from None
    except ValueError as error:
        raise BenchError(
            f"switch, console {url}: not a device nor a URL that pyserial knows ({error})"
        ) from None
    if device is not None and _marked_exclusive(port) and (holders := _holders(device)):
        port.close()
        raise held(url, holders)
    return port


def held(url: str, holder: str) -> BenchError:
    """The error for a console that another program has."""
    by = f" by {holder}" if holder else ""
    return BenchError(f"switch, console {url}: held by another program{by}; end it, then run again")


def _why(number: int | None, error: serial.SerialException) -> str:
    if number == errno.ENOENT:
        return "no such device; is the adapter plugged in, and switch.console.url right?"
    if number == errno.EACCES:
        return "permission denied; run as root, or join the group that owns the device (dialout)"
    if number in (errno.EIO, errno.ENXIO, errno.ENODEV):
        return "the device is there, but its other end is not; is the switch (or the adapter) up?"
    return f"cannot be opened: {error}"


def _marked_exclusive(port: serial.SerialBase) -> bool:
    """Whether a program asked for the terminal alone (TIOCEXCL): root is let in all the same."""
    try:
        answer = fcntl.ioctl(port.fileno(), _TIOCGEXCL, struct.pack("i", 0))
    except (OSError, termios.error):
        return False
    return any(answer)


def _lock_file_holder(device: Path) -> str:
    """The living program of a UUCP lock file, which minicom, cu and picocom write."""
    try:
        pid = int((_LOCK_FOLDER / f"LCK..{device.name}").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return ""
    return _program(pid) if pid != os.getpid() else ""


def _holders(device: Path | None) -> str:
    """The programs other than this one that have a device open, as "screen (process 123)"."""
    if device is None:
        return ""
    found = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        pid = int(folder.parent.name)
        if pid == os.getpid():
            continue
        try:
            if any(entry.readlink() == device for entry in folder.iterdir()):
                found.append(_program(pid))
        except OSError:
            continue  # it has ended, or is not ours to look at
    return ", ".join(name for name in found if name)


def _program(pid: int) -> str:
    try:
        return f"{Path(f'/proc/{pid}/comm').read_text().strip()} (process {pid})"
    except OSError:
        return ""
