"""Which data path moves the frames, chosen once, when agrd starts; and how one is opened."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agr.control.protocol import Refusal
from agr.daemon.datapath.bpfpath import BpfPath
from agr.daemon.datapath.datapath import CHOICES, VARIABLE, DataPath
from agr.daemon.datapath.kernelpath import OBJECT, remove_left_programs, try_out
from agr.daemon.datapath.packetpath import PacketPath
from agr.daemon.linux.kernelthread import KernelThread
from agr.daemon.linux.libbpf import Unavailable

log = logging.getLogger("agrd")


@dataclass(frozen=True)
class Choice:
    """``name`` of the data path; ``reason`` why it is not the one that is tried first, None where it is."""

    name: str
    reason: str | None


def choose(option: str | None, object_file: Path = OBJECT) -> Choice:
    """By agrd's ``option``, else by the environment's AGR_DATA_PATH, else the best that can be had: auto.

    Raises Refusal for an unknown word (EINVAL), and for a data path that this host cannot have (ENOTSUP).
    """
    wanted = option or os.environ.get(VARIABLE) or "auto"
    if wanted not in CHOICES:
        raise Refusal(errno.EINVAL, f"{VARIABLE}={wanted}: must be one of {', '.join(CHOICES)}")
    if wanted == "python":
        return Choice("python", "it was asked for")
    try:
        try_out(object_file)
    except Unavailable as missing:
        if wanted == "bpf":
            raise Refusal(errno.ENOTSUP, f"the data path bpf cannot be had: {missing}") from None
        log.warning("frames are moved by the data path in Python, which is slow: %s", missing)
        return Choice("python", str(missing))
    return Choice("bpf", None)


class Opener:
    """Opens the data paths of all aggregates, as ``choice`` says.

    ``kernel`` is the thread in which programs are attached, ``control_first`` is called before each turn of
    data frames. A path is opened by the name of agr0's ``mate``, the other end of its veth pair.
    """

    def __init__(
        self,
        choice: Choice,
        loop: asyncio.AbstractEventLoop,
        kernel: KernelThread,
        control_first: Callable[[], None],
    ) -> None:
        self.choice = choice
        self._loop = loop
        self._kernel = kernel
        self._control_first = control_first

    async def open(self, mate: str) -> DataPath:
        """The data path of one aggregate, without ports. Raises OSError."""
        if self.choice.name == PacketPath.name:
            return PacketPath(self._loop, mate, self._control_first)
        try:
            path = BpfPath(self._loop, mate, self._control_first)
        except Unavailable as unavailable:  # although there was nothing against it when agrd started
            raise OSError(errno.ENOTSUP, str(unavailable)) from None
        return await self._attached(path)

    async def _attached(self, path: BpfPath) -> BpfPath:
        try:
            await self._kernel.do(path.attach)
        except OSError:
            path.close()
            raise
        return path

    async def take_over(self, mate: str, former: str) -> DataPath:
        """Like `open`, where an earlier agrd that was killed used the data path of the name ``former``.

        What it left in the kernel goes on, with the assignments that it had, or ends. Raises OSError.
        """
        if former == BpfPath.name:
            try:
                left = BpfPath.adopt(self._loop, mate, self._control_first)
            except Unavailable as unavailable:
                log.warning("%s: traffic pauses: %s", mate, unavailable)
            else:
                if self.choice.name == BpfPath.name:
                    return await self._attached(left)
                interfaces = left.interfaces
                left.close()
                for index in interfaces:
                    await self._kernel.do(remove_left_programs, index)
        return await self.open(mate)
