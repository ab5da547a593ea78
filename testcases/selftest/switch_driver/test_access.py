"""Credentials and ways to the switch: lab file, environment, and the file that a started switch leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.switch.access import find_access
from harness.switch.transcript import Transcript
from harness.verdict import BenchError
from testcases.selftest.switch_driver.helpers import PREFIX, section

SAID = {
    "ssh": {"host": "127.0.0.1", "port": 2222},
    "console": "/run/x/console",
    "username": "admin",
    "password": "from-file",
    "enable": "enable-from-file",
    "pid": 1,
}


def handover(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    path = tmp_path / "switch.json"
    path.write_text(json.dumps({k: v for k, v in (SAID | changes).items() if v is not None}))
    return {"from": str(path)}


def test_everything_from_the_file_of_a_started_switch(tmp_path: Path) -> None:
    access = find_access(section(**handover(tmp_path)), {})
    assert access.paths == ["ssh", "console"]
    assert access.ssh is not None and access.console is not None
    assert (access.ssh.host, access.ssh.port, access.console.url) == ("127.0.0.1", 2222, "/run/x/console")
    assert (access.username, access.password, access.enable) == ("admin", "from-file", "enable-from-file")
    assert access.where == str(tmp_path / "switch.json")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environment = {f"{PREFIX}_PASSWORD": "from-environment"}
    access = find_access(section(**handover(tmp_path)), environment)
    assert (access.username, access.password) == ("admin", "from-environment")
    assert access.where == "the environment"


def test_the_lab_file_wins_over_the_file(tmp_path: Path) -> None:
    access = find_access(section(console={"url": "/dev/ttyUSB0"}, **handover(tmp_path)), {})
    assert access.console is not None and access.console.url == "/dev/ttyUSB0"


def test_the_host_key_of_the_file_is_the_one_expected(tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text("[127.0.0.1]:2222 ssh-ed25519 AAAA comment\n")
    access = find_access(section(**handover(tmp_path, known_hosts=str(known))), {})
    assert access.ssh is not None and access.ssh.host_key == "ssh-ed25519 AAAA"


def test_a_known_hosts_file_that_is_none(tmp_path: Path) -> None:
    where = handover(tmp_path, known_hosts=str(tmp_path / "none"))
    with pytest.raises(BenchError, match="is no known_hosts file"):
        find_access(section(**where), {})


def test_no_user_name() -> None:
    with pytest.raises(BenchError, match=f"no user name for the switch: set {PREFIX}_USERNAME"):
        find_access(section(ssh={"host": "x"}), {})


def test_no_way_to_log_in() -> None:
    with pytest.raises(BenchError, match=f"no password for the switch: set {PREFIX}_PASSWORD"):
        find_access(section(ssh={"host": "x"}), {f"{PREFIX}_USERNAME": "me"})


@pytest.mark.parametrize("credentials", [{"agent": True}, {"key_file": "/root/key"}])
def test_a_key_or_an_agent_needs_no_password(credentials: dict[str, Any]) -> None:
    access = find_access(section(ssh={"host": "x"}, credentials=credentials), {f"{PREFIX}_USERNAME": "me"})
    assert access.password == ""
    assert access.secrets == ()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        BenchError, match=r"none\.json: no such file \(switch\.from\); is the switch started\?"
    ):
        find_access(section(**{"from": str(tmp_path / "none.json")}), {})


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(BenchError, match=r"x\.json: cannot be read \(switch\.from\)"):
        find_access(section(**{"from": str(tmp_path / "x.json")}), {})


def test_a_file_with_a_wrong_type(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"switch\.json:1: ssh\.port: must be a whole number, is 'x'"):
        find_access(section(**handover(tmp_path, ssh={"host": "a", "port": "x"})), {})


def test_a_secret_that_comes_in_pieces_is_masked(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "t", "console", ["hunter2", ""])
    for piece in ("the password is hun", "ter2 and", " more\r\nrest"):
        transcript.received(piece)
    transcript.sent("hunter2\r")
    transcript.close()
    lines = [line.split(" ", 1)[1] for line in (tmp_path / "t").read_text().splitlines()]
    assert lines == [
        "console < the password is ******** and more",
        "console < rest",
        "console > ********",
    ]


def test_a_transcript_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="the switch's transcript cannot be written"):
        Transcript(tmp_path, "ssh")
