"""Listening to the kernel's messages when that cannot be had for a while."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from typing import cast

import pytest

from agr.daemon import events
from agr.daemon.ports import Ports
from agr.daemon.world import World


class Spins(BaseException):
    """The loop had no turn in between."""


def test_without_a_descriptor_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    async def no_descriptor() -> AsyncIterator[None]:
        nonlocal tries
        tries += 1
        if tries > 100:
            raise Spins
        raise OSError(errno.EMFILE, "Too many open files")
        yield

    async def listen() -> None:
        follower = events.LinkFollower(cast(World, None), cast(Ports, None), lambda _: None)
        listening = asyncio.get_running_loop().create_task(follower.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        listening.cancel()

    monkeypatch.setattr(events, "link_events", no_descriptor)
    asyncio.run(listen())
    assert tries == 1
