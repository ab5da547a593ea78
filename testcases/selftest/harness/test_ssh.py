"""How a host is logged in to, as root and with sudo, and through another, and what is said if not."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.host.far_end import HEAD, STARTED, FarEnd, pack
from harness.host.location import Here
from harness.host.over_ssh import OverSsh
from harness.host.processor_wait import ProcessorWait
from harness.host.ssh import MODULES, PYTHON
from harness.lab.place import At
from harness.verdict import BenchBroken, BenchError
from testcases.selftest.elsewhere import ADDRESS, Pair, pair
from testcases.selftest.host import ip, wait_until
from testcases.selftest.openssh import OwnRoot, own_root, server

root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
NAME = f"agru-{os.getpid()}"
VERMIN = Path(sys.executable).with_name("vermin")
OWN = "198.51.100.7"
"""The address of the server with a root of its own."""

OLD = """\
#!{python}
import sys
sys.version_info, sys.version = (3, 8, 10), "3.8.10 (default)"
exec(sys.argv[2])
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(NAME, tmp_path_factory.mktemp("ssh"), [("re", "te")]) as made:
        yield made


@pytest.fixture(scope="module")
def own(both: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRoot]:
    ip("-n", both.host, "address", "add", f"{OWN}/24", "dev", "m-host")
    with own_root(both.host, OWN, tmp_path_factory.mktemp("own")) as made:
        yield made


def connected(both: Pair, at: dict[str, str | int]) -> OverSsh:
    return both.connect(lambda: OverSsh(At(**at), NAME))


def refused(both: Pair, at: dict[str, str | int]) -> str:
    """What is said of a host that takes us not."""
    with pytest.raises(BenchError) as said:
        connected(both, at).close()
    return str(said.value)


@root
def test_who_is_not_root_there_works_with_sudo(both: Pair, own: OwnRoot) -> None:
    made = connected(both, {**own.server.at, "ssh": f"tester@{OWN}"})
    assert made.run(["id", "-u"], {}, 20).output == "0\n"
    assert made.run(["sh", "-c", 'echo "$AGR_WORD"'], {"AGR_WORD": "yes"}, 20).output == "yes\n"
    capture = made.packets("re")
    assert capture.mac
    capture.close()
    made.close()
    wait_until(lambda: Here(both.host).processes() == servers(both, own), "only the servers")


def servers(both: Pair, own: OwnRoot) -> list[int]:
    return sorted([both.server.process.pid, own.server.process.pid])


@root
def test_sudo_that_asks_is_told(both: Pair, own: OwnRoot) -> None:
    said = refused(both, {**own.server.at, "ssh": f"stranger@{OWN}"})
    assert said.startswith(f"implementation.at: ssh stranger@{OWN}: sudo: a password is required; ")
    assert "needs sudo without a password" in said


@root
def test_nothing_is_left_there(both: Pair, own: OwnRoot) -> None:
    """But what sshd itself writes of whoever logs in."""
    key = ["-i", str(own.server.key_file), "-o", f"UserKnownHostsFile={own.server.known_hosts}"]
    inside = ["ip", "netns", "exec", both.tester]
    subprocess.run([*inside, "ssh", *key, f"root@{OWN}", "true"], check=True, timeout=60)
    before = own.files()
    made = connected(both, own.server.at)
    waits = ProcessorWait(made.watcher(), lambda: 0.0, 1.0)
    capture = made.packets("re")
    made.run(["true"], {}, 20)
    assert made.end_started() == []
    waits.stall(0.0, 1.0)
    assert own.files() == before  # while it is there, and
    waits.close()
    capture.close()
    made.close()
    assert own.files() == before


