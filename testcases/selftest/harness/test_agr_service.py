"""The adapter of agr: agrd as a service of the bench, and no command that is not needed."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from harness.dut.agr import Agr
from harness.dut.host import Host
from harness.verdict import ImplementationRefused


class OneHost:
    """A host of at most one agrd, as the adapter sees it; `said` are the commands, `alive` is agrd's process.

    An agrd that agrconfig has started, and not the service, ends with its last aggregate.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self.alive = 0
        self.number = 100
        self.is_service = False
        self.killed_with: list[str] | None = None  # aggregates that a killed one left
        self.aggregates: list[str] = []
        self.hangs = False
        self.made: list[str] = []

    def making(self, interface: str) -> None:
        assert interface not in self.aggregates  # it is told before
        self.made.append(interface)

    def processes(self) -> list[int]:
        return [self.alive] if self.alive else []

    def tool(self, command: list[str]) -> str:
        return self.run(command)

    def run(self, command: list[str]) -> str:
        self.said.append(" ".join(command))
        match command:
            case ["agrd"]:
                if self.alive:
                    raise ImplementationRefused("agrd", "exit 1: EBUSY")
                self._start(service=True)
            case ["tail", *_] if self.alive:
                raise ImplementationRefused("tail", "no answer within 30 s")
            case ["kill", "-TERM", _] if self.hangs:
                pass
            case ["kill", signal, _]:
                self.hangs = False
                self.killed_with = self.aggregates if signal == "-KILL" else None
                self.alive, self.aggregates = 0, []
            case ["agrconfig", *_] if self.hangs:
                raise ImplementationRefused("agrconfig", "no answer within 30 s")
            case ["agrconfig", "--json"]:
                if not self.alive and self.killed_with is not None:
                    self._start(service=False)
                agrd = {"pid": self.alive} if self.alive else None
                return json.dumps(
                    {"agrd": agrd, "aggregates": {name: {"data_path": "bpf"} for name in self.aggregates}}
                )
            case ["agrconfig", name, "create", *_]:
                if not self.alive:
                    self._start(service=False)
                self.aggregates.append(name)
            case ["agrconfig", name, "destroy", "force"]:
                if name not in self.aggregates:
                    raise ImplementationRefused("agrconfig", "exit 1: ENXIO")
                self.aggregates.remove(name)
                if not self.aggregates and not self.is_service:
                    self.alive = 0
        return ""

    def _start(self, *, service: bool) -> None:
        self.number += 1
        self.alive, self.is_service = self.number, service
        self.aggregates, self.killed_with = self.killed_with or [], None

    def commands(self) -> list[str]:
        """Those since this was last asked."""
        said, self.said = self.said, []
        return said


def agr_on(host: OneHost, *, service: bool = True) -> Agr:
    client: Any = lambda name: None  # noqa: E731
    return Agr(cast(Host, host), "agrconfig", client, "agrd" if service else None)


@pytest.fixture
def host() -> OneHost:
    return OneHost()


