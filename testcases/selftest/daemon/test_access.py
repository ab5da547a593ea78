"""Who may use the control socket, and that no client of it keeps the others from it."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agr.control.rundir import namespace_identity
from testcases.selftest.daemon.lab import Lab, Namespace
from testcases.selftest.host import wait_until

GROUP = "users"
NOBODY = pwd.getpwnam("nobody")


def start(host: Namespace, *options: str) -> Namespace:
    subprocess.run(
        host.command(sys.executable, "-m", "agr.daemon", *options), env=host.environment(), check=True
    )
    return host


@pytest.fixture
def agrd(lab: Lab) -> Namespace:
    """A host whose agrd serves the group as well."""
    return start(lab.host(), "--group", GROUP)


def connect(host: Namespace) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(15)
    sock.connect(str(host.files.control))
    return sock


def request(host: Namespace, **words: str) -> bytes:
    with host.entered():
        return json.dumps({**words, "namespace": namespace_identity()}).encode() + b"\n"


def ask_as_nobody(host: Namespace, groups: list[int], **words: str) -> dict[str, Any]:
    """The answer to a request of a process without root's rights, or the number of an error."""
    line = request(host, **words)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups(groups)
        os.setgid(NOBODY.pw_gid)
        os.setuid(NOBODY.pw_uid)
        try:
            with connect(host) as sock:
                sock.sendall(line)
                said = sock.makefile("rb").readline()
        except OSError as error:
            said = json.dumps({"failed": error.errno}).encode()
        os.write(writing, said[:4096])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    answer: dict[str, Any] = json.loads(said)
    return answer


def mode(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o777


def test_the_group_reaches_the_socket_and_nobody_else(agrd: Namespace) -> None:
    group = grp.getgrnam(GROUP).gr_gid
    assert mode(agrd.files.path) == (0, group, 0o750)
    assert mode(agrd.files.control) == (0, group, 0o660)


def test_without_a_group_the_socket_is_roots(lab: Lab) -> None:
    with contextlib.suppress(KeyError):
        grp.getgrnam("agr")
        pytest.skip("this host has a group agr")
    host = start(lab.host())
    assert mode(host.files.path)[2] == 0o700
    assert mode(host.files.control)[2] == 0o600


def test_a_member_of_the_group_may_do_all(agrd: Namespace) -> None:
    groups = [grp.getgrnam(GROUP).gr_gid]
    assert ask_as_nobody(agrd, groups, do="create", aggregate="agr3") == {"result": None}
    assert list(ask_as_nobody(agrd, groups, do="status")["result"]["aggregates"]) == ["agr3"]


def test_others_are_refused_by_their_credentials(agrd: Namespace) -> None:
    """Also where the files' modes let them."""
    agrd.agrconfig("agr3", "create")
    assert "failed" in ask_as_nobody(agrd, [], do="status")
    agrd.files.path.chmod(0o755)
    agrd.files.control.chmod(0o666)
    for words in ({"do": "destroy", "aggregate": "agr3"}, {"do": "status"}):
        error = ask_as_nobody(agrd, [], **words)["error"]
        assert error["name"] == "EPERM"
        assert f"root and the group {GROUP}" in error["message"]
    assert list(agrd.status()["aggregates"]) == ["agr3"]


def test_a_group_that_is_not_there(host: Namespace) -> None:
    done = subprocess.run(
        host.command(sys.executable, "-m", "agr.daemon", "--group", "nosuchgroup"),
        env=host.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "there is no group nosuchgroup" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def connections(agrd: Namespace) -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    yield opened
    for sock in opened:
        sock.close()


def test_a_client_that_does_not_read_holds_nobody_up(
    agrd: Namespace, connections: list[socket.socket]
) -> None:
    agrd.agrconfig("agr3", "create")
    slow = connect(agrd)
    connections.append(slow)
    slow.setblocking(False)
    line = request(agrd, do="status")
    with contextlib.suppress(BlockingIOError):
        while True:
            slow.send(line)
    agrd.agrconfig("agr4", "create")
    wait_until(lambda: "was cut off" in agrd.log(), "the slow client is cut off", seconds=30)
    assert list(agrd.status()["aggregates"]) == ["agr3", "agr4"]


def test_a_line_that_is_too_long_ends_its_client(agrd: Namespace, connections: list[socket.socket]) -> None:
    client = connect(agrd)
    connections.append(client)
    with contextlib.suppress(ConnectionError):
        for _ in range(64):
            client.sendall(b"x" * 65536)
    with contextlib.suppress(ConnectionError):
        assert client.recv(1) == b""
    assert agrd.status()["aggregates"] == {}


def test_clients_that_say_nothing_leave_room(agrd: Namespace, connections: list[socket.socket]) -> None:
    """More than may be are sent away; who comes when others have gone is answered."""
    while len(connections) < 80:  # the queue of those that are not yet taken is shorter
        with contextlib.suppress(BlockingIOError):
            connections.append(connect(agrd))
    line = request(agrd, do="status")
    last = connections[-1]
    with contextlib.suppress(ConnectionError):
        last.sendall(line)
        said = last.makefile("rb").readline()
        assert not said or json.loads(said)["error"]["name"] == "EAGAIN"
    wait_until(lambda: agrd.log().count("was cut off") >= 80 - 64 - 1, "those who are too many are cut off")
    for sock in connections[:64]:
        sock.close()
    wait_until(lambda: agrd.try_agrconfig("--json").returncode == 0, "root is answered")
