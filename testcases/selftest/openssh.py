"""OpenSSH's own server in a network namespace, unpacked by fixtures/install.sh and run by nobody else.

It is on this machine (`server`), or on one with a root of its own, where what is left is seen (`own_root`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from testcases.selftest.host import wait_until
from testcases.selftest.relay import Relay

UNPACKED = Path(__file__).parents[2] / ".venv" / "openssh"
STARTED = 20.0
"""Seconds in which it takes connections."""

USERS = {"root": 0, "sshd": 65533, "tester": 65532, "stranger": 65531}
"""Who there is, and the number of each."""

_CONFIG = """\
Port 22
ListenAddress {address}
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
SetEnv PATH={path}
"""

_OTHER_CLOCK = """\
#!{python}
import sys, time
true = time.monotonic_ns
begun = true()
time.monotonic_ns = lambda: true() + {ahead} + (true() - begun) * {drift} // 1_000_000
assert sys.argv[1] == "-c"
exec(sys.argv[2])
"""


class Server(NamedTuple):
    """One that runs: what a lab file says of it, and its process."""

    address: str
    key_file: Path
    known_hosts: Path
    process: subprocess.Popen[bytes]

    @property
    def at(self) -> dict[str, str | int]:
        """`implementation.at` of a lab file."""
        return {
            "ssh": f"root@{self.address}",
            "key_file": str(self.key_file),
            "known_hosts": str(self.known_hosts),
        }

    def behind(self, relay: Relay) -> dict[str, str | int]:
        """The same for who reaches it through a relay."""
        _, key = self.known_hosts.read_text().split(maxsplit=1)
        known = self.known_hosts.with_name("known_hosts.relay")
        known.write_text(f"[127.0.0.1]:{relay.port} {key}")
        return {**self.at, "ssh": "root@127.0.0.1", "port": relay.port, "known_hosts": str(known)}


class OtherClock(NamedTuple):
    """A clock that is ``ahead`` of this machine's, in seconds, and gains ``drift`` microseconds a second."""

    ahead: int
    drift: int

    def install(self, folder: Path) -> None:
        """Write a python3 that tells the time by it."""
        words = {"python": sys.executable, "ahead": self.ahead * 1_000_000_000, "drift": self.drift}
        program = folder / "python3"
        program.write_text(_OTHER_CLOCK.format(**words))
        program.chmod(0o755)


_OWN_ROOT = """\
set -e
cd {folder}
mkdir changes root
mount -t tmpfs changes changes
mkdir changes/upper changes/work
cp -r {unpacked} changes/openssh
mount -t overlay root -o lowerdir=/:changes/openssh,upperdir=changes/upper,workdir=changes/work root
for place in proc sys dev; do mount --rbind /$place root/$place; done
mkdir -p root/run/sshd root/etc/sudoers.d
cp passwd shadow root/etc
chown -R 0:0 root/etc/sudoers root/etc/sudoers.d root/etc/sudo.conf root/usr/bin/sudo root/usr/libexec/sudo
chmod 4755 root/usr/bin/sudo
echo 'tester ALL=(root) NOPASSWD: ALL' >root/etc/sudoers.d/tester
place=$PWD
while [ $place != / ]; do chmod a+rx root$place; place=$(dirname $place); done
exec chroot root /usr/sbin/sshd -D -e -f $PWD/config
"""


class OwnRoot(NamedTuple):
    """A server on a machine of its own, by its looks."""

    server: Server
    folder: Path

    def files(self) -> set[str]:
        """What has been written there, by its path."""
        changes = ["find", str(self.folder / "changes" / "upper"), "-not", "-type", "d"]
        inside = ["nsenter", "--mount", "-t", str(self.server.process.pid)]
        found = subprocess.run([*inside, *changes], check=True, capture_output=True, text=True).stdout
        return set(found.splitlines())


@contextmanager
def server(namespace: str, address: str, folder: Path, clock: OtherClock | None = None) -> Iterator[Server]:
    """Run it at an address that the namespace has, for root by a key; gone, with its connections, afterwards.

    The user `sshd` that it wants is one of its own mount namespace alone. With ``clock`` python3 there, which
    reports all times of a host, goes by that.
    """
    if clock is not None:
        clock.install(folder)
    start = (
        f"mkdir -p /run/sshd && mount --bind {folder}/passwd /etc/passwd && "
        f"mount --bind {folder}/shadow /etc/shadow && exec {UNPACKED}/usr/sbin/sshd -D -e -f {folder}/config"
    )
    path = f"{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with _started(namespace, address, folder, start, path) as made:
        yield made


@contextmanager
def own_root(
    namespace: str, address: str, folder: Path, path: str = "/usr/bin:/usr/sbin"
) -> Iterator[OwnRoot]:
    """The same with sudo, on a machine whose file system is this one's until something is written to it.

    ``path`` is the PATH of who logs in: root, `tester`, whom sudo asks nothing, or `stranger`, who is nobody.
    """
    start = _OWN_ROOT.format(folder=folder, unpacked=UNPACKED)
    with _started(namespace, address, folder, start, path) as made:
        yield OwnRoot(made, folder)


@contextmanager
def _started(namespace: str, address: str, folder: Path, start: str, path: str) -> Iterator[Server]:
    """Run what a shell is to start, with keys, users and a configuration in the folder."""
    assert (UNPACKED / "usr/sbin/sshd").exists(), "there is no OpenSSH server: run fixtures/install.sh"
    for name in ("host", "client"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(key, check=True, timeout=STARTED)
    (folder / "config").write_text(_CONFIG.format(address=address, folder=folder, path=path))
    users = [f"{name}:*:{number}:65534::/root:/bin/sh" for name, number in USERS.items()]
    (folder / "passwd").write_text("\n".join(users) + "\n")
    (folder / "shadow").write_text("".join(f"{name}:*:1::::::\n" for name in USERS))
    kind, key, *_ = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"{address} {kind} {key}\n")
    libraries = os.pathsep.join(str(path) for path in UNPACKED.glob("usr/lib/*-linux-gnu"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, "sh", "-c", start],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
        )
    try:
        log_file = folder / "log"
        wait_until(lambda: "listening" in log_file.read_text() or process.poll() is not None, "an SSH server")
        assert process.poll() is None, log_file.read_text()
        yield Server(address, folder / "client", folder / "known_hosts", process)
    finally:
        process.terminate()
        process.wait(STARTED)
