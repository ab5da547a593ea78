"""How to get at the switch: the lab file, the file it points at, and the environment, put together."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, ValidationError

from harness.lab.fields import short_form
from harness.lab.schema import CommandLineSwitch, Console, Ssh
from harness.lab.section import Section
from harness.lab.source import Problem, Source
from harness.verdict import BenchError

Way = Literal["ssh", "console"]


class _Handover(Section):
    """The file that ``switch.from`` names: written by whatever started the switch."""

    model_config = ConfigDict(extra="ignore")

    ssh: Ssh | None = None
    console: Annotated[Console | None, BeforeValidator(short_form("url"))] = None
    known_hosts: str | None = None
    username: str | None = None
    password: str | None = None
    enable: str | None = None


@dataclass(frozen=True)
class Access:
    """Everything a session needs.

    ``timeout``: seconds that an answer of the switch may take; ``boot_time``: seconds from a reload until one
    can log in again, at most. ``where`` and ``prefix`` say in messages where
    the credentials came from, and which variables of the environment set others.
    """

    ssh: Ssh | None
    console: Console | None
    username: str
    password: str
    enable: str
    key_file: str | None
    agent: bool
    timeout: float
    boot_time: float
    where: str
    prefix: str

    @property
    def paths(self) -> list[Way]:
        """The ways there are: "ssh", "console"."""
        ways: list[Way] = []
        if self.ssh is not None:
            ways.append("ssh")
        if self.console is not None:
            ways.append("console")
        return ways

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no file and no message may show."""
        return tuple(secret for secret in (self.password, self.enable) if secret)


def find_access(section: CommandLineSwitch, environment: Mapping[str, str] | None = None) -> Access:
    """Put together the access to a switch; lab file and environment win over the file that ``from`` names.

    Raises BenchError where that file cannot be read, or where no user name, or no way to log in, is found.
    """
    environment = os.environ if environment is None else environment
    handover = _read(Path(section.from_)) if section.from_ else _Handover()
    credentials, prefix = section.credentials, section.credentials.environment
    username = environment.get(f"{prefix}_USERNAME") or handover.username
    password = environment.get(f"{prefix}_PASSWORD") or handover.password
    enable = environment.get(f"{prefix}_ENABLE") or handover.enable or ""
    if username is None:
        raise BenchError(f"no user name for the switch: set {prefix}_USERNAME in the environment")
    if password is None and not credentials.key_file and not credentials.agent:
        raise BenchError(
            f"no password for the switch: set {prefix}_PASSWORD in the environment, or give "
            "switch.credentials a key_file or `agent: true`"
        )
    return Access(
        ssh=section.ssh or _with_host_key(handover),
        console=section.console or handover.console,
        username=username,
        password=password or "",
        enable=enable,
        key_file=credentials.key_file,
        agent=credentials.agent,
        timeout=section.timeout,
        boot_time=section.boot_time,
        where=section.from_ if section.from_ and handover.password == password else "the environment",
        prefix=prefix,
    )


def _with_host_key(handover: _Handover) -> Ssh | None:
    """The SSH server, with the key that its own known_hosts file has."""
    if handover.ssh is None or handover.known_hosts is None or handover.ssh.host_key is not None:
        return handover.ssh
    try:
        _, kind, key = Path(handover.known_hosts).read_text(encoding="utf-8").split()[:3]
    except (OSError, ValueError):
        raise BenchError(f"{handover.known_hosts}: is no known_hosts file (switch.from names it)") from None
    return handover.ssh.model_copy(update={"host_key": f"{kind} {key}"})


def _read(path: Path) -> _Handover:
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file (switch.from); is the switch started?") from None
    except (OSError, ValueError) as error:
        raise BenchError(f"{path}: cannot be read (switch.from): {error}") from None
    try:
        return _Handover.model_validate(data)
    except ValidationError as error:
        problems = [Problem(tuple(detail["loc"]), detail["msg"]) for detail in error.errors()]
        raise BenchError(Source(str(path)).report(problems)) from None
