"""The driver against an emulated switch configured as labs' switches are: banners, VTP, AAA, odd ports."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from harness.switch import Journal
from harness.verdict import BenchError
from testcases.selftest.host import wait_until
from testcases.selftest.switch_driver.helpers import emulated, opened

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root")

PORTS = ("FiveGigabitEthernet1/0/1", "TwentyFiveGigE1/0/2", "HundredGigE1/0/49")
STARTUP = """\
hostname rack-7
vtp mode transparent
vlan 10-12,101
vlan 99
 name kept
interface FiveGigabitEthernet1/0/1
 description % ERROR: the cable is bad
banner motd ^C
########## ask before ##########
% Authorised users only %
ERROR: none of your business
rack-7#2 of the lab; --> login: nobody, password: none
rack-7#
Really? [confirm]
interface FiveGigabitEthernet1/0/1
 shutdown
end
^C
banner exec #
rack-7> you are in now
#
line con 0
 exec prompt timestamp
line vty 0 15
 exec prompt timestamp
end
"""
WAYS = pytest.mark.parametrize("path", ["ssh", "console"])


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of the switch."""
    folder = tmp_path_factory.mktemp("awkward")
    startup = folder / "startup-config"
    startup.write_text(STARTUP)
    options = ("--startup-config", str(startup), "--authorization", str(folder / "authorization"))
    with emulated(folder, PORTS, *options):
        yield folder


@pytest.fixture
def refused(state: Path) -> Iterator[Path]:
    """The file of what the AAA server refuses; gone afterwards."""
    yield state / "authorization"
    (state / "authorization").unlink(missing_ok=True)


@pytest.fixture
def unsaved(state: Path, tmp_path: Path) -> Iterator[None]:
    """Something in the running configuration is not saved."""
    with opened(state, "ssh", Journal(tmp_path / "journal")) as switch:
        switch.configure([f"interface {PORTS[0]}", "description not saved"])
        yield
        switch.restore()


def configuration(state: Path) -> list[str]:
    with opened(state, "ssh") as switch:
        return switch.running_config()


def test_both_ways_agree_in_spite_of_time_stamps(state: Path) -> None:
    with opened(state, "ssh") as ssh, opened(state, "console") as console:
        assert ssh.agree(console)["switch.paths"] == "ssh and console agree"
        lines = ssh.running_config()
    banner = STARTUP[STARTUP.index("banner motd") : STARTUP.index("banner exec")].splitlines()
    begin = lines.index(banner[0])
    assert lines[begin : begin + len(banner)] == banner
    assert "end" in lines[-2:]


@WAYS
def test_a_lag_of_ports_of_all_kinds_is_made_and_taken_back(state: Path, tmp_path: Path, path: str) -> None:
    before = configuration(state)
    with opened(state, path, Journal(tmp_path / "journal")) as switch:
        switch.make_lag(["Fi1/0/1", "Twe1/0/2", "Hu1/0/49"], 7, "active", "fast")
        assert {member.port for member in switch.lag(7)} == set(PORTS)
        assert {row.port for row in switch.internals()} == set(PORTS)
        switch.shut("HundredGigE1/0/49")
        assert "shutdown" in switch.running_config("Hu1/0/49")
        switch.restore()
        assert switch.lag(7) == []
    assert configuration(state) == before


@WAYS
@pytest.mark.parametrize("mode", ["transparent", "server"])
def test_a_vlan_that_was_made_goes_and_those_that_were_there_stay(
    state: Path, tmp_path: Path, path: str, mode: str
) -> None:
    """VLAN 100 comes to stand under one heading with others (transparent), or under none (server)."""
    with opened(state, path, Journal(tmp_path / "mode")) as switch:
        switch.configure([f"vtp mode {mode}"])
        before, vlans = switch.running_config(), switch.show("show vlan brief")
        made = Journal(tmp_path / "journal")
        with opened(state, "ssh" if path == "console" else "console", made) as other:
            other.tunnel("Twe1/0/2", "Hu1/0/49", 100)
            other.configure(["vlan 13,99", "name mine", "exit", "no vlan 12"])
            assert ("vlan 10-11,100-101" in other.running_config()) is (mode == "transparent")
            other.restore()
        assert not made.pending()
        assert switch.running_config() == before
        assert switch.show("show vlan brief") == vlans
        switch.restore()


