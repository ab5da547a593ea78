"""The small synchronous requests to the kernel."""

from __future__ import annotations

import socket

import pytest

from agr.daemon.linux import rtnetlink
from testcases.selftest.daemon.lab import Namespace


def has_queue(host: Namespace) -> bool:
    with host.entered():
        return rtnetlink.has_ingress_queue(socket.if_nametoindex("re0"))


def test_an_ingress_queue_is_found_while_it_is_there(host: Namespace) -> None:
    assert not has_queue(host)
    for kind in ("clsact", "ingress"):
        host.run("tc", "qdisc", "add", "dev", "re0", kind)
        assert has_queue(host)
        host.run("tc", "qdisc", "del", "dev", "re0", kind)
        assert not has_queue(host)


def test_an_interface_that_is_gone_is_an_error(host: Namespace) -> None:
    with host.entered(), pytest.raises(OSError, match="No such device"):
        rtnetlink.has_ingress_queue(9999)
