"""Lab sections and switches for the tests of the driver, the emulated one among them."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.lab.schema import CommandLineSwitch
from harness.switch import Journal, open_switch
from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.host import ip
from testcases.selftest.switch_driver.fake_ios import ENABLE, PASSWORD, USERNAME

PREFIX = "AGR_DRIVER_TEST"
READY_TIME = 30.0


def set_credentials(
    patch: pytest.MonkeyPatch, username: str = USERNAME, password: str = PASSWORD, enable: str = ENABLE
) -> None:
    """Credentials where an engineer puts them: in the environment. An empty one is not set."""
    for name, value in (("USERNAME", username), ("PASSWORD", password), ("ENABLE", enable)):
        if value:
            patch.setenv(f"{PREFIX}_{name}", value)
        else:
            patch.delenv(f"{PREFIX}_{name}", raising=False)


def section(**keys: Any) -> CommandLineSwitch:
    """The `switch:` section of a lab file; 5 s for each answer unless `timeout` is given."""
    credentials = {"environment": PREFIX} | keys.pop("credentials", {})
    return CommandLineSwitch.model_validate(
        {"driver": "cisco_ios", "timeout": 5.0, "credentials": credentials, **keys}
    )


def on_console(url: str, folder: Path, timeout: float = 5.0) -> CiscoIos:
    """The switch on a console."""
    where = section(timeout=timeout, console={"url": url})
    return CiscoIos.open(where, "console", folder / "console.transcript", Journal(folder / "journal"))


def on_ssh(port: int, folder: Path, timeout: float = 5.0, host: str = "127.0.0.1", **more: Any) -> CiscoIos:
    """The switch on SSH."""
    credentials = more.pop("credentials", {})
    where = section(timeout=timeout, ssh={"host": host, "port": port, **more}, credentials=credentials)
    return CiscoIos.open(where, "ssh", folder / "ssh.transcript", Journal(folder / "journal"))


@contextlib.contextmanager
def closing(switch: CiscoIos) -> Iterator[CiscoIos]:
    """Close a switch at the end."""
    try:
        yield switch
    finally:
        switch.close()


@contextlib.contextmanager
def emulated(state: Path, ports: Sequence[str], *options: str) -> Iterator[Path]:
    """A running emulated switch, with a state directory; its ports' other ends are e1, e2 ... beside them."""
    namespace = f"agrd-{os.getpid()}-{state.name}"
    ip("netns", "add", namespace)
    try:
        command = [sys.executable, "-m", "fixtures.switch", "--namespace", namespace]
        command += ["--state-dir", str(state), *options]
        for number, port in enumerate(ports, start=1):
            ip("-n", namespace, "link", "add", f"sp{number}", "type", "veth", "peer", "name", f"e{number}")
            ip("-n", namespace, "link", "set", f"e{number}", "up")
            command += ["--port", f"{port}=sp{number}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        try:
            ready, _, _ = select.select([process.stdout], [], [], READY_TIME)
            said = process.stdout.readline() if ready else "nothing"
            assert said == "ready\n", said
            yield state
        finally:
            process.terminate()
            process.communicate(timeout=30)
    finally:
        ip("netns", "del", namespace)


def where(state: Path, environment: str = PREFIX) -> CommandLineSwitch:
    """The `switch:` section for a running emulated switch."""
    return section(**{"from": str(state / "switch.json"), "credentials": {"environment": environment}})


@contextlib.contextmanager
def opened(state: Path, path: str, journal: Journal | None = None) -> Iterator[CiscoIos]:
    """A running emulated switch by one of its ways."""
    with closing(open_switch(where(state), path, state / f"{path}.transcript", journal)) as switch:
        yield switch
