"""How a host is logged in to over SSH, what is started there, and what is said where that cannot be.

It is one program there (`harness.host.far_end`), started with ``python3 -c`` by the user that logs in, or
with ``sudo -n`` where that is not root.
"""

from __future__ import annotations

import os
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

import asyncssh

from harness.lab.place import At
from harness.verdict import BenchError

PYTHON = 3, 9
"""The least Python that a far end has."""

_SPELLED = ".".join(map(str, PYTHON))
_ALIVE = {"keepalive_interval": 3, "keepalive_count_max": 3}

MODULES = (
    "harness.net.two_clocks",
    "harness.net.nic_stamps",
    "harness.net.packet_socket",
    "harness.net.ethtool",
    "harness.host.schedstat",
    "harness.host.processes",
    "harness.host.probes",
    "harness.host.watch",
    "harness.host.far_sending",
    "harness.host.far_end",
)
"""What runs there, each after those that it imports."""

_STAND_IN = "class BenchError(Exception): pass\nclass BenchBroken(BenchError): pass\n"
_STARTER = """\
import sys, types
if sys.version_info < {least}:
    sys.exit("Python {spelled} or newer is needed there, it is " + sys.version.split()[0])
for name, source in {sources}:
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = []
    exec(compile(source, name, "exec"), module.__dict__)
sys.modules["harness.host.far_end"].main()
"""
_READER = """\
import io
file, text = io.FileIO(0, closefd=False), b""
octets = int(file.readline())
while len(text) < octets:
    text += file.read(octets - len(text)) or exit()
exec(text)
"""
_SHELL = """\
stop() {{ echo "$1" >&2; exit 1; }}
command -v python3 >/dev/null || stop 'there is no python3 there; {spelled} or newer is needed'
[ "$(id -u)" = 0 ] && exec python3 -c {reader}
command -v sudo >/dev/null || stop 'who logs in is not root there, and there is no sudo'
exec sudo -n python3 -c {reader}
"""


def program() -> bytes:
    """What the far end's Python is given to run."""
    sources = [("harness", ""), ("harness.verdict", _STAND_IN), ("harness.net", ""), ("harness.host", "")]
    for name in MODULES:
        package, _, module = name.rpartition(".")
        sources.append((name, (files(package) / f"{module}.py").read_text(encoding="utf-8")))
    return _STARTER.format(least=PYTHON, spelled=_SPELLED, sources=repr(sources)).encode()


def command() -> str:
    """What starts it, in whatever shell a user has there."""
    return f"sh -c {shlex.quote(_SHELL.format(spelled=_SPELLED, reader=shlex.quote(_READER)))}"


def last_words(text: str) -> str:
    """Why it ended, by what was said there; "" where nothing was."""
    lines = text.strip().splitlines()
    if not lines:
        return ""
    if lines[-1].startswith("sudo:") and "password" in lines[-1]:
        return f"{lines[-1]}; who logs in is not root there, and needs sudo without a password for python3"
    return lines[-1]


async def log_in(at: At) -> list[asyncssh.SSHClientConnection]:
    """The connection, and that to the jump host where one is named. BenchError where there is none."""
    jump = await _log_in(at, *_parts(at.jump), tunnel=None) if at.jump else None
    user, host, port = _parts(str(at.ssh))
    try:
        made = await _log_in(at, user, host, at.port or port, tunnel=jump)
    except BaseException:
        if jump is not None:
            jump.abort()
        raise
    return [made] if jump is None else [made, jump]


def _parts(place: str) -> tuple[str, str, int | None]:
    """User, host and port of [USER@]HOST[:PORT]; an IPv6 address with a port is in brackets."""
    user, _, host = place.rpartition("@")
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit() and (":" not in name or name.endswith("]")):
        return user, name.strip("[]"), int(port)
    return user, host.strip("[]"), None


async def _log_in(
    at: At, user: str, host: str, port: int | None, tunnel: asyncssh.SSHClientConnection | None
) -> asyncssh.SSHClientConnection:
    options: dict[str, Any] = {"port": port} if port is not None else {}
    options |= {"username": user} if user else {}
    options |= {"client_keys": [at.key_file]} if at.key_file else {}
    options |= {"known_hosts": at.known_hosts} if at.known_hosts else {}
    options |= {"tunnel": tunnel} if tunnel is not None else {}
    via = f"{host}: " if at.jump else ""
    try:
        return await asyncssh.connect(host, **options, **_ALIVE)
    except asyncssh.HostKeyNotVerifiable:
        raise BenchError(f"{via}{_unknown(at, host, port or 22)}") from None
    except asyncssh.PermissionDenied as error:
        keys = at.key_file or "the keys in ~/.ssh, and those of the agent"
        raise BenchError(f"{via}{error.reason} (with {keys})") from None
    except asyncssh.KeyImportError as error:
        raise BenchError(
            f"{at.key_file or '~/.ssh'}: {error}; one with a passphrase is given to an agent (ssh-add)"
        ) from None
    except OSError as error:
        raise BenchError(f"{via}{_words(error)}") from None
    except (asyncssh.Error, ValueError) as error:
        raise BenchError(f"{via}{error}") from None


def _words(error: OSError) -> str:
    """What the operating system says of a file, or of a way to a host."""
    if error.filename:
        return f"{error.filename}: {error.strerror}"
    if error.errno and error.errno > 0:
        return f"no connection: {os.strerror(error.errno)}"
    return error.strerror or str(error)  # as of a name that is nowhere


def _unknown(at: At, host: str, port: int) -> str:
    """What is to be done about a host that is not the one that is known."""
    path = Path(at.known_hosts).expanduser() if at.known_hosts else Path.home() / ".ssh" / "known_hosts"
    compare = "compare its fingerprint (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there), then"
    try:
        lines = path.read_text().splitlines()
    except OSError:
        lines = []
    for number, line in enumerate(lines, start=1):
        try:
            found = asyncssh.import_known_hosts(line).match(host, host, port)
        except ValueError:
            continue
        if any(found[:2]):  # keys, and keys of who certifies
            words = f"the key that {host} shows is not this one; was it set up anew?"
            return f"{path}:{number}: {words} {compare[0].upper()}{compare[1:]} replace the line"
    scan = f"ssh-keyscan {host}" if port == 22 else f"ssh-keyscan -p {port} {host}"
    return f"{path}: there is no key of {host}; {compare} `{scan} >>{path}`"
