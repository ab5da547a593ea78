"""What is known of one finished testcase, and of a run: plain data for reports."""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

from harness.verdict import Verdict
from harness.verdict.failure import Failure, KnownDeviation, SeenFrame


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a result; ``path`` is relative to the reports folder."""

    path: str
    description: str
    sha256: str = ""


@dataclass(frozen=True)
class Measurement:
    """A figure taken in a testcase. Limits are None where the row only reports.

    ``id`` is for machines and stays as it is when ``name``, for people, is reworded. ``samples`` are the
    single figures behind it, where the report is to show how they spread.
    """

    name: str
    value: float
    unit: str
    lower: float | None = None
    upper: float | None = None
    samples: tuple[float, ...] = ()
    id: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Measurement:
        """Rebuild one that crossed a process border."""
        return cls(**{**data, "samples": tuple(data["samples"])})


@dataclass(frozen=True)
class RuleFinding:
    """What a rule of the protocol monitor found in one testcase: of ``held`` frames ``wrong`` ones broke it.

    ``seen`` says what was wrong with the first that did; ``frames`` are those before it and itself, times
    from it. ``doubt`` is why the bench's own measurements forbid a verdict, "" where they do not.
    """

    row: str
    clause: str
    title: str
    held: int
    wrong: int = 0
    seen: str = ""
    frames: tuple[SeenFrame, ...] = ()
    doubt: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RuleFinding:
        """Rebuild one that crossed a process border."""
        return cls(**{**data, "frames": tuple(SeenFrame(**frame) for frame in data["frames"])})


@dataclass(frozen=True)
class StaleDeviation:
    """A known deviation that a run did not show; ``testcases`` are those that passed."""

    row: str
    reason: str
    reference: str
    testcases: list[str]


@dataclass(frozen=True)
class Attempt:
    """One of several times that a testcase was run; ``alone`` with nothing beside it.

    ``cause`` and ``failures`` are those of its `Result`.
    """

    verdict: Verdict
    cause: str
    bench: str
    seconds: float
    alone: bool = False
    failures: tuple[Failure, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Attempt:
        """Rebuild one that crossed a process border."""
        failures = tuple(Failure.from_json(one) for one in data["failures"])
        return cls(**{**data, "verdict": Verdict(data["verdict"]), "failures": failures})


Key = tuple[str, str]
"""What tells a result from the others of a run: its lab's name ("" where there is one lab), its node id."""


@dataclass
class Result:
    """One testcase on one bench.

    ``verdict`` is the worst of its rows'; ``judged`` has that of each row it claims. ``failures`` are what
    the implementation did wrong, each of one row (of a row that it does not claim where that is a premise);
    ``cause`` is why there is no verdict, in words: of an ERROR, of what is INCONCLUSIVE or NOT APPLICABLE, ""
    where the failures say all. ``attempts`` are all the times that it was run, in turn; empty where that was
    once. ``shown_by`` are node ids of the testcases of the same lab that wait for its row (a premise), or in
    which it broke (a rule of the protocol monitor). ``strain`` is the most that the bench was held up
    meanwhile (`Bench.worst_strain`), in seconds. ``lab`` is the lab's name, "" where the run has one lab.
    """

    nodeid: str
    rows: list[str]
    clause: str  # dotted, "43.4.2"; of the first row
    title: str
    verdict: Verdict
    seconds: float
    bench: str
    topology: str = ""  # "T1", "T2", "T1 through the switch"
    cause: str = ""
    failures: list[Failure] = field(default_factory=list)
    judged: dict[str, Verdict] = field(default_factory=dict)
    details: str = ""  # for engineers: a traceback, stacks; several lines
    checks: int = 0
    notes: list[str] = field(default_factory=list)  # [report] lines
    measurements: list[Measurement] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)  # rows that are not applicable, and why
    readings: dict[str, str] = field(default_factory=dict)  # those it was judged by: name, choice
    properties: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    watched: list[RuleFinding] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    shown_by: list[str] = field(default_factory=list)
    strain: float = 0.0
    lab: str = ""

    def __post_init__(self) -> None:
        """A verdict that names no row is that of each."""
        self.judged = {row: self.judged.get(row, self.verdict) for row in self.rows}

    @property
    def key(self) -> Key:
        """No two results of a run have the same."""
        return self.lab, self.nodeid

    @property
    def would_fail(self) -> bool:
        """Whether it is inconclusive, and would be a FAIL without what the bench measured of itself."""
        return self.verdict is Verdict.INCONCLUSIVE and bool(self.failures)

    @property
    def deviations(self) -> list[KnownDeviation]:
        """The known deviations among its failures."""
        return [one.known for one in self.failures if one.known is not None and not one.expired]

    def end_with(self, verdict: Verdict, cause: str, details: str = "") -> None:
        """Another verdict, of each row that has not failed: something went wrong afterwards."""
        self.judged = {
            row: before if before in (Verdict.FAIL, Verdict.DEVIATION) else verdict
            for row, before in self.judged.items()
        }
        self.verdict, self.cause = verdict, cause
        self.details = "\n".join(filter(None, (self.details, details)))

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dictionary; `from_json` is its inverse."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Rebuild a result that crossed a process border."""
        data = dict(data)
        data["verdict"] = Verdict(data["verdict"])
        data["judged"] = {row: Verdict(verdict) for row, verdict in data["judged"].items()}
        data["failures"] = [Failure.from_json(one) for one in data["failures"]]
        data["measurements"] = [Measurement.from_json(m) for m in data["measurements"]]
        data["attachments"] = [Attachment(**a) for a in data["attachments"]]
        data["watched"] = [RuleFinding.from_json(w) for w in data["watched"]]
        data["attempts"] = [Attempt.from_json(a) for a in data["attempts"]]
        return cls(**data)