@root
def test_a_python_that_is_too_old_is_told(both: Pair, tmp_path: Path) -> None:
    program = tmp_path / "python3"
    program.write_text(OLD.format(python=sys.executable))
    program.chmod(0o755)
    ip("-n", both.host, "address", "add", "198.51.100.8/24", "dev", "m-host")
    with server(both.host, "198.51.100.8", tmp_path) as old:
        least = ".".join(map(str, PYTHON))
        assert refused(both, old.at).endswith(f": Python {least} or newer is needed there, it is 3.8.10")


@root
@pytest.mark.parametrize(
    ("programs", "user", "words"),
    [
        (["sh", "id"], "root", "there is no python3 there; 3.9 or newer is needed"),
        (["sh", "id", "python3"], "tester", "who logs in is not root there, and there is no sudo"),
    ],
)
def test_a_host_without_python_or_sudo_is_told(
    both: Pair, tmp_path: Path, programs: list[str], user: str, words: str
) -> None:
    (tmp_path / "bin").mkdir()
    for name in programs:
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    ip("-n", both.host, "address", "replace", "198.51.100.9/24", "dev", "m-host")
    with own_root(both.host, "198.51.100.9", tmp_path, str(tmp_path / "bin")) as bare:
        said = refused(both, {**bare.server.at, "ssh": f"{user}@198.51.100.9"})
        assert said == f"implementation.at: ssh {user}@198.51.100.9: {words}"


@root
def test_it_is_reached_through_another(both: Pair, tmp_path: Path) -> None:
    """The jump host has the only way to it, and each is known by its own key."""
    far = f"{NAME}-far"
    ip("netns", "add", far)
    try:
        ip("-n", both.host, "link", "add", "m-far", "up", "type", "veth", "peer", "far-end", "netns", far)
        ip("-n", far, "link", "set", "far-end", "up")
        ip("-n", far, "address", "add", "203.0.113.2/24", "dev", "far-end")
        ip("-n", both.host, "address", "add", "203.0.113.1/24", "dev", "m-far")
        with server(far, "203.0.113.2", tmp_path) as behind:
            known = tmp_path / "both"
            known.write_text(both.server.known_hosts.read_text() + behind.known_hosts.read_text())
            at = {**behind.at, "jump": f"root@{ADDRESS}", "known_hosts": str(known)}
            said = refused(both, at)
            assert (
                f"root@203.0.113.2: {ADDRESS}: Permission denied" in said
            )  # by the jump host: another's key
            with (
                (tmp_path / "client.pub").open() as key,
                both.server.key_file.with_suffix(".pub").open("a") as file,
            ):
                file.write(key.read())
            made = connected(both, at)
            there = made.run(["ip", "-br", "link", "show", "dev", "far-end"], {}, 20)
            assert there.code == 0
            made.close()
            known.write_text(both.server.known_hosts.read_text())
            assert f": 203.0.113.2: {known}: there is no key of 203.0.113.2; " in refused(both, at)
    finally:
        ip("netns", "delete", far)


@root
def test_a_host_with_another_key_than_is_known_is_told_by_its_line(both: Pair, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    kind, key, *_ = (tmp_path / "other.pub").read_text().split()
    known = tmp_path / "known_hosts"
    known.write_text(f"# hosts\n192.0.2.1 {kind} {key}\n{ADDRESS} {kind} {key}\n")
    said = refused(both, {**both.server.at, "known_hosts": str(known)})
    assert f"{known}:3: the key that {ADDRESS} shows is not this one" in said


@root
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"key_file": "/nowhere/key"}, "/nowhere/key: No such file or directory"),
        ({"known_hosts": "/nowhere/known"}, "/nowhere/known: No such file or directory"),
        ({"port": 2}, "no connection: Connection refused"),
        ({"ssh": f"nobody@{ADDRESS}"}, "Permission denied for user nobody"),
        ({"key_file": "{own}"}, "Permission denied for user root on host 198.51.100.1 (with "),
        ({"key_file": __file__}, f"{__file__}: "),
    ],
)
def test_why_nobody_is_let_in_is_told(
    both: Pair, own: OwnRoot, wrong: dict[str, str | int], words: str
) -> None:
    named = {
        name: value.format(own=own.server.key_file) if name == "key_file" else value
        for name, value in wrong.items()
    }
    assert f": {words}" in refused(both, {**both.server.at, **named})