@WAYS
def test_a_vlan_that_vtp_does_not_let_be_made(state: Path, tmp_path: Path, path: str) -> None:
    before = configuration(state)
    with opened(state, path, Journal(tmp_path / "journal")) as switch:
        switch.configure(["vtp mode client"])
        with pytest.raises(BenchError, match=r"refused `vlan 300`: VTP VLAN configuration not allowed"):
            switch.configure(["vlan 300"])
        switch.restore()
    assert configuration(state) == before


WORDS = [
    "Command authorization failed.",
    "% Authorization failed.",
    "Command Rejected (Port-channel1, Twe1/0/2): speed of the members differs",
    "Leave this switch alone, says the server",
]


@WAYS
@pytest.mark.parametrize(
    ("line", "words"),
    list(zip(["shutdown", "interface Twenty", "channel-group", "lacp rate"], WORDS, strict=True)),
)
def test_a_line_that_is_refused_in_any_words_is_not_done(
    state: Path, refused: Path, tmp_path: Path, path: str, line: str, words: str
) -> None:
    before = configuration(state)
    with opened(state, path, Journal(tmp_path / "journal")) as switch:
        refused.write_text(f"{line} = {words}\n")
        with pytest.raises(BenchError) as caught:
            switch.make_lag(["Fi1/0/1", "Twe1/0/2"], 1, "active", "fast")
            switch.shut("Twe1/0/2")
        assert words in str(caught.value)
        refused.unlink()
        switch.restore()
    assert configuration(state) == before


@WAYS
@pytest.mark.parametrize(
    ("question", "words"),
    list(zip(["show vlan", "show running-config", "show lacp", "show etherchannel"], WORDS, strict=True)),
)
def test_a_question_that_is_refused_in_any_words_has_no_answer(
    state: Path, refused: Path, tmp_path: Path, path: str, question: str, words: str
) -> None:
    journal = Journal(tmp_path / "journal")
    with opened(state, path, journal) as switch:
        refused.write_text(f"{question} = {words}\n")
        with pytest.raises(BenchError, match=r"refused|not understood|no whole configuration"):
            switch.neighbors()
            switch.lag(1)
            switch.tunnel("Twe1/0/2", "Hu1/0/49", 100)
        refused.unlink()
        switch.restore()


def test_what_cannot_be_put_back_for_refusals_is_said_in_their_words(
    state: Path, refused: Path, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "journal")
    with opened(state, "ssh", journal) as switch:
        switch.shut("Twe1/0/2")
        refused.write_text("no shutdown = Ask Bob first\n")
        with pytest.raises(BenchError, match=r"not as before the run: .*TwentyFiveGigE1/0/2.*Ask Bob first"):
            switch.restore()
        assert journal.pending()
        refused.unlink()
        switch.restore()


@contextlib.contextmanager
def left_open(state: Path, *lines: str, until: str) -> Iterator[None]:
    """Somebody logs in at the console, types, and goes at what they see last; the line does not hang up."""
    terminal = os.open(state / "console", os.O_RDWR | os.O_NOCTTY)
    try:
        with opened(state, "console") as switch:
            assert switch._session is not None
            port = switch._session.remote_conn
            assert isinstance(port, serial.SerialBase)
            seen = b""

            def came() -> bool:
                nonlocal seen
                seen += port.read(4096)
                return until.encode() in seen

            for line in lines:
                port.write(line.encode())
            wait_until(came, f"{until!r} at the console")
            switch._session.abandon()
        yield
    finally:
        os.close(terminal)


@pytest.mark.usefixtures("unsaved")
@pytest.mark.parametrize(
    ("typed", "until"),
    [
        (("reload\r",), "Save? [yes/no]: "),
        (("reload\r", "no\r"), "Proceed with reload? [confirm]"),
        (("write erase\r",), "Continue? [confirm]"),
        (("copy running-config startup-config\r",), "Destination filename [startup-config]? "),
        (("write erase",), "write erase"),
    ],
)
def test_what_somebody_left_open_at_the_console(state: Path, typed: tuple[str, ...], until: str) -> None:
    with opened(state, "ssh") as ssh:
        saved, running = ssh.show("show startup-config"), ssh.running_config()
        assert saved.splitlines()[1:] != running
        with left_open(state, *typed, until=until), opened(state, "console") as console:
            assert console.running_config() == running
        assert ssh.show("show startup-config") == saved


@WAYS
@pytest.mark.usefixtures("unsaved")
def test_a_command_that_asks_is_left(state: Path, path: str) -> None:
    with opened(state, path) as switch:
        with pytest.raises(BenchError, match=r"refused `reload`: it asks 'System configuration has been"):
            switch.show("reload")
        assert switch.lags() == []
