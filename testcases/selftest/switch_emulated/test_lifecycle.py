"""Start, login, hang-up, reload, kill, start again, stop; and a bad command line."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from netmiko import NetmikoAuthenticationException

from testcases.selftest.host import ip, wait_until
from testcases.selftest.switch_emulated.bench import (
    ConsoleOperator,
    RunningSwitch,
    carrier,
    namespaces,
    wire,
)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """A namespace with an interface s1, one with its far end f1, and a directory."""
    with namespaces("life", "far") as (namespace, far):
        wire(namespace, "s1", far, "f1")
        yield namespace, far, tmp_path_factory.mktemp("sw")


@pytest.fixture
def switch(kept: RunningSwitch) -> RunningSwitch:
    """A switch that runs."""
    if kept.process.poll() is not None:
        kept.start()
    return kept


@pytest.fixture(scope="module")
def kept(places: tuple[str, str, Path]) -> Iterator[RunningSwitch]:
    """The switch of the module, which a test may stop or kill."""
    namespace, _, directory = places
    switch = RunningSwitch(namespace, directory / "s", {1: "s1"}, "--boot-time", "0.5", "--reuse-credentials")
    yield switch
    if switch.process.poll() is None:
        switch.stop()


@needs_root
def test_secrets_are_private(switch: RunningSwitch) -> None:
    for name in ("switch.json", "credentials.json", "client_key"):
        assert stat.S_IMODE((switch.directory / name).stat().st_mode) == 0o600


@needs_root
def test_wrong_password_over_ssh(switch: RunningSwitch) -> None:
    with pytest.raises(NetmikoAuthenticationException):
        switch.ssh(password="wrong")


@needs_root
def test_login_with_the_key_and_one_command(switch: RunningSwitch) -> None:
    facts = switch.facts

    async def run() -> asyncssh.SSHCompletedProcess:
        async with asyncssh.connect(
            facts["ssh"]["host"],
            facts["ssh"]["port"],
            username=facts["username"],
            client_keys=[facts["key_file"]],
            known_hosts=facts["known_hosts"],
        ) as connection:
            return await connection.run("show version")

    done = asyncio.run(run())
    assert "uptime is" in str(done.stdout)


@needs_root
def test_wrong_password_on_the_console(switch: RunningSwitch) -> None:
    console = ConsoleOperator(switch)
    console.enter("", "Username: ")
    for attempt in range(3):
        console.enter(switch.facts["username"], "Password: ")
        console.enter("wrong", "Username: " if attempt < 2 else "RETURN to get started.\r\n\r\n")
    console.close()


@needs_root
def test_a_hang_up_logs_the_console_out(switch: RunningSwitch) -> None:
    console = ConsoleOperator(switch)
    console.login()
    console.enter("configure terminal", r"\(config\)#")
    console.type("interface gi1/0/1\rshut")
    console.wait("shut")
    console.close()

    def asked_who_it_is() -> bool:
        # As on a real line, a client that comes before the hang-up was noticed is not noticed.
        console = ConsoleOperator(switch)
        answer = console.enter("\x15", "(: |[#>])")
        console.close()
        return answer.endswith("Username: ")

    wait_until(asked_who_it_is, "the next client is asked who it is")
    connection = switch.ssh()
    assert "shutdown" not in connection.send_command("show running-config")
    connection.disconnect()


@needs_root
def test_reload_brings_back_the_startup_configuration(
    switch: RunningSwitch, places: tuple[str, str, Path]
) -> None:
    _, far, _ = places
    console = ConsoleOperator(switch)
    console.login()
    for line in ("conf t", "hostname saved", "int gi1/0/1", "description kept", "end", "write memory"):
        console.enter(line, "#")
    for line in ("conf t", "vlan 100", "name ofnobody", "end"):  # kept beside the configuration
        console.enter(line, "#")
    for line in ("conf t", "hostname lost", "int gi1/0/1", "description lost", "end"):
        console.enter(line, "#")
    connection = switch.ssh()
    connection.write_channel("reload\n")
    connection.read_until_pattern(r"Save\? \[yes/no\]: ")
    connection.write_channel("no\n")
    connection.read_until_pattern(r"\[confirm\]")
    connection.write_channel("\n")
    wait_until(lambda: not carrier(far, "f1"), "the far end loses carrier")
    console.wait("saved con0 is now available\r\n\r\n\r\nPress RETURN to get started.\r\n\r\n")
    assert not connection.is_alive()
    connection.disconnect()
    assert carrier(far, "f1")
    console.login()
    text = console.enter("show running-config interface gi1/0/1", "#")
    assert "description kept" in text
    assert "by reload" in console.enter("show version", "saved#")
    assert "ofnobody" in console.enter("show vlan brief", "saved#")
    logged = console.enter("show logging", "saved#")
    assert "SYS-5-RESTART" in logged and "SYS-5-RELOAD" not in logged
    console.close()


@needs_root
def test_killed_and_started_again(switch: RunningSwitch) -> None:
    before = switch.facts
    switch.stop(signal.SIGKILL)
    wait_until(lambda: not switch.alive(), "the kernel ends the daemons with their parent")
    assert (switch.directory / "switch.json").exists()
    switch.start()
    assert switch.facts["password"] == before["password"]
    connection = switch.ssh()
    rows = connection.send_command("show interfaces status", use_textfsm=True)
    assert [row["status"] for row in rows] == ["connected"]
    connection.disconnect()


@needs_root
def test_started_over_one_that_still_runs(switch: RunningSwitch) -> None:
    old, before = switch.process, switch.processes
    switch.start()
    assert old.wait(10) == -signal.SIGKILL
    assert not set(before) & set(switch.processes)
    if old.stdout is not None:
        old.stdout.close()


@needs_root
def test_a_daemon_that_dies_ends_the_program(switch: RunningSwitch) -> None:
    os.kill(switch.processes[-1][0], signal.SIGKILL)
    assert switch.process.wait(10) == 1
    assert not switch.alive()


@needs_root
def test_a_stop_leaves_nothing(switch: RunningSwitch) -> None:
    assert switch.stop() == 0
    assert [path.name for path in switch.directory.iterdir()] == ["credentials.json"]
    assert not switch.alive()
    names = [line.split()[0].split("@")[0] for line in ip("-n", switch.namespace, "-br", "link").splitlines()]
    assert names == ["lo", "s1"]


PORT = ("--port", "gi1/0/1=s1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--port", "gi1/0/1"), "--port gi1/0/1: want NAME=INTERFACE"),
        (("--port", "po1=s1"), "--port po1=s1: want NAME=INTERFACE"),
        ((*PORT, "--port", "gi1/0/1=s2"), "--port gi1/0/1=s2: given twice"),
        ((*PORT, "--ssh-listen", "nowhere"), "--ssh-listen nowhere: want HOST:PORT"),
    ],
)
def test_a_bad_command_line(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    done = run_once(tmp_path, *options)
    assert done.returncode == 2
    assert message in done.stderr


@needs_root
@pytest.mark.parametrize(
    ("namespace", "options", "message"),
    [
        ("no-such-namespace", PORT, "--namespace no-such-namespace: "),
        (None, ("--port", "gi1/0/1=nothing"), "no such interface in namespace"),
        (None, (*PORT, "--ssh-listen", "192.0.2.1:22"), "--ssh-listen: "),
    ],
)
def test_what_is_not_there(
    places: tuple[str, str, Path],
    tmp_path: Path,
    namespace: str | None,
    options: tuple[str, ...],
    message: str,
) -> None:
    done = run_once(tmp_path / "d", *options, namespace=namespace or places[0])
    assert done.returncode == 1
    assert done.stderr.startswith("fixtures.switch: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list((tmp_path / "d").iterdir()) == []


@needs_root
def test_a_run_directory_with_too_long_a_path(places: tuple[str, str, Path], tmp_path: Path) -> None:
    done = run_once(tmp_path / ("x" * 90), *PORT, namespace=places[0])
    assert done.returncode == 1
    assert "too long for UNIX sockets" in done.stderr


@needs_root
def test_credentials_that_cannot_be_read(places: tuple[str, str, Path], tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{}")
    done = run_once(tmp_path, *PORT, "--reuse-credentials", namespace=places[0])
    assert done.returncode == 1
    assert "credentials.json: not a credentials file of this program" in done.stderr


def run_once(directory: Path, *options: str, namespace: str = "none") -> "subprocess.CompletedProcess[str]":
    """Runs the program to its end."""
    command = (
        sys.executable,
        "-m",
        "fixtures.switch",
        "--namespace",
        namespace,
        "--state-dir",
        str(directory),
    )
    return subprocess.run((*command, *options), capture_output=True, text=True, check=False, timeout=30)
