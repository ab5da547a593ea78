"""Where the implementation and the tester's ports are, as a lab file says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from harness.lab import checks
from harness.lab.fields import Interface, Seconds
from harness.lab.section import Mistake, Section


class At(Section):
    """Where an interface is: in a network namespace of this machine, or on a host at the end of SSH (``ssh``:
    HOST or USER@HOST); without either, where we are.

    ``port``, ``key_file``, ``known_hosts`` and ``jump`` (USER@HOST to log in through) are as of
    ssh_config(5); what is not said here is taken from the user's own. ``ptp``: PTP keeps CLOCK_REALTIME there
    and here the same, to so many seconds.
    """

    namespace: str | None = None
    ssh: str | None = None
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    key_file: str | None = None
    known_hosts: str | None = None
    jump: str | None = None
    ptp: Annotated[Seconds | None, Field(gt=0, le=1)] = None

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_location(data, lab)

    @property
    def host(self) -> str:
        """The host at the end of SSH, with what tells it from others."""
        port = f" port {self.port}" if self.port is not None else ""
        return f"ssh {self.ssh}{port}" + (f" through {self.jump}" if self.jump else "")


class Placed:
    """A section that says where something is; its keys are ``at``, and ``namespace`` for a part of that."""

    if TYPE_CHECKING:  # they are the section's, at their place among its keys
        at: At | None
        namespace_: str | None

    @property
    def namespace(self) -> str | None:
        """The network namespace of this machine that it is in; None: where we are."""
        return self.at.namespace if self.at is not None else self.namespace_

    @property
    def elsewhere(self) -> bool:
        """Whether it is on another machine."""
        return self.at is not None and self.at.ssh is not None


class Port(Placed, Section):
    """A network interface of the tester's; ``at``: where it is, absent: where we are."""

    interface: Interface
    at: At | None = None
    namespace_: Annotated[str | None, Field(alias="namespace")] = None  # the same as `at: {namespace: ...}`

    @classmethod
    def mistakes(cls, data: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
        return checks.of_place(data)
