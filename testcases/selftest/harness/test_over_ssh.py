"""A host at the end of an SSH connection, which OpenSSH's own server takes: it does what one here does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.host.location import Here
from harness.host.over_ssh import OverSsh
from harness.lab.place import At
from harness.net.packet_socket import PacketSocket, in_namespace
from harness.verdict import BenchBroken, BenchError
from testcases.selftest.elsewhere import pair
from testcases.selftest.host import ip, wait_until
from testcases.selftest.openssh import OtherClock, Server, server
from testcases.selftest.relay import relay

root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")
BENCH = f"agro-{os.getpid()}"
HOST, TESTER = f"{BENCH}-h", f"{BENCH}-t"
FRAME = bytes.fromhex("0180c20000020200000000018809") + bytes(range(46))


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A host and a tester with a wire re-te, a way for management between them, and a server on the host."""
    with pair(BENCH, tmp_path_factory.mktemp("ssh"), [("re", "te")]) as both:
        yield both.server


def connected(at: At) -> OverSsh:
    """From the tester's namespace, which threads that are started there stay in."""
    return in_namespace(TESTER, lambda: OverSsh(at, BENCH))


@pytest.fixture
def host(ssh: Server) -> Iterator[OverSsh]:
    made = connected(At(**ssh.at))
    yield made
    made.close()


@root
def test_commands_end_as_they_do_here(host: OverSsh) -> None:
    script = 'echo "$AGR_WORD"; echo no >&2; exit 3'
    there = host.run(["sh", "-c", script], {"AGR_WORD": "yes"}, 20)
    assert there._replace(seconds=0.0) == (3, "yes\n", "no\n", 0.0)
    assert host.run(["sleep", "1000"], {}, 0.1)[0] is None
    assert host.run(["sh", "-c", "kill -SEGV $$"], {}, 20).code == -signal.SIGSEGV
    assert host.find_command("sh") == Here(None).find_command("sh")
    assert host.find_command("no-such-program") is None
    with pytest.raises(BenchError, match="no-such-program: no such command there"):
        host.run(["no-such-program"], {}, 20)


@root
def test_links_and_counters_are_those_of_the_host(host: OverSsh) -> None:
    here = Here(HOST)
    assert host.link_state("re") == here.link_state("re") == (True, True)
    assert host.link_state("te") is None
    assert host.medium("re") == here.medium("re")
    before = host.frames("re")
    tester = PacketSocket("te", TESTER)
    tester.send(FRAME)
    assert host.frames("re") == (before[0] + 1, before[1])
    tester.close()
    with pytest.raises(BenchError, match="te"):
        host.frames("te")


@root
def test_frames_are_captured_and_sent_there(host: OverSsh) -> None:
    there, here = host.packets("re"), PacketSocket("te", TESTER)
    assert there.mac == PacketSocket("re", HOST).mac
    before = time.time_ns()
    here.send(FRAME)
    got = wait_until(there.receive, "the frame")
    after = time.time_ns()
    error = (host.clock_error + 1e-3) * 1e9
    assert got[1:] == (FRAME, False) and before - error < got[0] < after + error
    there.send(FRAME)
    got = wait_until(there.receive, "the host's own")
    assert got[1:] == (FRAME, True)
    assert wait_until(here.receive, "it at the tester")[1] == FRAME
    asked = time.time_ns()

    def told() -> bool:
        assert there.receive() is None
        return there.read_until() > asked

    wait_until(told, "that nothing more has come")
    assert there.lost() == 0
    there.close()
    here.close()


@root
@pytest.mark.parametrize("delay", [0.01, 0.1])
def test_a_slow_way_there_is_part_of_the_clock_error(ssh: Server, delay: float) -> None:
    with relay(TESTER, ssh.address, 22, delay) as slow:
        made = connected(At(**ssh.behind(slow)))
        asked = time.monotonic()
        assert made.run(["true"], {}, 20).code == 0
        assert time.monotonic() - asked >= 2 * delay
        assert made.clock_error >= delay
        made.close()


