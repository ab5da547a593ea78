"""The driver against the emulated switch: a real SSH server and a real pty, in a namespace of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.switch import Journal, Member, open_switch
from harness.verdict import BenchError
from testcases.selftest.host import ip, wait_until
from testcases.selftest.switch_driver.helpers import PREFIX, emulated, opened, where

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

PORTS = ("GigabitEthernet1/0/1", "GigabitEthernet1/0/2", "GigabitEthernet1/0/3")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a running switch; its ports' other ends are e1, e2, e3 in the same namespace."""
    with emulated(tmp_path_factory.mktemp("switch"), PORTS) as state:
        yield state


def configuration(state: Path) -> list[str]:
    with opened(state, "ssh") as switch:
        return switch.running_config()


def carrier(state: Path, interface: str) -> bool:
    namespace = json.loads((state / "switch.json").read_text())["namespace"]
    (link,) = json.loads(ip("-n", namespace, "-j", "link", "show", interface))
    return "LOWER_UP" in link["flags"]


def test_both_paths_see_the_same_switch(started: Path, tmp_path: Path) -> None:
    with opened(started, "ssh", Journal(tmp_path / "j")) as ssh, opened(started, "console") as console:
        facts = ssh.agree(console)
        assert facts["switch.paths"] == "ssh and console agree"
        assert ssh.version() in facts["switch"]
        assert ssh.system_id() == console.system_id()


def test_two_different_views_do_not_agree(started: Path, tmp_path: Path) -> None:
    with opened(started, "ssh", Journal(tmp_path / "j")) as ssh, opened(started, "console") as console:
        before = ssh.running_config()
        ssh.configure(["interface Gi1/0/1", "description changed in between"])
        try:
            console.running_config = lambda port=None: before  # type: ignore[method-assign]
            with pytest.raises(BenchError, match=r"`show running-config`: .*description changed in between"):
                ssh.agree(console)
        finally:
            ssh.restore()


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_lag_is_made_seen_and_taken_back(started: Path, tmp_path: Path, path: str) -> None:
    before = configuration(started)
    journal = Journal(tmp_path / "journal")
    with opened(started, path, journal) as switch:
        switch.make_lag(["Gi1/0/1", "Gi1/0/2"], 7, "active", "fast")
        assert [member.port for member in switch.lag(7)] == list(PORTS[:2])
        assert all(isinstance(member, Member) and not member.bundled for member in switch.lag(7))
        assert {row.port: row.flags for row in switch.internals()} == dict.fromkeys(PORTS[:2], "FA")
        assert switch.running_config("Gi1/0/1") == ["lacp rate fast", "channel-group 7 mode active"]
        assert switch.neighbors() == []
        assert {row.port for row in switch.counters()} == set(PORTS[:2])
        switch.restore()
        assert not journal.pending()
        assert switch.lag(7) == []
    assert configuration(started) == before


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_tunnel_and_global_lines_are_taken_back(started: Path, tmp_path: Path, path: str) -> None:
    before = configuration(started)
    with opened(started, path, Journal(tmp_path / "journal")) as switch:
        switch.tunnel("Gi1/0/1", "Gi1/0/2", 100)
        assert "l2protocol-tunnel point-to-point lacp" in switch.running_config("Gi1/0/2")
        switch.configure(["lacp system-priority 100", "port-channel load-balance src-dst-ip"])
        assert switch.system_id().priority == 100
        switch.restore()
    assert configuration(started) == before


def test_a_tunnel_has_a_vlan_and_a_journal_of_its_own(started: Path, tmp_path: Path) -> None:
    """A VLAN that is there is not taken; what a testcase puts back meanwhile leaves the tunnel."""
    before = configuration(started)
    own, tunnels = Journal(tmp_path / "journal"), Journal(tmp_path / "tunnels")
    with opened(started, "ssh", own) as switch:
        switch.configure(["vlan 100", "name lab"])
        with pytest.raises(BenchError, match=r"VLAN 100 .name lab. is there already"):
            switch.tunnel("Gi1/0/1", "Gi1/0/2", 100, tunnels)
        assert not tunnels.pending()
        switch.tunnel("Gi1/0/1", "Gi1/0/2", 101, tunnels)
        switch.shut("Gi1/0/1")
        switch.restore()
        assert not own.pending() and tunnels.pending()
        lines = switch.running_config("Gi1/0/1")
        assert "switchport access vlan 101" in lines and "shutdown" not in lines
        assert "no mac address-table learning vlan 101" in switch.running_config()
        switch.restore(tunnels)
        assert not tunnels.pending()
    assert configuration(started) == before


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_port_that_is_shut_loses_carrier_at_the_other_end(started: Path, tmp_path: Path, path: str) -> None:
    with opened(started, path, Journal(tmp_path / "journal")) as switch:
        wait_until(lambda: carrier(started, "e3") is True, "the carrier of e3")
        switch.shut("Gi1/0/3")
        wait_until(lambda: carrier(started, "e3") is False, "the carrier of e3")
        assert switch.running_config("Gi1/0/3") == ["shutdown"]
        switch.restore()
        wait_until(lambda: carrier(started, "e3") is True, "the carrier of e3")


