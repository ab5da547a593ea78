"""Refusals, questions and time stamps, as switches print them, and such words where they are none."""

from __future__ import annotations

import pytest

from harness.switch.cisco_ios.answers import (
    check_configuration,
    not_understood,
    question,
    refusal,
    without_timestamp,
)
from harness.verdict import BenchError

REFUSALS = [
    "      ^\n% Invalid input detected at '^' marker.\n\n",
    "% Incomplete command.\n\n",
    '% Ambiguous command:  "show l"\n',
    "% Unknown command or computer name, or unable to find computer address\n",
    "% Invalid command at '^' marker.\n",
    "Command authorization failed.\n\n",
    "% Authorization failed.\n",
    "% Permission denied for the role\n",
    'Command rejected: An interface whose trunk encapsulation is "Auto" can not be "trunk" mode.\n',
    "Command Rejected (Port-channel1, Gi1/0/1): speed of the members differs\n",
    "ERROR: % Invalid Hostname\n",
    "%ERROR: the data plane refused: no such device\n",
]
NO_REFUSALS = [
    "",
    "Building configuration...\n!\nbanner motd ^C\n% Authorised users only %\nERROR: not yours\n^C\nend\n",
    "%Warning: portfast should only be enabled on ports connected to a single\n host.\n",
    "% Access VLAN does not exist. Creating vlan 100\n",
    "% Applying VLAN changes may take few minutes.  Please wait...\n",
    "Creating a port-channel interface Port-channel 1\n",
    "Interface  Description\nGi1/0/1    % of nothing\n",
]


@pytest.mark.parametrize("answer", REFUSALS)
def test_refusals(answer: str) -> None:
    assert refusal(answer) in answer.splitlines()


@pytest.mark.parametrize("answer", NO_REFUSALS)
def test_no_refusals(answer: str) -> None:
    assert refusal(answer) == ""


def test_commands_that_are_not_understood() -> None:
    assert [not_understood(answer) for answer in REFUSALS] == [True] * 5 + [False] * (len(REFUSALS) - 5)


STAMPS = [
    "Load for five secs: 13%/1%; one minute: 12%; five minutes: 13%\n"
    "Time source is NTP, 14:09:24.976 EDT Wed Oct 19 2016\n",
    "Load for five secs: 2%/0%; one minute: 2%; five minutes: 2%\n"
    "Time source is hardware calendar, *16:40:11.691 UTC Fri Nov 3 2018\n\n",
    "\nLoad for five secs: 1%/0%; one minute: 2%; five minutes: 2%\n"
    "No time source, *22:40:38.097 UTC Wed Oct 12 2016\n",
    "Time source is user configuration, .06:34:25 MES Fri Dec 3 2021\n",
]


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("answer", ["32768, 0011.2233.4455\n", "Load for five secs: none of it\n", ""])
def test_time_stamps_are_taken_off(stamp: str, answer: str) -> None:
    assert without_timestamp(stamp + answer) == answer
    assert without_timestamp(answer) == answer


def test_a_time_stamp_in_the_middle_stays() -> None:
    assert without_timestamp(f"hostname x\n{STAMPS[0]}") == f"hostname x\n{STAMPS[0]}"


@pytest.mark.parametrize(
    "asked",
    ["Proceed with reload? [confirm]", "System configuration has been modified. Save? [yes/no]: ",
     "Destination filename [startup-config]? ", "This command will reboot the system. (y/n)?  [n] ",
     "Do you want to continue? (yes/no) [no]: ", "Continue? [yes]: ", "Proceed anyway? [y/N]"],
)  # fmt: skip
def test_questions(asked: str) -> None:
    assert question(f"% something\n{asked}") == asked.strip()


@pytest.mark.parametrize(
    "text", ["", "lab-sw#", "lab-sw(config)#", "ask [confirm] before\n", "[confirm]\n", "a [1]"]
)
def test_no_questions(text: str) -> None:
    assert question(text) == ""


@pytest.mark.parametrize("answer", ["", "Command authorization failed.\n", "hostname x\ninterface Gi1/0/1\n"])
def test_a_configuration_has_an_end(answer: str) -> None:
    with pytest.raises(BenchError, match="`show run`: the switch's answer is no whole configuration"):
        check_configuration("show run", answer)
    check_configuration("show run", f"{answer}end\n\n")
