"""agrd: link aggregation for the interfaces of one network namespace."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import gc
import logging
import os
import resource
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import agr
from agr.control.launch import launch, report_ready
from agr.control.protocol import Refusal
from agr.control.rundir import Lock, RunDirectory, namespace_identity, run_directory
from agr.daemon.datapath.datapath import CHOICES
from agr.daemon.notify import notify

log = logging.getLogger("agrd")

_LOG_OCTETS = 4 << 20
# The event loop gives Python's lock away with each frame: the kernel's thread keeps it no longer than this,
# where it would keep it for 5 ms.
_SWITCH_SECONDS = 0.0005
# How long an agrd that is ending may take until the next one gives up.
_PREDECESSOR_SECONDS = 15.0


def main(arguments: list[str] | None = None) -> int:
    """Run agrd. Returns the exit code: 0, 1 with a message, 2 for usage."""
    options = _parse(arguments)
    try:
        if os.geteuid() != 0:
            raise Refusal(
                errno.EPERM, "agrd must run as root: it opens packet sockets and changes interfaces"
            )
        directory = run_directory()
        directory.prepare()
        if options.foreground or options.ready_fd is not None or options.clean is not None:
            _run(options, directory)
        else:
            _start_in_background(directory, options)
    except Refusal as refused:
        with contextlib.suppress(OSError):
            report_ready(options.ready_fd, refused.message)
        print(f"agrd: {refused.name}: {refused.message}", file=sys.stderr)
        return 1
    except OSError as error:
        with contextlib.suppress(OSError):
            report_ready(options.ready_fd, str(error))
        print(f"agrd: {error}", file=sys.stderr)
        return 1
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="agrd", description=__doc__)
    parser.add_argument(
        "--foreground", action="store_true", help="stay in the foreground and log to stderr too"
    )
    parser.add_argument(
        "--clean",
        nargs="*",
        metavar="AGGREGATE",
        help="undo what a killed agrd left, or of it these agr interfaces only, print their names, and end",
    )
    parser.add_argument(
        "--data-path",
        choices=CHOICES,
        help="what moves the frames: auto (the default, or $AGR_DATA_PATH), bpf or python",
    )
    parser.add_argument(
        "--group",
        metavar="NAME",
        help="its members may ask agrd as root may; by default the group agr, where there is one",
    )
    parser.add_argument("--version", action="version", version=f"agrd {agr.__version__}")
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--end-when-idle", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _start_in_background(directory: RunDirectory, options: argparse.Namespace) -> None:
    given = {"--data-path": options.data_path, "--group": options.group}
    start = Lock(directory.start_lock)
    try:
        if not start.acquire(_PREDECESSOR_SECONDS):
            raise Refusal(errno.EBUSY, "another agrd is being started")
        launch(directory, *(word for pair in given.items() if pair[1] is not None for word in pair))
    finally:
        start.release()


def _run(options: argparse.Namespace, directory: RunDirectory) -> None:
    lock = Lock(directory.lock)
    try:
        if not _acquire(lock, options, directory):
            if options.end_when_idle and directory.is_served():
                report_ready(options.ready_fd)  # another one came first: whoever wanted an agrd has one
                return
            raise Refusal(errno.EBUSY, f"an agrd runs already (it has locked {directory.lock})")
        _set_up_logging(directory, to_stderr=options.foreground)
        _allow_many_files()
        os.chdir("/")
        if options.clean is not None:
            asyncio.run(_clean(directory, options.clean))
        else:
            asyncio.run(_serve(options, directory))
    finally:
        lock.release()


def _acquire(lock: Lock, options: argparse.Namespace, directory: RunDirectory) -> bool:
    """Take the lock. An agrd started for a request waits for one that ends, unless another one serves."""
    if options.end_when_idle:
        return lock.acquire(_PREDECESSOR_SECONDS, directory.is_served)
    return lock.acquire(0)


def _allow_many_files() -> None:
    """Raise the limit of open files as far as it goes: each port takes three."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _set_up_logging(directory: RunDirectory, *, to_stderr: bool) -> None:
    handlers: list[logging.Handler] = [
        RotatingFileHandler(
            directory.log, maxBytes=_LOG_OCTETS, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    ]
    if to_stderr:
        handlers.append(logging.StreamHandler())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=handlers)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


async def _clean(directory: RunDirectory, names: list[str]) -> None:
    from agr.daemon.journal import Journal
    from agr.daemon.linux.interfaces import Interfaces
    from agr.daemon.undo import undo_aggregates

    interfaces = Interfaces()
    journal = Journal.load(Path(directory.journal), namespace_identity())
    try:
        for name in await undo_aggregates(interfaces, journal, names or None):
            print(name)
    finally:
        interfaces.close()


async def _serve(options: argparse.Namespace, directory: RunDirectory) -> None:
    from agr.daemon.access import Access
    from agr.daemon.datapath.choice import choose
    from agr.daemon.journal import Journal
    from agr.daemon.linux.interfaces import Interfaces
    from agr.daemon.server import Server
    from agr.daemon.service import Service

    gc.freeze()  # what has been loaded stays
    gc.enable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    loop = asyncio.get_running_loop()
    namespace = namespace_identity()
    choice = choose(options.data_path)
    access = Access.of(options.group)
    interfaces = Interfaces()
    journal = Journal.load(Path(directory.journal), namespace)
    service = Service(loop, interfaces, journal, choice, Path(directory.state))
    await service.begin()
    server = Server(directory, namespace, service, interfaces, access, end_when_idle=options.end_when_idle)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.close)
    await server.open()
    log.info("agrd %s, pid %d, in %s", agr.__version__, os.getpid(), directory.path)
    if not report_ready(options.ready_fd):
        server.end_if_idle()
    if options.foreground:
        notify("READY=1")
    events = loop.create_task(service.follower.run())
    await server.ended.wait()
    await server.wait_answered()
    events.cancel()
    await service.shut_down()
    interfaces.close()
    log.info("agrd ends")