@root
def test_what_a_login_shell_says_is_passed_over(both: Pair, tmp_path: Path) -> None:
    shell = tmp_path / "sh"
    shell.write_text('#!/bin/sh\necho "Welcome. No mail."\nexec /bin/sh "$@"\n')
    shell.chmod(0o755)
    ip("-n", both.host, "address", "add", "198.51.100.10/24", "dev", "m-host")
    with server(both.host, "198.51.100.10", tmp_path) as talking:  # its PATH begins with that folder
        made = connected(both, talking.at)
        assert made.run(["true"], {}, 20).code == 0
        made.close()


@root
def test_a_connection_that_says_nothing_any_more_is_lost(both: Pair) -> None:
    made = connected(both, both.server.at)
    stopped = [pid for session in both.sessions() for pid in (session, *children(session))]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(BenchBroken, match=r"no answer within|the connection is lost"):
            made.run(["true"], {}, 20)
        with pytest.raises(BenchBroken):
            made.run(["true"], {}, 20)
        made.close()
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_far_end_that_hears_nothing_ends() -> None:
    """Also where its machine does not notice that the connection is gone."""
    requests, ours = os.pipe()
    told, theirs = os.pipe()
    far_end = FarEnd(requests, theirs)
    serving = threading.Thread(target=far_end.serve, args=(0.2,))
    serving.start()
    os.write(ours, pack({"do": "clock", "number": 7}))
    os.write(
        ours,
        pack({"do": "run", "number": 8, "command": ["sleep", "1000"], "environment": {}, "seconds": 900}),
    )
    serving.join(60)
    assert not serving.is_alive()
    said = b""
    while select.select([told], [], [], 0)[0]:
        said += os.read(told, 4096)
    assert said.startswith(STARTED)
    long, _ = HEAD.unpack_from(said, len(STARTED))
    assert b'"number": 7' in said[len(STARTED) + HEAD.size :][:long]
    wait_until(lambda: not [one for one in threading.enumerate() if "_answer" in one.name], "its last answer")
    for end in (requests, ours, told, theirs):
        os.close(end)


@root
def test_the_least_python_will_do(both: Pair, tmp_path: Path) -> None:
    """Where this machine has it."""
    least = ".".join(map(str, PYTHON))
    own = sorted(Path.home().glob(f".pyenv/versions/{least}.*/bin/python"))
    program = str(own[0]) if own else shutil.which(f"python{least}")
    if program is None:
        pytest.skip(f"needs Python {least}")
    (tmp_path / "python3").symlink_to(program)
    ip("-n", both.host, "address", "add", "198.51.100.11/24", "dev", "m-host")
    with server(both.host, "198.51.100.11", tmp_path) as old:
        made = connected(both, old.at)
        version = made.run(["python3", "-c", "import sys; print(*sys.version_info[:2], sep='.')"], {}, 20)
        assert version.output == f"{least}\n"
        waits = ProcessorWait(made.watcher(), time.time, 1.0)
        capture = made.packets("re")
        capture.send(bytes.fromhex("0180c20000020200000000018809") + bytes(46))
        assert wait_until(capture.receive, "the frame")[2]
        assert made.medium("re") == Here(both.host).medium("re") and made.link_state("re").up
        waits.begin()
        assert made.end_started() == [] and capture.lost() == 0
        for each in (waits, capture, made):
            each.close()


def test_the_far_end_needs_no_more_than_the_python_that_is_stated() -> None:
    files = [find_spec(name).origin for name in MODULES]
    least = ".".join(map(str, PYTHON))
    words = ["--no-parse-comments", "--no-tips", f"--target={least}-", "--violations", *files]
    done = subprocess.run([VERMIN, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
