"""Which data path moves the frames: chosen once, when agrd starts."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agr.daemon.bpf.kernel import OBJECT, remove_left_programs, try_out
from agr.daemon.bpf.libbpf import Unavailable
from agr.daemon.bpfpath import BpfPath
from agr.daemon.client import ClientDevice
from agr.daemon.datapath import DataPath
from agr.daemon.packetpath import PacketPath
from agr.daemon.pathnames import CHOICES, VARIABLE
from agr.daemon.protocol import Refused

log = logging.getLogger("agrd")


@dataclass(frozen=True)
class Choice:
    """``name`` of the data path; ``reason`` why it is not the one that is tried first, None where it is."""

    name: str
    reason: str | None


def choose(option: str | None, object_file: Path = OBJECT) -> Choice:
    """By agrd's ``option``, else by the environment's AGR_DATA_PATH, else the best that can be had: auto.

    Raises Refused for an unknown word (EINVAL), and when that which is asked for cannot be had (ENOTSUP).
    """
    wanted = option or os.environ.get(VARIABLE) or "auto"
    if wanted not in CHOICES:
        raise Refused(errno.EINVAL, f"{VARIABLE}={wanted}: must be one of {', '.join(CHOICES)}")
    if wanted == "python":
        return Choice("python", "it was asked for")
    try:
        try_out(object_file)
    except Unavailable as missing:
        if wanted == "bpf":
            raise Refused(errno.ENOTSUP, f"the data path bpf cannot be had: {missing}") from None
        log.warning("frames are moved by the data path in Python, which is slow: %s", missing)
        return Choice("python", str(missing))
    return Choice("bpf", None)


async def open_path(
    choice: Choice, loop: asyncio.AbstractEventLoop, device: ClientDevice, control_first: Callable[[], None]
) -> DataPath:
    """The data path of one aggregate, without ports. Raises OSError."""
    if choice.name == "python":
        return PacketPath(loop, device, control_first)
    try:
        path = BpfPath(loop, device, control_first)
    except Unavailable as unavailable:  # although there was nothing against it when agrd started
        raise OSError(errno.ENOTSUP, str(unavailable)) from None
    return await _attached(path, device)


async def _attached(path: BpfPath, device: ClientDevice) -> BpfPath:
    try:
        await device.kernel.do(path.attach)
    except OSError:
        path.close()
        raise
    return path


async def take_over_path(
    choice: Choice,
    former: str,
    loop: asyncio.AbstractEventLoop,
    device: ClientDevice,
    control_first: Callable[[], None],
) -> DataPath:
    """Like `open_path`, where an earlier agrd that was killed used the data path of the name ``former``.

    What it left in the kernel goes on, with the assignments that it had, or ends. Raises OSError.
    """
    if former == BpfPath.name:
        try:
            left = BpfPath.adopt(loop, device, control_first)
        except Unavailable as unavailable:
            log.warning("%s: its traffic pauses: %s", device.name, unavailable)
        else:
            if choice.name == BpfPath.name:
                return await _attached(left, device)
            hooked = left.hooked
            left.close()
            for index in hooked:
                await device.kernel.do(remove_left_programs, index)
    return await open_path(choice, loop, device, control_first)
