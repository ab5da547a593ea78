"""The part of the plugin that runs testcases: in the process of each bench."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.bench.arrangement import tunnels, with_lags
from harness.bench.bench import Bench
from harness.bench.opening import opened
from harness.bench.slices import Held, opened_slice
from harness.case.case import Case
from harness.catalogue import Catalogue
from harness.catalogue.claims import Spec, spec_of, title_of
from harness.dut.fixed import FixedLag, FixedSection
from harness.dut.implementation import Variable
from harness.lab.load import folder_name
from harness.lab.schema import Lab
from harness.report.pcapng import Interface, save_pcapng
from harness.report.sentences import details, message
from harness.report.summary import short_id
from harness.report.text import TEXT_LIMIT, cut
from harness.run.controller import CONTROLLER
from harness.run.garbage import seldom_collected
from harness.run.interrupt import undisturbed
from harness.run.meter import Meter
from harness.run.plan import arrangement, lacks, rows_lacking
from harness.run.testcase import case_of, conclude
from harness.run.verdict_of import Judgement
from harness.run.watchdog import Overrun
from harness.verdict import BenchError, ImplementationRefused, Verdict
from harness.verdict.result import Attachment, Result

RESULT = pytest.StashKey[Result]()
CASE = pytest.StashKey[Case]()
BEGAN = pytest.StashKey[float]()


THROUGH_SWITCH = "T1 through the switch"
"""The topology of straight wires that are made there."""


class VerdictReached(Exception):
    """Carries a verdict other than PASS through pytest; its text is the whole story."""


@dataclass(frozen=True)
class Trouble:
    """Why a bench is not there, or not any more: a sentence, and the details for engineers.

    ``implementation``: that refused something, and a bench made anew shows whether it goes on; the bench
    itself is well.
    """

    cause: str
    details: str = ""
    implementation: bool = False


def captured_at(lab: Lab) -> str:
    """Where the frames of each wire are captured, and which go through the switch."""
    through = {wire.name: " (through the switch)" for wire in tunnels(lab)}
    return " ".join(f"{wire.name}:{wire.capture}{through.get(wire.name, '')}" for wire in lab.wires)


class Worker:
    """Runs testcases on one bench of ``lab``, brought up at the first that needs it.

    ``rates``: where to tell what passes its ports. ``attempt``: how often its testcase has run, with this
    time. ``broken``: why the bench must be made anew before the next testcase, None while it is well;
    ``was_up``: there has been one. ``left_out``: why testcases are not applicable, by node id, beside
    what the bench lacks. ``slice``: the bench that another process holds, and the number of the slice of it
    that is worked on (0: all of it), None where the bench is this process's own; ``wires`` are those that the
    slice is given for its testcase, None where it has all.
    """

    def __init__(
        self,
        lab: Lab,
        catalogue: Catalogue,
        reports: Path,
        *,
        soak: bool = False,
        rates: Path | None = None,
    ) -> None:
        self.lab = lab
        self.left_out: dict[str, str] = {}
        self.broken: Trouble | None = None
        self.was_up = False
        self.attempt = 1
        self.slice: tuple[Held, int] | None = None
        self.wires: Sequence[str] | None = None
        self._own = lab
        self._lab_name = ""
        self._soak = soak
        self._rates = rates
        self._meter: Meter | None = None
        self._catalogue = catalogue
        self._reports = reports
        self._stack = ExitStack()
        self._bench: Bench | None = None
        self._facts: dict[str, str] = {}

    def serve(self, lab: Lab, name: str) -> None:
        """From now on the testcases are those of this lab; ``name`` is its own where the run has several."""
        self.lab = self._own = lab
        self._lab_name = name

    @property
    def is_up(self) -> bool:
        """Whether there is a bench, and it is well."""
        return self._bench is not None and self.broken is None

    @property
    def name(self) -> str:
        """The bench's, or the lab's while there is none."""
        return self._bench.name if self._bench else self.lab.name

    @property
    def unfit(self) -> str:
        """Why wires through the switch of this bench are none; "" where they are, or there are none."""
        return self._bench.unfit if self._bench else ""

    def strain(self) -> float:
        """How late the bench was since this was last asked, in seconds (`Bench.strain`)."""
        return self._bench.strain() if self._bench else 0.0

    def bring_up(self) -> None:
        """Make the bench, anew where there was one. Raises what keeps it from coming up."""
        with suppress(Exception):
            self.take_down()
        if self.slice is None:
            opening = opened(self._own, self.transcripts)
        else:
            opening = opened_slice(self._own, *self.slice, self.transcripts)
        self._bench, self._facts = self._stack.enter_context(opening)
        if isinstance(self.lab.implementation, FixedSection):
            self._bench.believe(self.lab.implementation.configured)
        if self._rates is not None:
            self._meter = self._stack.enter_context(Meter(self._bench, self._rates, self._lab_name))
        self.broken, self.was_up = None, True

    def leave(self) -> None:
        """Leave the wires of a slice to others; raises what keeps them from being as they were found."""
        if self._bench is not None and self.wires is not None:
            self._bench.leave()

    @property
    def transcripts(self) -> Path:
        """Where dialogues with the switch are written."""
        return self._reports / "transcripts" / self._folder

    @property
    def _folder(self) -> str:
        """Below which its files stand, where the run has several labs."""
        return folder_name(self._lab_name) if self._lab_name else ""

    def believe(self, lags: Sequence[FixedLag]) -> None:
        """LAGs that have been set up by hand are set so from now on."""
        self.lab = with_lags(self.lab, lags)
        if self._bench is not None:
            self._bench.believe(lags)

    def told_otherwise(self, ports: Sequence[str], values: Mapping[str, Variable]) -> str:
        """What the wires tell against these variables of a LAG (`Bench.told_otherwise`)."""
        return self._bench.told_otherwise(ports, values) if self._bench is not None else ""

    def take_down(self) -> None:
        """Leave the bench as it was found; raises what keeps it from being that. Harmless without one."""
        stack, self._stack = self._stack, ExitStack()
        self._bench = self._meter = None
        stack.close()

    def _begun(self, testcase: str, spec: Spec) -> Bench:
        """The bench at the beginning of a testcase. What the one before left behind is not this one's fault:
        a bench that cannot be made ready is made anew once, and what then goes wrong is raised."""
        if self._bench is not None and self.broken is None:
            with suppress(BenchError, ImplementationRefused):
                return self._begin(self._bench, testcase, spec)
        self.bring_up()
        assert self._bench is not None
        return self._begin(self._bench, testcase, spec)

    def _begin(self, bench: Bench, testcase: str, spec: Spec) -> Bench:
        """The bench, arranged for the testcase, as it begins."""
        if self.wires is not None:
            bench.take(self.wires)
        bench.arrange(arrangement(bench.own, spec))
        bench.begin(testcase, spec.looks_at)
        return bench

    def _skip(self, item: pytest.Item, spec: Spec, reason: str) -> NoReturn:
        """The testcase is not applicable."""
        self._note(item, spec, None, Judgement(Verdict.NOT_APPLICABLE, reason))
        pytest.skip(reason)

    def pytest_collection_finish(self) -> None:
        """All is imported now."""
        seldom_collected()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """What the bench lacks is known before anything is touched."""
        spec = spec_of(item)
        item.stash[BEGAN] = time.monotonic()
        if RESULT in item.stash:
            del item.stash[RESULT]  # of another attempt, or of another lab
        if spec is None:
            return
        if reason := self.left_out.get(item.nodeid) or lacks(self.lab, spec):
            self._skip(item, spec, reason)

    @pytest.fixture
    def case(self, request: pytest.FixtureRequest) -> Iterator[Case]:
        """The testcase's hand on the bench."""
        spec = spec_of(request.node)
        if spec is None:
            raise pytest.UsageError(f"{request.node.nodeid}: mark it with @claims(...)")
        rows = [self._catalogue.row(row) for row in spec.rows]
        try:
            bench = self._begun(request.node.nodeid, spec)
            if self._meter is not None:
                self._meter.nodeid = request.node.nodeid
            bench.troubles()  # what happened between testcases is nobody's
            case = case_of(bench, spec, rows, soak=self._soak)
        except KeyboardInterrupt:
            raise  # the run ends, and says why
        except BaseException as error:
            self._conclude(request.node, spec, None, error)
            raise
        if reason := lacks(bench.lab, spec):  # what its wires through the switch were found not to pass
            self._skip(request.node, spec, reason)
        request.node.stash[CASE] = case
        yield case
        try:
            case.close()
        except BaseException as error:
            self._note_broken(error)
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """Run the testcase and turn what happened into a verdict, while the captures are still there."""
        spec = spec_of(pyfuncitem)
        if spec is None:
            return (yield)
        error: BaseException | None = None
        try:
            yield
        except (KeyboardInterrupt, SystemExit, pytest.exit.Exception):
            raise
        except BaseException as caught:
            error = caught
        self._conclude(pyfuncitem, spec, pyfuncitem.stash.get(CASE, None), error)
        return True

    def _conclude(
        self, item: pytest.Item, spec: Spec, case: Case | None, error: BaseException | None
    ) -> None:
        rows = [self._catalogue.row(row) for row in spec.rows]
        outcome = conclude(self._bench, case, error, self._catalogue, rows)
        judgement = outcome.judgement
        self._note_broken(error)
        result = self._note(item, spec, case, judgement)
        result.watched = outcome.watched
        if case is not None and self._bench is not None:
            good = judgement.verdict is Verdict.PASS and not judgement.lost and not judgement.late
            self._bench.end(case.found, good=good)
        troubled = judgement.verdict is not Verdict.PASS or any(one.wrong for one in outcome.watched)
        if troubled and case is not None and self._bench is not None:
            result.attachments += self._captures(item.nodeid, self._bench, result.notes)
        if judgement.verdict is not Verdict.PASS:
            raise VerdictReached(f"{judgement.verdict.upper()}: {message(result)}") from None

    def _note_broken(self, error: BaseException | None) -> None:
        """After what is the bench's fault, and after what was ended, nobody knows what state it is in."""
        if isinstance(error, Overrun):
            self.broken = Trouble(str(error), error.stacks)
        elif isinstance(error, BenchError | ImplementationRefused):
            self.broken = Trouble(str(error), implementation=isinstance(error, ImplementationRefused))

    def _note(self, item: pytest.Item, spec: Spec, case: Case | None, judgement: Judgement) -> Result:
        row = self._catalogue.row(spec.rows[0])
        facts = self._bench.facts() if self._bench and case else {}
        lab = self._bench.lab if self._bench else self.lab
        lacking = {} if judgement.verdict is Verdict.NOT_APPLICABLE else rows_lacking(lab, spec)
        left_out = [f"{row} is not applicable: {reason}" for row, reason in lacking.items()]
        needed = {name: self.lab.judged_by.reading(name) for name in spec.readings}
        result = Result(
            nodeid=item.nodeid,
            rows=list(spec.rows),
            clause=row.dotted,
            title=title_of(item),
            verdict=judgement.verdict,
            seconds=time.monotonic() - item.stash[BEGAN],
            bench=self.name,
            topology=spec.topology.replace("T1", THROUGH_SWITCH if tunnels(lab) else "T1"),
            cause=judgement.cause,
            failures=judgement.failures,
            judged={**judgement.rows, **dict.fromkeys(lacking, Verdict.NOT_APPLICABLE)},
            details=judgement.details,
            checks=case.checks if case else 0,
            notes=[*(case.notes if case else []), *judgement.notes, *left_out],
            lacking=lacking,
            measurements=case.measurements if case else [],
            readings={**needed, **(case.readings if case else {})},
            strain=judgement.strain,
            properties={**self._facts, **facts, "captured at": captured_at(lab)},
            lab=self._lab_name,
        )
        item.stash[RESULT] = result
        return result

    def _captures(self, nodeid: str, bench: Bench, notes: list[str]) -> list[Attachment]:
        """One pcapng a wire that carried anything; what cannot be written is a note."""
        test = re.sub(r"[^\w.-]+", "_", short_id(nodeid))
        again = f".{self.attempt}" if self.attempt > 1 else ""
        folder = self._reports / "captures" / self._folder / f"{test}{again}"
        attachments = []
        for name, tap in bench.taps().items():
            with bench.loop.lock:
                frames = [(frame.time, frame.data, frame.sent) for frame in tap.frames]
            if not frames:
                continue
            path = folder / f"{name}.pcapng"
            if trouble := save_pcapng(path, [Interface(name)], frames):
                notes.append(trouble)  # a verdict is worth more than its capture
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            words = f"frames on {name}" + (f", attempt {self.attempt}" if again else "")
            attachments.append(Attachment(str(path.relative_to(self._reports)), words, digest))
        return attachments

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Send the result along with pytest's report; it may cross a process border."""
        report = yield
        result = item.stash.get(RESULT, None)
        if result is not None:
            result.seconds = time.monotonic() - item.stash[BEGAN]
            if report.failed and result.verdict is Verdict.PASS:  # what the verdict was not told of
                text = report.longreprtext
                last = text.strip().splitlines()[-1]
                result.end_with(Verdict.ERROR, f"the harness broke: {last}", text)
            if report.when == "call" or not report.passed:
                report.conformance = json.dumps(result.as_json())
        if report.failed and result is not None and report.longrepr is not None:
            words = f"{result.verdict.upper()}: {message(result)}\n{details(result)}".rstrip()
            report.longrepr = cut(words, TEXT_LIMIT)
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Take down a bench of this very process: under a debugger there is one."""
        with undisturbed():
            try:
                self.take_down()
            except Exception as error:
                session.config.stash[CONTROLLER].labs[0].not_left_as_found(self.name, str(error))
