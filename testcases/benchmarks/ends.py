"""The two ends of a TCP stream or of an echo: processes of their own, as applications are."""

from __future__ import annotations

from typing import Any

from harness.host.location import Here
from harness.traffic.child import Child
from testcases.benchmarks.hosts import Host

_ANSWER_SECONDS = 30.0


class End(Child):
    """``role``: source or sink of a stream, client or server of an echo; ``address`` is the server's."""

    def __init__(self, role: str, host: Host, address: str, core: int) -> None:
        settings = {"role": role, "address": address, "core": core}
        super().__init__(Here(host.name), "testcases.benchmarks.ending", settings)

    def do(self, **message: Any) -> dict[str, Any]:
        """Ask and wait for the answer."""
        return self.ask(message, _ANSWER_SECONDS)
