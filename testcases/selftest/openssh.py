"""OpenSSH's own server in a network namespace, unpacked by fixtures/install.sh and run by nobody else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from testcases.selftest.host import wait_until

UNPACKED = Path(__file__).parents[2] / ".venv" / "openssh"
STARTED = 20.0
"""Seconds in which it takes connections."""

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
"""


class Server(NamedTuple):
    """One that runs: what a lab file says of it, and its process."""

    address: str
    key_file: Path
    known_hosts: Path
    process: subprocess.Popen[bytes]

    @property
    def at(self) -> dict[str, str]:
        """`implementation.at` of a lab file."""
        return {
            "ssh": f"root@{self.address}",
            "key_file": str(self.key_file),
            "known_hosts": str(self.known_hosts),
        }


@contextmanager
def server(namespace: str, address: str, folder: Path) -> Iterator[Server]:
    """Run it at an address that the namespace has, for root by a key; gone, with its connections, afterwards.

    The user `sshd` that it wants is one of its own mount namespace alone.
    """
    sshd = UNPACKED / "usr" / "sbin" / "sshd"
    program = str(sshd) if sshd.exists() else shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "there is no OpenSSH server: run fixtures/install.sh"
    for name in ("host", "client"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(key, check=True, timeout=STARTED)
    (folder / "config").write_text(_CONFIG.format(address=address, folder=folder))
    (folder / "passwd").write_text(
        "root:*:0:0:root:/root:/bin/sh\nsshd:*:65533:65534::/nonexistent:/usr/sbin/nologin\n"
    )
    (folder / "shadow").write_text("root:*:1::::::\nsshd:*:1::::::\n")
    kind, key, *_ = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"{address} {kind} {key}\n")
    start = (
        f"mkdir -p /run/sshd && mount --bind {folder}/passwd /etc/passwd && "
        f"mount --bind {folder}/shadow /etc/shadow && exec {program} -D -e -f {folder}/config"
    )
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