def _plain(value: Any) -> Any:
    """A field of a result; a record in it becomes a dictionary. (`asdict` would copy each sample, too.)"""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value] if value and is_dataclass(value[0]) else value
    return {name: _plain(one) for name, one in vars(value).items()} if is_dataclass(value) else value


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


@dataclass(frozen=True)
class LabOfRun:
    """One of several labs of a run: its ``name``, and of the fields of `Run` those that are its own."""

    name: str
    lab: str
    kind: str
    implementation: str
    seconds: float
    properties: dict[str, str]
    gone: list[StaleDeviation] = field(default_factory=list)
    cabling: list[Cabling] = field(default_factory=list)
    repeats: int = 1


@dataclass
class Run:
    """A whole run of the suite, on one lab or on several.

    ``repeats``: how often each testcase was run in it (`--repeat`); its `Result.attempts` hold them all.
    ``unsteady_ok``: unsteady testcases do not fail the run. ``unwritten``: what of the reports could not be
    written, in sentences (`harness.report.write`).

    Where it has several labs, ``labs`` has each, in the order in which they were named, and `by_lab` a run of
    each; ``results`` has those of all, lab by lab. ``name`` is the lab's name, "" of several.
    """

    lab: str  # the file; of several labs, all of them
    kind: str  # simulated, emulated, hardware
    implementation: str
    started: str  # ISO 8601, UTC
    seconds: float
    properties: dict[str, str]  # versions of kernel, Open vSwitch, implementation, git commit, cabling ...
    results: list[Result]
    gone: list[StaleDeviation] = field(default_factory=list)
    cabling: list[Cabling] = field(default_factory=list)  # one for each way a bench of this run is cabled
    repeats: int = 1
    unsteady_ok: bool = False
    unwritten: list[str] = field(default_factory=list)
    labs: list[LabOfRun] = field(default_factory=list)
    name: str = ""

    @property
    def in_turn(self) -> float:
        """Seconds that its testcases take one after the other."""
        return sum(result.seconds for result in self.results)

    @property
    def by_lab(self) -> list[Run]:
        """A run of each lab; it itself where it has one."""
        return [self._of(lab) for lab in self.labs] or [self]

    def file_of(self, result: Result) -> str:
        """The lab file that a result is of."""
        return {one.name: one.lab for one in self.labs}.get(result.lab, self.lab)

    def _of(self, lab: LabOfRun) -> Run:
        results = [result for result in self.results if result.lab == lab.name]
        return replace(self, results=results, labs=[], unwritten=[], **vars(lab))
