"""The thread for all that may wait for RTNL, the kernel's lock for interfaces.

Anybody on the host may have it for seconds: who deletes another network namespace with many interfaces, for
one. Queries wait for it as well as changes, by rtnetlink, by ioctl, by bpf(2) at an interface's hooks, by
setsockopt(2) for a membership. So none of them is done in the event loop, which PDUs must not wait for.

One thread, because the kernel does one after the other anyway, and because requests keep their order so: what
is asked later sees what was changed before. It is for calls that release Python's own lock while they wait:
`socket.setsockopt` and `socket.if_nameindex` do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class KernelThread:
    """The thread. It begins with the first call, in the network namespace of the caller."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rtnl")

    def do(self, function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> asyncio.Future[T]:
        """Call a function in the thread, behind all earlier calls. To be called from the event loop.

        The future has what it returns or raises.
        """
        loop = asyncio.get_running_loop()
        return asyncio.wrap_future(self._executor.submit(function, *arguments, **keywords), loop=loop)

    def close(self) -> None:
        """Return when all calls have ended."""
        self._executor.shutdown()
