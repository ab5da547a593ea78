"""The program in C and `bucket_of` in Python agree on every frame, however it is tagged and cut."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agr.core.distribution import BUCKETS, bucket_of
from agr.daemon.datapath.kernelpath import KernelPath
from agr.daemon.linux import hooks, libbpf
from testcases.selftest.daemon.lab import Lab, Namespace, RawPort
from testcases.selftest.host import wait_until

TAG_TYPES = (b"\x81\x00", b"\x88\xa8")
ADDRESSES = st.binary(min_size=12, max_size=12).filter(lambda octets: octets[:3] != b"\x01\x80\xc2")
TAGS = st.lists(
    st.builds(
        lambda kind, tci: struct.pack(">HH", kind, tci),
        st.sampled_from([0x8100, 0x88A8]),
        st.integers(0, 0xFFFF),
    ),
    max_size=3,
).map(b"".join)
IPV4 = st.binary(min_size=20, max_size=60).map(lambda packet: b"\x08\x00\x45" + packet[1:])
IPV4_FRAGMENT = IPV4.map(lambda packet: packet[:8] + b"\x20\x10" + packet[10:])
IPV6 = st.binary(min_size=40, max_size=80).map(lambda packet: b"\x86\xdd\x60" + packet[1:])
OTHER = st.binary(min_size=2, max_size=70).filter(lambda octets: octets[:2] != b"\x88\x09")
WHOLE = st.builds(
    lambda *parts: b"".join(parts), ADDRESSES, TAGS, st.one_of(IPV4, IPV4_FRAGMENT, IPV6, OTHER)
)
CUT = st.builds(lambda frame, octets: frame[:octets], WHOLE, st.integers(14, 140))


class _TestRun(ctypes.Structure):
    """struct bpf_test_run_opts, as far as it is used"""

    _fields_ = (
        ("size", ctypes.c_size_t),
        ("frame", ctypes.c_char_p),
        ("frame_out", ctypes.c_void_p),
        ("octets", ctypes.c_uint32),
        ("octets_out", ctypes.c_uint32),
        ("rest", ctypes.c_uint64 * 6),
    )


@pytest.fixture(scope="module")
def host(bpf: None, module_lab: Lab) -> Namespace:
    host = module_lab.host()
    host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    host.run("ip", "link", "add", "agr0", "type", "veth", "peer", "name", "agr0.m")
    for end in ("agr0", "agr0.m"):
        host.run("ip", "link", "set", end, "up")
    return host


@pytest.fixture(scope="module")
def kernel(host: Namespace) -> Iterator[KernelPath]:
    """Every bucket is held: so it counts its frames."""
    with host.entered():
        kernel = KernelPath(socket.if_nametoindex("agr0.m"))
        kernel.attach()
    for bucket in range(BUCKETS):
        kernel.hold(bucket, (1 << 64) - 1)
    yield kernel
    with host.entered():
        kernel.end()


@pytest.fixture(scope="module")
def program(host: Namespace, kernel: KernelPath) -> Iterator[int]:
    """The descriptor of agr_tx."""
    with host.entered():
        program = hooks.find(socket.if_nametoindex("agr0.m"), "agr_tx")
    assert program is not None
    yield program
    os.close(program)


@pytest.fixture(scope="module")
def client(host: Namespace, kernel: KernelPath) -> Iterator[RawPort]:
    with RawPort(host, "agr0") as client:
        yield client


def buckets_used(kernel: KernelPath, before: list[int]) -> list[int]:
    return [bucket for bucket in range(BUCKETS) if kernel.queues[bucket].held != before[bucket]]


def counts(kernel: KernelPath) -> list[int]:
    return [kernel.queues[bucket].held for bucket in range(BUCKETS)]


@settings(max_examples=400)
@given(frame=CUT)
def test_with_every_tag_in_the_frame(kernel: KernelPath, program: int, frame: bytes) -> None:
    """BPF_PROG_TEST_RUN: the kernel takes no tag out, and the frame may end anywhere."""
    before = counts(kernel)
    run = _TestRun(size=ctypes.sizeof(_TestRun), frame=frame, octets=len(frame))
    try:
        libbpf.check(libbpf.library().bpf_prog_test_run_opts(program, ctypes.byref(run)))
    except OSError as error:
        assume(error.errno != errno.EINVAL)  # an IP header cut short: the test below sends such frames
        raise
    assert buckets_used(kernel, before) == [bucket_of(frame)]


@settings(max_examples=200)
@given(frame=CUT.filter(lambda frame: frame[12:14] not in TAG_TYPES or len(frame) >= 20))
def test_with_the_first_tag_beside_the_frame(kernel: KernelPath, client: RawPort, frame: bytes) -> None:
    """Real frames of the client: the kernel takes the first tag out, and drops what has no whole one."""
    before = counts(kernel)
    client.send(frame)
    wait_until(lambda: counts(kernel) != before, "the frame comes to the program")
    assert buckets_used(kernel, before) == [bucket_of(frame)]
