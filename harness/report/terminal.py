"""What `agr-lab run` says while it runs and at its end.

On a terminal: a coloured line for each finished testcase, and below them, redrawn in place, what runs on each
bench. Elsewhere: the same lines without control codes. A verdict is always a word, colour only helps;
NO_COLOR is obeyed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.report.rates import Rates, together
from harness.report.summary import (
    ORDER,
    WORDING,
    bench_label,
    bench_name,
    broken,
    counts,
    headline,
    node,
    parameters,
    side_by_side,
    summary_exit_code,
)
from harness.report.text import duration, one_line, rows_short
from harness.result import Result, Run
from harness.verdict import Verdict

__all__ = ["Terminal", "summary_exit_code"]

_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.UNSTEADY: "bright_yellow",
    Verdict.ERROR: "bold magenta",
    Verdict.DEVIATION: "cyan",
    Verdict.NOT_APPLICABLE: "dim",
}
_ROWS = 12  # named of many that share a cause
_TROUBLED = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE)


class Terminal:
    """Progress and summary of one run. Every method may be called from one thread only.

    `start` once, `began` and `finished` for each testcase, `say` for anything between, `finish` once; `close`
    gives the terminal back when a run ends early, and does no harm otherwise. ``live``: somebody may watch.
    """

    def __init__(
        self,
        file: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        rates: Callable[[], Mapping[str, Rates]] = dict,
    ) -> None:
        """Write to ``file`` (standard output); ``clock`` gives seconds, for spans of the live display.

        ``rates`` gives what passes the ports of benches now, by node id, for the live display.
        """
        stream = sys.stdout if file is None else file
        _never_fail_on_letters(stream)
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self.live = stream.isatty() and self._console.is_interactive
        self._live: Live | None = None
        self._clock = clock
        self._rates = rates
        self._started = clock()
        self._total = 0
        self._results: list[Result] = []
        self._running: dict[str, tuple[str, str, float]] = {}  # by bench: node id, title, since
        self._lock = threading.Lock()  # the live display is drawn by a thread of rich's

    def start(self, total: int, header: dict[str, str]) -> None:
        """Say what is about to run: ``header`` is shown as "key: value" lines, ``total`` counts testcases."""
        self._total = total
        self._started = self._clock()
        width = max((len(key) for key in header), default=0)
        for key, value in header.items():
            self._line(Text.assemble((f"{one_line(key):<{width}}  ", "dim"), one_line(value)))
        self._line(Text(f"{_count(total)} to run"))
        if self.live:
            self._live = Live(
                console=self._console, get_renderable=self._status, refresh_per_second=4, transient=True
            )
            self._live.start()

    def began(self, nodeid: str, title: str, bench: str) -> None:
        """A testcase began, on a bench where that is known; only the live display shows it."""
        given = parameters(nodeid)
        words = one_line(f"{title} [{given}]" if given else title)
        with self._lock:
            self._running[nodeid] = (bench, words, self._clock())

    def finished(self, result: Result) -> None:
        """A testcase ended: one line, and for what did not pass a second one with the reason."""
        with self._lock:
            self._results.append(result)
            self._total = max(self._total, len(self._results))
            self._running.pop(result.nodeid, None)
        self._line(self._result_line(result))
        if result.verdict in _TROUBLED:
            reason = Text(one_line(result.message or result.seen or "no message"), _STYLES[result.verdict])
            self._line(reason, indent=2 * self._digits + 4)
        elif result.deviation is not None:
            words = f"{result.deviation.row}: {one_line(result.deviation.reason)}"
            self._line(Text(words, _STYLES[result.verdict]), indent=2 * self._digits + 4)

    def say(self, text: str) -> None:
        """A line from the harness: what it starts, cleans up, waits for."""
        for line in text.splitlines() or [""]:
            self._line(Text(one_line(line)))

    def refresh(self) -> None:
        """Draw the live display, if it is time."""

    def benches(self, working: int, wanted: int) -> None:
        """So many benches work, and so many may."""

    def finish(self, run: Run, reports_dir: Path) -> None:
        """Stop the live display; say what did not pass and why, what was not applicable, counts, reports."""
        self.close()
        self._problems(run.results, reports_dir)
        self._deviations(run)
        self._not_applicable(run.results)
        self._counts(run)
        for name, words in (("index.html", "Report"), ("junit.xml", "JUnit ")):
            if (reports_dir / name).exists():
                self._line(Text(f"{words}  {reports_dir / name}"))
        verdict, sentence = headline(run.results)
        self._line(Text.assemble((WORDING[verdict].word, _STYLES[verdict]), f": {sentence}."))

    def close(self) -> None:
        """Give the terminal back. May be called any number of times."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    @property
    def _digits(self) -> int:
        return len(str(self._total))

    def _line(self, text: Text, indent: int = 0) -> None:
        if self._console.is_terminal:
            self._console.print(Padding(text, (0, 0, 0, indent)) if indent else text)
        else:  # a log is searched by line, so nothing is folded there
            self._console.print(Text(" " * indent) + text, soft_wrap=True)

    def _result_line(self, result: Result) -> Text:
        wording, style = WORDING[result.verdict], _STYLES[result.verdict]
        number = Text(f"[{len(self._results):>{self._digits}}/{self._total}] ", "dim")
        tail = Text(f"  {duration(result.seconds)}  {bench_name(one_line(result.bench))}", "dim")
        given = parameters(result.nodeid)
        title = one_line(f"{result.title} [{given}]" if given else result.title)
        head = Text.assemble(number, (f"{wording.short:<6}", style), f"  {rows_short(result.rows):<9}  ")
        return self._fitted(head, title, tail) if self._console.is_terminal else head + Text(title) + tail

    def _fitted(self, head: Text, words: str, tail: Text) -> Text:
        """On one line of the terminal, the tail at its end; words that are too long end in an ellipsis."""
        room = self._console.width - head.cell_len - tail.cell_len
        middle = Text(words)
        middle.truncate(max(room, 12), overflow="ellipsis", pad=room > 12)
        return head + middle + tail

    def _status(self) -> Group:
        """The live display: a line of counts, a line for each busy bench."""
        with self._lock:
            running, number = dict(self._running), counts(self._results)
            done = len(self._results)
        now = self._clock()
        line = Text(f"[{done:>{self._digits}}/{self._total}]  ")
        for verdict in ORDER:
            if number[verdict]:
                line.append(f"{number[verdict]} {WORDING[verdict].short}  ", _STYLES[verdict])
        line.append(_clock_time(now - self._started), "dim")
        rates = self._rates()
        if told := [rates[nodeid] for nodeid in running if nodeid in rates]:
            line.append(f"  {together(told)}", "dim")
        lines = [line]
        for nodeid, (bench, words, since) in running.items():
            lines.append(self._running_line(bench, words, now - since, rates.get(nodeid)))
        for each in lines:
            each.no_wrap, each.overflow = True, "ellipsis"
        return Group(*lines)

    def _running_line(self, bench: str, words: str, seconds: float, rates: Rates | None) -> Text:
        """What runs on a bench, for how long, and what passes its ports."""
        where = f"{bench_name(one_line(bench))}: " if bench else ""
        head = Text(f"  {where}{round(seconds):>3} s  ")
        if rates is None:
            return head + Text(words)
        return self._fitted(
            head, words, Text(f"  {together([rates])}  {bench_name(one_line(rates.bench))}", "dim")
        )

    def _problems(self, results: list[Result], reports_dir: Path) -> None:
        for verdict in _TROUBLED:
            chosen = [result for result in results if result.verdict is verdict]
            if chosen:
                self._heading(f"{WORDING[verdict].word}: {WORDING[verdict].meaning}", _STYLES[verdict])
            for alike in _by_cause(chosen):
                if len(alike) > 1:
                    self._common_problem(alike)
                else:
                    self._problem(alike[0], reports_dir)

    def _common_problem(self, results: list[Result]) -> None:
        """What kept several testcases from a verdict, once."""
        self._line(Text(f"  {_count(len(results))}", "bold"))
        rows = dict.fromkeys(row for result in results for row in result.rows)
        names = ", ".join(list(rows)[:_ROWS]) + (
            f" and {len(rows) - _ROWS} more" if len(rows) > _ROWS else ""
        )
        self._fields([("cause", results[0].message or "no message was given"), ("rows", names)])

    def _problem(self, result: Result, reports_dir: Path) -> None:
        given = parameters(result.nodeid)
        title = one_line(f"{result.title} [{given}]" if given else result.title)
        self._line(Text.assemble((f"  {rows_short(result.rows)}  ", "bold"), title))
        row, clause = broken(result)
        fields = [("clause", f"{clause} ({row})" if result.verdict is Verdict.FAIL else clause)]
        if result.expected and result.seen:
            fields += [("expected", result.expected), ("seen", result.seen)]
        else:
            fields.append(("cause", result.message or "no message was given"))
        fields += [("where", bench_label(result)), ("test", node(result.nodeid))]
        fields += [("file", str(reports_dir / attachment.path)) for attachment in result.attachments]
        self._fields(fields)

    def _fields(self, fields: list[tuple[str, str]]) -> None:
        """Labelled text, its further lines set below its first; on one line where nobody watches."""
        if not self._console.is_terminal:
            for label, value in fields:
                self._line(Text(f"    {label + ':':<9} {one_line(value)}"))
            return
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=12)
        grid.add_column(overflow="fold", ratio=1)
        for label, value in fields:
            grid.add_row(Text(f"    {label}", "dim"), Text(one_line(value)))
        self._console.print(grid)

    def _deviations(self, run: Run) -> None:
        """What broke requirements in a known way, by reason; and what the list names and nothing broke."""
        reasons: dict[tuple[str, str, str], list[Result]] = {}
        for result in run.results:
            if (known := result.deviation) is not None:
                reasons.setdefault((known.reason, known.reference, known.expires), []).append(result)
        wording, style = WORDING[Verdict.DEVIATION], _STYLES[Verdict.DEVIATION]
        if reasons:
            self._heading(f"{wording.word}: {wording.meaning}", style)
        for (reason, reference, expires), chosen in reasons.items():
            rows = dict.fromkeys(result.deviation.row for result in chosen if result.deviation)
            self._line(Text(f"{_count(len(chosen))}: {one_line(reason)} ({', '.join(rows)})"), indent=2)
            self._line(Text(f"{one_line(reference)}; until {expires}", "dim"), indent=4)
        if run.gone:
            self._heading("NO LONGER SHOWN: listed as known deviations, but what claims them passed", style)
        for one in run.gone:
            self._line(Text(f"{one.row}: {one_line(one.reason)} ({_count(len(one.testcases))})"), indent=2)

    def _not_applicable(self, results: list[Result]) -> None:
        reasons: dict[str, list[Result]] = {}
        for result in results:
            if result.verdict is Verdict.NOT_APPLICABLE:
                reasons.setdefault(one_line(result.message) or "no reason was given", []).append(result)
        if reasons:
            self._heading("NOT APPLICABLE on this bench", "bold")
        for reason, chosen in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
            names = dict.fromkeys(rows_short(result.rows) or one_line(result.title) for result in chosen)
            self._line(Text(f"{_count(len(chosen))}: {reason} ({', '.join(names)})"), indent=2)

    def _counts(self, run: Run) -> None:
        took = f"in {duration(run.seconds)}; {side_by_side(run)}"
        self._heading(f"{_count(len(run.results))} on {run.implementation} {took}", "bold")
        for verdict, number in counts(run.results).items():
            style = _STYLES[verdict] if number else "dim"
            word, meaning = WORDING[verdict].word, WORDING[verdict].meaning
            line = Text.assemble((f"  {number:>5}  {word:<15}", style), (f"  {meaning}", "dim"))
            if self._console.is_terminal:
                line.truncate(self._console.width, overflow="ellipsis")
            self._line(line)
        self._line(Text())

    def _heading(self, words: str, style: str) -> None:
        self._line(Text())
        self._line(Text(one_line(words), style))


def _by_cause(results: list[Result]) -> list[list[Result]]:
    """Failures one by one; what has no verdict for the same reason together."""
    causes: dict[str, list[Result]] = {}
    for result in results:
        own = result.verdict is Verdict.FAIL or bool(result.attachments)
        causes.setdefault(result.nodeid if own else result.message, []).append(result)
    return list(causes.values())


def _never_fail_on_letters(stream: TextIO) -> None:
    """A terminal that is not UTF-8 shows "?" for what it lacks: no report ends in UnicodeEncodeError."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _count(number: int) -> str:
    return f"{number} testcase" if number == 1 else f"{number} testcases"