def test_messages_on_the_console_do_no_harm(started: Path, tmp_path: Path) -> None:
    """Ports that go up and down by SSH write to the console while it is asked."""
    with (
        opened(started, "ssh", Journal(tmp_path / "journal")) as ssh,
        opened(started, "console") as console,
    ):
        alone = console.parsed("show etherchannel summary")
        for _ in range(4):
            ssh.shut("Gi1/0/3")
            assert console.running_config("Gi1/0/3") == ["shutdown"]
            ssh.no_shut("Gi1/0/3")
            assert console.running_config("Gi1/0/3") == []
            assert console.parsed("show etherchannel summary") == alone
        assert console._session is not None
        assert console._session.channel.cleaner.messages
        ssh.restore()


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_refused_command_is_named_and_the_session_goes_on(started: Path, tmp_path: Path, path: str) -> None:
    with opened(started, path, Journal(tmp_path / "journal")) as switch:
        with pytest.raises(
            BenchError, match=r"refused `show nonsense`: % Invalid input detected at '\^' marker"
        ):
            switch.show("show nonsense")
        with pytest.raises(BenchError, match=r"refused `colour red`: % Invalid input detected"):
            switch.configure(["interface Gi1/0/1", "colour red", "shutdown"])
        with pytest.raises(BenchError, match="has no interface Port-channel9"):
            switch.running_config("Po9")
        assert switch.running_config("Gi1/0/1") == []
        switch.restore()


def test_nothing_is_changed_without_a_journal(started: Path) -> None:
    with opened(started, "ssh") as switch, pytest.raises(BenchError, match="opened without a journal"):
        switch.shut("Gi1/0/1")


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_wrong_password(started: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv(f"{PREFIX}_PASSWORD", "wrong")
    with pytest.raises(BenchError, match=r"user name or password refused.*AGR_DRIVER_TEST_PASSWORD"):
        open_switch(where(started), path, started / "wrong.transcript")


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_a_wrong_enable_password(started: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv(f"{PREFIX}_ENABLE", "wrong")
    with pytest.raises(BenchError, match=r"password for `enable` is refused.*AGR_DRIVER_TEST_ENABLE"):
        open_switch(where(started), path, started / "wrong.transcript")
    monkeypatch.delenv(f"{PREFIX}_ENABLE")
    with opened(started, path) as switch:
        assert switch.lag(1) == []


KILLED = """
import sys
from pathlib import Path
from harness.switch import Journal, open_switch
from testcases.selftest.switch_driver.helpers import where
from testcases.selftest.host import ip, wait_until
state, journal, path = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
switch = open_switch(where(state), path, state / "killed.transcript", Journal(journal))
switch.make_lag(["Gi1/0/1", "Gi1/0/2"], 3, "active", "fast")
switch.shut("Gi1/0/3")
session = switch._session
session.config_mode()
session.run("interface GigabitEthernet1/0/2")
print("changed", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("path", ["ssh", "console"])
def test_what_a_killed_run_changed_is_put_back_by_the_next(started: Path, tmp_path: Path, path: str) -> None:
    before = configuration(started)
    journal = tmp_path / "journal"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(started), str(journal), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "changed\n"
        run.send_signal(signal.SIGKILL)
        run.wait()
    with journal.open("a") as file:
        file.write('{"kind": "section", "na')  # the write in which it died
    assert configuration(started) != before
    with opened(started, path, Journal(journal)) as switch:
        assert Journal(journal).pending()
        switch.restore(Journal(journal))
        assert not Journal(journal).pending()
    assert configuration(started) == before


def test_what_cannot_be_put_back_is_said_and_stays_in_the_journal(started: Path, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with opened(started, "ssh", journal) as switch:
        switch.configure(["interface Gi1/0/1", "description x"])
        text = journal.path.read_text()
        journal.path.write_text(text.replace("[]", '["colour red"]'))
        with pytest.raises(
            BenchError, match=r"not as before the run: interface GigabitEthernet1/0/1.*colour red"
        ):
            switch.restore()
        assert journal.pending()
        journal.path.write_text(text)
        switch.restore()
        assert switch.running_config("Gi1/0/1") == []


def test_the_transcripts_have_no_password(started: Path) -> None:
    said = json.loads((started / "switch.json").read_text())
    for path in ("ssh", "console"):
        with opened(started, path) as switch:
            switch.show("show clock")
        text = (started / f"{path}.transcript").read_text()
        assert f"{path} > show clock" in text
        assert said["password"] not in text
        assert said["enable"] not in text
