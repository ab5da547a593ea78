"""agrconfig -f: agr.conf(5). A second run changes nothing; a refusal names its line and ends no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from agr.cli.file import FileError, is_so, read
from agr.control.protocol import Refusal
from testcases.selftest.daemon.lab import Namespace

CONFIGURATION = """\
# two links to the switch
agr0 create timeout short link0
agr0 agrport re0 agrport re1      # the onboard ports

agr0 port re1 port-priority 0x100 individual off
agr1 create key 7
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agr.conf"


def test_lines_words_and_comments(file: Path) -> None:
    file.write_text(CONFIGURATION)
    lines = read(str(file))
    assert [(line.place, line.aggregate, [action.words for action in line.actions]) for line in lines] == [
        (f"{file}:2", "agr0", ["create", "timeout short", "link0"]),
        (f"{file}:3", "agr0", ["agrport re0", "agrport re1"]),
        (f"{file}:5", "agr0", ["port re1 port-priority 0x100", "port re1 individual off"]),
        (f"{file}:6", "agr1", ["create", "key 7"]),
    ]


def test_a_hash_within_a_word_is_no_comment(file: Path) -> None:
    file.write_text("agr0 agrport re#0\n")
    assert read(str(file))[0].actions[0].words == "agrport re#0"


def test_every_wrong_line_is_told(file: Path) -> None:
    file.write_text("agr0 creat\nagr0 create\nagr1 timeout\nagr2\n-v\n")
    with pytest.raises(FileError) as raised:
        read(str(file))
    assert raised.value.args[0] == [
        f"{file}:1: agr0: creat: unknown word; did you mean create?",
        f"{file}:3: agr1: timeout needs long or short",
        f"{file}:4: agr2: nothing is said of it, as create, or agrport PORT",
        f"{file}:5: -v: nothing is said of it, as create, or agrport PORT",
    ]


def test_files_that_cannot_be_read(file: Path) -> None:
    with pytest.raises(Refusal, match="No such file") as raised:
        read(str(file))
    assert raised.value.name == "ENOENT"
    file.write_bytes(b"agr0 create \xff\n")
    with pytest.raises(Refusal, match="not text"):
        read(str(file))


@pytest.mark.parametrize(
    ("word", "without", "with_re0"),
    [("create", False, True), ("destroy", True, False), ("agrport", False, True), ("-agrport", True, False)],
)
def test_what_is_so_already(word: str, without: bool, with_re0: bool) -> None:
    request = {"do": word, "aggregate": "agr0", "port": "re0"}
    assert is_so(request, None) is without
    assert is_so(request, {"ports": {"re0": {}}}) is with_re0
    assert is_so({**request, "port": "re1"}, {"ports": {"re0": {}}}) is (word in ("create", "-agrport"))


def test_a_variable_is_always_set() -> None:
    assert not is_so({"do": "set", "variable": "key", "value": "1"}, {"ports": {}})


def test_a_file_brings_everything_up_and_a_second_run_changes_nothing(host: Namespace, file: Path) -> None:
    file.write_text(CONFIGURATION)
    assert host.agrconfig("-f", str(file)) == ""
    first = host.status()
    agr0, agr1 = (first["aggregates"][name] for name in ("agr0", "agr1"))
    assert (agr0["timeout"], agr0["flags"], agr1["key"]) == ("short", ["link0"], 7)
    assert list(agr0["ports"]) == ["re0", "re1"]
    assert agr0["ports"]["re1"]["priority"] == 0x100
    assert host.agrconfig("-f", str(file)) == ""
    second = host.status()
    assert second["agrd"]["pid"] == first["agrd"]["pid"]
    for event in ("agr0: created", "agr1: created", "re0 attached", "re1 attached"):
        assert host.log().count(event) == 1
    assert "detached" not in host.log()


def test_a_refusal_names_its_line_and_ends_no_other(host: Namespace, file: Path) -> None:
    file.write_text("agr0 create agrport re9 key 7\nagr0 agrport re0 key soon\nagr1 create\n")
    done = host.try_agrconfig("-f", str(file))
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith(f"agrconfig: {file}:1: agr0: agrport re9: ENOENT: ")
    assert second.startswith(f"agrconfig: {file}:2: agr0: key soon: EINVAL: ")
    shown = host.status()["aggregates"]
    assert list(shown["agr0"]["ports"]) == ["re0"]
    assert (shown["agr0"]["key"], "agr1" in shown) == (1, True)


def test_a_wrong_line_leaves_the_whole_file_undone(host: Namespace, file: Path) -> None:
    file.write_text("agr0 create\nagr0 frobnicate\n")
    done = host.try_agrconfig("-f", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{file}:2" in done.stderr
    assert not host.files.control.exists()


def test_a_file_removes_too(host: Namespace, file: Path) -> None:
    file.write_text("agr0 create agrport re0\nagr0 -agrport re0 destroy\n")
    for _ in range(2):
        assert host.agrconfig("-f", str(file)) == ""
        assert host.status()["aggregates"] == {}
