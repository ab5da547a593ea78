"""What is known of one finished testcase, and of a run: plain data for reports."""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass
from typing import Any

from harness.verdict import Verdict


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a result; ``path`` is relative to the reports folder."""

    path: str
    description: str
    sha256: str = ""


@dataclass(frozen=True)
class Measurement:
    """A figure taken in a testcase. Limits are None where the row only reports.

    ``samples`` are the single figures behind it, where the report is to show how they spread.
    """

    name: str
    value: float
    unit: str
    lower: float | None = None
    upper: float | None = None
    samples: tuple[float, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Measurement:
        """Rebuild one that crossed a process border."""
        return cls(**{**data, "samples": tuple(data["samples"])})


@dataclass(frozen=True)
class Watched:
    """What a rule of the protocol monitor found in one testcase: of ``held`` frames ``wrong`` ones broke it.

    ``seen`` is the first that did, ``details`` the frames around it. ``doubt`` is why the bench's own
    measurements forbid a verdict, "" where they do not.
    """

    row: str
    clause: str
    title: str
    held: int
    wrong: int = 0
    seen: str = ""
    details: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Known:
    """Why a failure is a known deviation: of which row, and until which day (ISO 8601)."""

    row: str
    reason: str
    reference: str
    expires: str


@dataclass(frozen=True)
class Gone:
    """A known deviation that a run did not show; ``testcases`` are those that passed."""

    row: str
    reason: str
    reference: str
    testcases: list[str]


@dataclass(frozen=True)
class Attempt:
    """One of several times that a testcase was run; ``alone`` with nothing beside it."""

    verdict: Verdict
    message: str
    bench: str
    seconds: float
    alone: bool = False

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Attempt:
        """Rebuild one that crossed a process border."""
        return cls(**{**data, "verdict": Verdict(data["verdict"])})


@dataclass
class Result:
    """One testcase on one bench.

    ``attempts`` are all the times that it was run, in turn; empty where that was once. ``would_fail``: it is
    inconclusive, and would be a FAIL without what the bench measured of itself. ``strain`` is the most
    that the bench was held up meanwhile (`Bench.worst_strain`), in seconds.
    """

    nodeid: str
    rows: list[str]
    clause: str  # dotted, "43.4.2"; of the first row
    title: str
    verdict: Verdict
    seconds: float
    bench: str
    topology: str = ""  # "T1", "T2"
    message: str = ""  # failure: row, clause, expected, seen; otherwise cause or reason
    expected: str = ""
    seen: str = ""
    details: str = ""  # the frames or the traceback, several lines
    checks: int = 0
    notes: list[str] = field(default_factory=list)  # [report] lines
    measurements: list[Measurement] = field(default_factory=list)
    readings: dict[str, str] = field(default_factory=dict)  # those it was judged by: name, choice
    properties: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    deviation: Known | None = None  # where the verdict is DEVIATION
    attempts: list[Attempt] = field(default_factory=list)
    would_fail: bool = False
    strain: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dictionary; `from_json` is its inverse."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Rebuild a result that crossed a process border."""
        data = dict(data)
        data["verdict"] = Verdict(data["verdict"])
        data["measurements"] = [Measurement.from_json(m) for m in data["measurements"]]
        data["attachments"] = [Attachment(**a) for a in data["attachments"]]
        data["watched"] = [Watched(**w) for w in data["watched"]]
        data["attempts"] = [Attempt.from_json(a) for a in data["attempts"]]
        if data["deviation"] is not None:
            data["deviation"] = Known(**data["deviation"])
        return cls(**data)


def _plain(value: Any) -> Any:
    """A field of a result; a record in it becomes a dictionary. (`asdict` would copy each sample, too.)"""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return vars(value) if is_dataclass(value) else value


@dataclass(frozen=True)
class End:
    """One end of a wire: ``node`` is "implementation", "switch" or "tester", ``port`` its name there."""

    node: str
    port: str


@dataclass(frozen=True)
class Cable:
    """One wire of a bench, for the picture of it.

    ``captured_at`` is the node whose end is captured ("" where nobody captures), ``capture`` says how in
    words: "tester's port", "host's own port", "mirror port Gi1/0/24".
    """

    name: str
    a: End
    b: End
    topology: str = ""  # "T1", "T2"
    captured_at: str = ""
    capture: str = ""


@dataclass(frozen=True)
class Cabling:
    """How a bench is cabled; ``captions`` holds a line or two on each node ("Open vSwitch 3.1")."""

    cables: list[Cable]
    captions: dict[str, str] = field(default_factory=dict)
    name: str = ""  # "benches 1 to 4"; needed where benches of a run are cabled differently


@dataclass
class Run:
    """A whole run of the suite.

    ``repeats``: how often each testcase was run in it (`--repeat`); its `Result.attempts` hold them all.
    ``unsteady_ok``: unsteady testcases do not fail the run. ``unwritten``: what of the reports could not be
    written, in sentences (`harness.report.write`).
    """

    lab: str
    kind: str  # simulated, emulated, hardware
    implementation: str
    started: str  # ISO 8601, UTC
    seconds: float
    properties: dict[str, str]  # versions of kernel, Open vSwitch, implementation, git commit, cabling ...
    results: list[Result]
    gone: list[Gone] = field(default_factory=list)
    cabling: list[Cabling] = field(default_factory=list)  # one for each way a bench of this run is cabled
    repeats: int = 1
    unsteady_ok: bool = False
    unwritten: list[str] = field(default_factory=list)

    @property
    def in_turn(self) -> float:
        """Seconds that its testcases take one after the other."""
        return sum(result.seconds for result in self.results)