def test_the_service_is_started_once_and_goes_on(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    first = host.alive
    assert first and host.is_service
    for _ in range(3):
        agr.aggregate("agr0", ["re4"])
        agr.reset()
        assert (host.alive, host.aggregates) == (first, [])


def test_without_it_agrd_ends_with_the_last_aggregate(host: OneHost) -> None:
    agr = agr_on(host, service=False)
    agr.reset()
    assert not host.alive
    agr.aggregate("agr0")
    assert host.alive
    agr.renew()
    assert not host.alive
    assert "agrd" not in host.said


def test_where_nothing_was_made_nothing_is_called(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    host.commands()
    agr.reset()
    assert host.commands() == []


def test_what_was_made_is_destroyed_without_a_question(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0", ["re4"])
    agr.run("agrconfig agr1 create")
    assert host.made == ["agr0", "agr1"]
    host.commands()
    agr.reset()
    assert host.commands() == ["agrconfig agr0 destroy force", "agrconfig agr1 destroy force"]


def test_what_is_not_known_is_asked(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    host.aggregates.append("agr7")
    agr.run("agrconfig -f agr.conf")
    agr.reset()
    assert host.aggregates == []
    agr.run("agrconfig agr0 create")
    agr.run("ip link del agr0")
    host.aggregates.remove("agr0")
    agr.reset()


def test_a_refused_command_may_have_done_a_part(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    with pytest.raises(ImplementationRefused):
        agr.run("agrconfig agr3 destroy force")
    host.aggregates.append("agr3")
    agr.reset()
    assert host.aggregates == []


def test_after_a_crash_the_next_reset_starts_it_again(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0")
    agr.crash()
    assert not host.alive
    agr.reset()
    assert host.alive and host.is_service and host.aggregates == []


def test_what_agrconfig_started_after_a_crash_is_no_service(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0")
    agr.crash()
    agr.facts()
    assert host.alive and not host.is_service
    agr.reset()
    assert host.is_service and host.aggregates == []


def test_it_is_revived_with_its_aggregates(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0")
    agr.crash()
    agr.revive()
    assert host.is_service and host.aggregates == ["agr0"]
    alive = host.alive
    agr.reset()
    assert (host.alive, host.aggregates) == (alive, [])


def test_it_is_renewed(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0")
    before = host.alive
    agr.renew()
    assert host.alive not in (0, before)
    assert host.is_service and host.aggregates == []


def test_one_that_hangs_is_killed(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    agr.aggregate("agr0")
    before, host.hangs = host.alive, True
    agr.renew()
    assert host.alive not in (0, before)
    assert host.is_service and host.aggregates == []


def test_its_facts_are_asked_once(host: OneHost) -> None:
    agr = agr_on(host)
    agr.reset()
    assert agr.facts() == {}
    agr.aggregate("agr0")
    assert agr.facts() == {"data path": "bpf"}
    host.commands()
    assert agr.facts() == {"data path": "bpf"}
    assert host.commands() == []
    agr.renew()
    assert agr.facts() == {}, "the next one chooses anew"


def test_a_port_that_was_shut_is_up_after_the_next_reset(host: OneHost) -> None:
    agr = agr_on(host)
    agr.shut("re0")
    agr.shut("re1")
    agr.no_shut("re1")
    agr.reset()
    agr.reset()
    states = [line for line in host.said if line.startswith("ip link set dev")]
    assert states == [f"ip link set dev {port}" for port in ("re0 down", "re1 down", "re1 up", "re0 up")]


def in_slice(host: OneHost, number: int) -> Agr:
    """The adapter as a slice of a bench has it."""
    agr = agr_on(host)
    agr.slice = number
    agr.reset()
    return agr


def test_slices_share_one_service_and_leave_each_other_alone(host: OneHost) -> None:
    one, two = in_slice(host, 1), in_slice(host, 2)
    alive = host.alive
    assert one.aggregate("agr0").name != two.aggregate("agr0").name
    theirs = host.aggregates[1]
    for leave in (one.reset, one.renew, lambda: in_slice(host, 1)):
        leave()
        assert (host.alive, host.aggregates) == (alive, [theirs])
    two.reset()
    assert (host.alive, host.aggregates) == (alive, [])


def test_slices_go_on_with_one_agrd_where_it_has_crashed(host: OneHost) -> None:
    one, two = in_slice(host, 1), in_slice(host, 2)
    two.aggregate("agr0")
    theirs = list(host.aggregates)
    host.run(["kill", "-KILL", str(host.alive)])
    one.reset()
    assert host.alive and host.aggregates == theirs
    two.reset()
    assert host.aggregates == []
    for slice_ in (one, two):
        slice_.reset()
        assert host.is_service


def test_who_has_all_of_it_removes_what_slices_left(host: OneHost) -> None:
    in_slice(host, 3).aggregate("agr0")
    agr_on(host).reset()
    assert host.aggregates == []
