"""The control socket: answers agrconfig's requests, one JSON object a line."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agr.control.protocol import Refusal, decode, encode, ending_answer, error_answer
from agr.control.rundir import RunDirectory
from agr.daemon.access import Access, Peer, peer_of
from agr.daemon.linux.interfaces import Interfaces
from agr.daemon.service import Service
from agr.daemon.status import status

log = logging.getLogger("agrd")


# Of each client: the longest request; how long it may say nothing, and take to read an answer.
_REQUEST_OCTETS = 1 << 16
_SILENCE_SECONDS, _SILENCE_SECONDS_OF_TOO_MANY = 60.0, 1.0
_TAKE_SECONDS = 10.0
# At the same time; what the group may not have is left for root.
_CLIENTS, _CLIENTS_OF_THE_GROUP = 64, 48
_BUSY = error_answer(Refusal(errno.EAGAIN, "too many ask agrd at this moment: try again"))


class Server:
    """Answers until `close`; with ``end_when_idle`` it closes when no aggregate and no client is left."""

    def __init__(
        self,
        directory: RunDirectory,
        namespace: str,
        service: Service,
        interfaces: Interfaces,
        access: Access,
        *,
        end_when_idle: bool,
    ) -> None:
        self.ended = asyncio.Event()
        self._directory = directory
        self._namespace = namespace
        self._service = service
        self._interfaces = interfaces
        self._access = access
        self._end_when_idle = end_when_idle
        self._clients: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen. The socket of an agrd that was killed is replaced. Raises OSError."""
        Path(self._directory.control).unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._client, path=self._directory.control, limit=_REQUEST_OCTETS
        )
        self._access.open(self._directory)

    def close(self) -> None:
        """Take no more requests; those under way are still answered."""
        if self._server is not None:
            self._server.close()
        Path(self._directory.control).unlink(missing_ok=True)
        for client in self._silent:
            client.cancel()
        self.ended.set()

    async def wait_answered(self) -> None:
        """After `close`: return when the last client has its answer."""
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._talk(task, reader, writer)
        except asyncio.CancelledError:
            if not self.ended.is_set():  # else `close` has ended it, and asyncio would tell of it as an error
                raise
        except (OSError, ValueError) as error:  # ValueError: a line over the limit
            log.warning("a client of the control socket was cut off: %s", error or type(error).__name__)
            writer.transport.abort()
        finally:
            self._clients.discard(task)
            self._silent.discard(task)
            writer.close()
            self.end_if_idle()

    def end_if_idle(self) -> None:
        """`close` with ``end_when_idle``, when no aggregate and no client is left."""
        if self._end_when_idle and not self._service.aggregates and not self._clients:
            self.close()

    async def _talk(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer a client until it disconnects. Raises TimeoutError when it sends or reads nothing."""
        writer.transport.set_write_buffer_limits(0)  # so that drain waits until all is taken
        peer = peer_of(writer.get_extra_info("socket"))
        too_many = len(self._clients) > (_CLIENTS if peer.root else _CLIENTS_OF_THE_GROUP)
        while not self.ended.is_set():
            self._silent.add(task)
            async with asyncio.timeout(_SILENCE_SECONDS_OF_TOO_MANY if too_many else _SILENCE_SECONDS):
                line = await reader.readline()
            self._silent.discard(task)
            if not line:
                return
            writer.write(encode(_BUSY if too_many else await self._answer(peer, line)))
            async with asyncio.timeout(_TAKE_SECONDS):
                await writer.drain()
            if too_many:
                return

    async def _answer(self, peer: Peer, line: bytes) -> Mapping[str, Any]:
        if self.ended.is_set():
            return ending_answer()
        try:
            self._access.check(peer)
            return {"result": await self._do(decode(line))}
        except Refusal as refused:
            log.info(
                "refused: %s: %s (process %d, user %d)", refused.name, refused.message, peer.pid, peer.uid
            )
            return error_answer(refused)
        except Exception as error:  # the client must have an answer, and the others their agrd
            log.exception("a request failed: %r", line)
            return error_answer(
                Refusal(
                    errno.EIO, f"agrd met an error that it did not expect: {error}: see {self._directory.log}"
                )
            )

    async def _do(self, request: dict[str, Any]) -> Any:
        if request.get("namespace") != self._namespace:
            raise Refusal(errno.EXDEV, f"the agrd in {self._directory.path} serves another network namespace")
        service = self._service
        match request:
            case {"do": "status"}:
                return await status(service, self._interfaces, request.get("aggregate"))
            case {"do": "create", "aggregate": str(aggregate)}:
                return await service.create(aggregate)
            case {"do": "destroy", "aggregate": str(aggregate)}:
                return await service.destroy(aggregate, force=request.get("force") is True)
            case {"do": "agrport", "aggregate": str(aggregate), "port": str(port)}:
                return await service.ports.attach(aggregate, port)
            case {"do": "-agrport", "aggregate": str(aggregate), "port": str(port)}:
                return {"warnings": await service.ports.detach(aggregate, port)}
            case {"do": "set", "aggregate": str(aggregate), "variable": str(variable), "value": str(value)}:
                warnings = await service.set(aggregate, variable, value, request.get("port"))
                return {"warnings": warnings}
        raise Refusal(errno.EBADMSG, f"not a request: {request}")