@root
def test_a_clock_that_is_ahead_and_drifts_tells_times_by_ours(
    ssh: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    ip("-n", HOST, "address", "add", "198.51.100.3/24", "dev", "m-host")
    with server(HOST, "198.51.100.3", folder, OtherClock(86_400, 400)) as other:
        made = connected(At(**other.at))
        there, here = made.packets("re"), PacketSocket("te", TESTER)
        before = time.time_ns()
        here.send(FRAME)
        got = wait_until(there.receive, "the frame")
        after = time.time_ns()
        error = (made.clock_error + 1e-3) * 1e9
        assert before - error < got[0] < after + error
        assert made.clock_error < 1
        there.close()
        here.close()
        made.close()


@root
def test_a_way_that_breaks_is_the_bench_s(ssh: Server) -> None:
    with relay(TESTER, ssh.address, 22, 0.01) as way:
        made = connected(At(**ssh.behind(way)))
        assert way.cut() == 1
        with pytest.raises(BenchBroken, match="the connection is lost"):
            made.run(["true"], {}, 20)
        made.close()
        again = connected(At(**ssh.behind(way)))
        assert again.run(["true"], {}, 20).code == 0
        again.close()


@root
def test_by_ptp_times_are_those_of_the_wall_clock_and_as_well_known_as_stated(
    ssh: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both read one wall clock here; what the host has for CLOCK_MONOTONIC is another one."""
    folder = tmp_path_factory.mktemp("ptp")
    ip("-n", HOST, "address", "add", "198.51.100.4/24", "dev", "m-host")
    with server(HOST, "198.51.100.4", folder, OtherClock(3_600, -300)) as other:
        made = connected(At(**other.at, ptp=0.002))
        there, here = made.packets("re"), PacketSocket("te", TESTER)
        before = time.time()
        here.send(FRAME)
        got = wait_until(there.receive, "the frame")
        after = time.time()
        assert before - 0.003 < got[0] / 1e9 < after + 0.003
        assert made.clock.error == made.clock_error == 0.002
        assert made.clock.text() == "by PTP, to 2 ms" and made.clock.troubles(0.05) == []
        for each in (there, here, made):
            each.close()


@root
def test_an_interface_that_goes_is_told(host: OverSsh) -> None:
    ip("-n", HOST, "link", "add", "x0", "up", "type", "veth", "peer", "x1")
    there = host.packets("x0")
    ip("-n", HOST, "link", "delete", "x0")
    with pytest.raises(BenchError, match=r"interface x0 .* is gone"):
        wait_until(there.receive, "word of it")
    with pytest.raises(BenchError, match="x0"):
        host.packets("x0")
    there.close()


@root
def test_nothing_is_left_there(ssh: Server) -> None:
    made = connected(At(**ssh.at))
    made.packets("re")
    there = Here(HOST)
    before = set(there.processes())
    made.close()
    wait_until(lambda: len(set(there.processes())) < len(before), "the far end's end")
    wait_until(lambda: set(there.processes()) <= {ssh.process.pid}, "only the server")


@root
def test_a_lost_connection_is_the_bench_s(ssh: Server) -> None:
    made = connected(At(**ssh.at))
    capture = made.packets("re")
    for pid in set(Here(HOST).processes()) - {ssh.process.pid}:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(BenchBroken, match=r"ssh root@.*: the connection is lost"):
        wait_until(capture.receive, "word of it")
    with pytest.raises(BenchBroken, match="the connection is lost"):
        made.run(["true"], {}, 20)
    made.close()


@root
def test_who_may_not_log_in_is_told(ssh: Server, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"implementation.at: ssh nobody@.*: .*denied"):
        connected(At(**{**ssh.at, "ssh": f"nobody@{ssh.address}"}))
    (tmp_path / "known_hosts").write_text("")
    with pytest.raises(BenchError, match=r"known_hosts: there is no key of 198.51.100.1; .*ssh-keyscan"):
        connected(At(**{**ssh.at, "known_hosts": str(tmp_path / "known_hosts")}))
