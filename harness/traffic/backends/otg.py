"""A device that speaks the Open Traffic Generator API (ixia-c and others), by the HTTP that snappi speaks.

Every flow sends one frame again and again: the API has no counter for what is behind the headers.
"""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from harness.host.location import Location
from harness.lab.schema import Wire
from harness.traffic import stamp
from harness.traffic.backends.base import Account, Device
from harness.traffic.outcome import SenderCount
from harness.traffic.source import Source
from harness.verdict import BenchError

_ANSWER_SECONDS = 30.0
_LOOK_AGAIN = 0.2
_FCS = 4
_PORT = "tester"


class Otg(Source):
    """Sends ``frames`` at the port ``location`` of the generator at ``url``, stamped for ``run``.

    They are not numbered and say no time. A device's own certificate is taken as it is, as snappi does.
    """

    section: ClassVar[type[Device]] = Device

    def __init__(self, url: str, location: str, frames: Sequence[bytes], *, run: int) -> None:
        self._url = url.rstrip("/")
        self._location = location
        self._frames = frames
        self._run = run
        self._account = Account(len(frames))
        self._rate: float | None = None
        self._begun: float | None = None
        self._certificates = ssl.create_default_context()
        self._certificates.check_hostname = False
        self._certificates.verify_mode = ssl.CERT_NONE
        self._ask("GET", "/config")  # is it there?

    @classmethod
    def open(cls, section: Device, wire: Wire, frames: Sequence[bytes], *, run: int, at: Location) -> Self:
        """As `Source.open`; its ports are its own, wherever it is."""
        return cls(section.address, str(section.port(wire)), frames, run=run)

    def start(self, *, rate: float | None = None, count: int | None = None) -> None:
        """As `Source.start`; the flows share rate and count, and each has at least one of both."""
        self._rate = rate
        self._ask("POST", "/config", config(self._location, self._frames, self._run, rate, count))
        self._transmit("start")
        self._begun = time.monotonic()

    def stop(self) -> SenderCount:
        """As `Source.stop`."""
        self._transmit("stop")
        return self.wait(_ANSWER_SECONDS)

    def wait(self, seconds: float) -> SenderCount:
        """As `Source.wait`."""
        if self._begun is not None:
            deadline = time.monotonic() + seconds
            while (frames := self._frames_if_over()) is None:
                if time.monotonic() > deadline:
                    raise BenchError(f"generator {self._url}: it has not ended in {seconds:g} s")
                time.sleep(_LOOK_AGAIN)
            self._account.add(frames, max(0.0, time.monotonic() - self._begun - _LOOK_AGAIN), self._rate)
            self._begun = None
        return self._account.sent(numbered=False)

    def close(self) -> None:
        """Stop it, where it sends."""
        if self._begun is not None:
            self._transmit("stop")
            self._begun = None

    def _transmit(self, state: str) -> None:
        wanted = {"choice": "flow_transmit", "flow_transmit": {"state": state}}
        self._ask("POST", "/control/state", {"choice": "traffic", "traffic": wanted})

    def _frames_if_over(self) -> int | None:
        said = self._ask("POST", "/monitor/metrics", {"choice": "flow", "flow": {"flow_names": []}})
        metrics = said.get("flow_metrics", [])
        if not metrics or any(flow.get("transmit") != "stopped" for flow in metrics):
            return None
        return sum(int(flow.get("frames_tx", 0)) for flow in metrics)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, data, kind, method=method)
        try:
            with urllib.request.urlopen(
                request, timeout=_ANSWER_SECONDS, context=self._certificates
            ) as answer:
                said = json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise BenchError(f"generator {self._url}: {path}: {_words(error.read())}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise BenchError(
                f"generator {self._url}: {getattr(reason, 'strerror', None) or reason}"
            ) from None
        return said if isinstance(said, dict) else {}


def config(
    location: str, frames: Sequence[bytes], run: int, rate: float | None, count: int | None
) -> dict[str, Any]:
    """What /config is sent: a port, and a flow for each frame."""
    flows = len(frames)
    pace: dict[str, Any] = {"choice": "percentage", "percentage": 100 / flows}
    if rate is not None:
        pace = {"choice": "pps", "pps": str(max(1, round(rate / flows)))}
    duration: dict[str, Any] = {"choice": "continuous", "continuous": {"gap": 12}}
    if count is not None:
        packets = max(1, round(count / flows))
        duration = {"choice": "fixed_packets", "fixed_packets": {"packets": packets, "gap": 12}}
    return {
        "ports": [{"name": _PORT, "location": location}],
        "flows": [
            {
                "name": str(number),
                "tx_rx": {"choice": "port", "port": {"tx_name": _PORT}},
                "packet": _headers(frame[: -stamp.OCTETS] + stamp.untimed(run, number, 0)),
                "size": {"choice": "fixed", "fixed": len(frame) + _FCS},
                "rate": pace,
                "duration": duration,
                "metrics": {"enable": True, "loss": False, "timestamps": False},
            }
            for number, frame in enumerate(frames)
        ],
    }


def _headers(frame: bytes) -> list[dict[str, Any]]:
    """Ethernet's own, and all behind it as it is."""

    def fixed(value: object) -> dict[str, object]:
        return {"choice": "value", "value": value}

    ethernet = {
        "dst": fixed(frame[0:6].hex(":")),
        "src": fixed(frame[6:12].hex(":")),
        "ether_type": fixed(int.from_bytes(frame[12:14], "big")),
    }
    return [
        {"choice": "ethernet", "ethernet": ethernet},
        {"choice": "custom", "custom": {"bytes": frame[14:].hex()}},
    ]


def _words(body: bytes) -> str:
    """The errors of an answer on one line."""
    try:
        errors = json.loads(body).get("errors", [])
    except (ValueError, AttributeError):
        errors = []
    return "; ".join(map(str, errors)) or body.decode(errors="replace").strip() or "an error without a word"
