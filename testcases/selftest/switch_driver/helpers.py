"""Lab sections and switches for the tests of the driver."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.lab.schema import CommandLineSwitch
from harness.switch import Journal
from harness.switch.cisco_ios.switch import CiscoIos
from testcases.selftest.switch_driver.fake_ios import ENABLE, PASSWORD, USERNAME

PREFIX = "AGR_DRIVER_TEST"


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
