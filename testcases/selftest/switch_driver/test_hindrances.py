"""What of a switch would spoil a run is told before it, by port and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.switch.cisco_ios.hindrances import of_section, of_status
from testcases.selftest.switch_driver.fake_ios import Dialogue, PtyConsole
from testcases.selftest.switch_driver.helpers import closing, on_console, set_credentials

PORT = "GigabitEthernet1/0/1"
HARMLESS = [
    "description no switchport",
    "switchport access vlan 7",
    "switchport mode access",
    "shutdown",
    "lacp rate fast",
    "speed 1000",
    "spanning-tree portfast",
    "spanning-tree bpdufilter enable",
    "no storm-control broadcast level",
]


@pytest.mark.parametrize("line", HARMLESS)
def test_a_line_that_is_harmless(line: str) -> None:
    assert not list(of_section(PORT, [line]))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no switchport", "is a routed port"),
        ("channel-group 3 mode active", "is in a LAG of others"),
        ("storm-control broadcast level 1.00", "drops what comes in bursts"),
        ("switchport port-security maximum 2", "passes known addresses alone"),
        ("spanning-tree bpduguard enable", "is shut down by the first BPDU"),
        ("udld port aggressive", "is shut down by UDLD"),
        ("service-policy input LIMIT", "has a policy"),
    ],
)
def test_a_line_that_spoils(line: str, words: str) -> None:
    (sentence,) = of_section(PORT, [*HARMLESS, line])
    assert sentence.startswith(f"{PORT} {words}")
    assert sentence.endswith(f"(`{line}`)")


@pytest.mark.parametrize("status", ["connected", "notconnect", "disabled", "suspended", ""])
def test_a_port_in_service(status: str) -> None:
    assert not list(of_status(PORT, status))


def test_a_port_that_the_switch_has_shut_down() -> None:
    assert "taken out of service by the switch itself (err-disabled)" in next(of_status(PORT, "err-disabled"))


STATUS = """
Port      Name               Status       Vlan       Duplex  Speed Type
Gi1/0/1                      err-disabled 1            auto   auto 10/100/1000BaseTX
Gi1/0/2                      err-disabled 1            auto   auto 10/100/1000BaseTX
"""


def test_only_ports_of_the_lab_file_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)
    running = {f"interface {PORT}": ["udld port"], "interface GigabitEthernet1/0/2": ["no switchport"]}
    talk = Dialogue(running=running, answers={"show interfaces status": STATUS})
    with PtyConsole(talk) as console, closing(on_console(console.url, tmp_path)) as switch:
        (line,) = switch.hindrances(["Gi1/0/1"])
        assert "UDLD" in line
        (sentence,) = switch.out_of_service(["Gi1/0/1"])
        assert sentence.startswith(PORT)
