"""What `agr-lab run` says while it runs and at its end.

On a terminal: a coloured line for each finished testcase, and below them, redrawn in place, what runs on each
bench. Elsewhere: the same lines without control codes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.text import Text

from harness.report.attempts import first_words
from harness.report.closing import conclude
from harness.report.live import Display
from harness.report.rates import Rates
from harness.report.screen import STYLES, Screen
from harness.report.sentences import message, premise
from harness.report.summary import bench_name, count, counts, parameters, place, titled
from harness.report.text import duration, one_line, rows_short, short_line
from harness.report.wording import WORDING
from harness.verdict import Verdict
from harness.verdict.result import Key, Result, Run

_TOLD = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSTEADY, Verdict.NOT_JUDGED)


class Terminal:
    """Progress and summary of one run. It starts no thread, and every method is called from one.

    `start` once, `began` and `finished` for each testcase, `benches` and `parked` where their number changes,
    `again` where testcases are run once more, `say` for anything between, `finish` once; `close` gives the
    terminal back when a run ends early, and does no harm otherwise. `refresh` is called some times a second.
    ``live``: somebody may watch.
    """

    def __init__(
        self,
        file: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        rates: Callable[[], Mapping[Key, Rates]] = dict,
    ) -> None:
        """Write to ``file`` (standard output); ``clock`` gives seconds, for spans of the live display.

        ``rates`` gives what passes the ports of benches now, by lab and node id, for the live display.
        """
        self._screen = Screen(file)
        self.live = self._screen.live
        self._display = Display(self._screen, clock, rates)
        self._total = self._ended = 0
        self._alone = self._is_drawn = False
        self._told: dict[str, str] = {}  # causes, and where they were told
        self._results: list[Result] = []  # the latest of each testcase that was run once more

    def start(self, total: int, header: Sequence[tuple[str, str]]) -> None:
        """Say what is about to run: ``header`` is shown as "key  value" lines, ``total`` counts testcases."""
        width = max((len(key) for key, _ in header), default=0)
        for key, value in header:
            self._screen.line(Text.assemble((f"{one_line(key):<{width}}  ", "dim"), short_line(value)))
        self._screen.line(Text(f"{count(total)} to run"))
        self._count_from(total)
        if self.live:
            self._is_drawn = True
            self._display.start()

    def again(self, total: int, lab: str = "") -> None:
        """What follows is run once more, ``total`` testcases one by one with nothing beside them."""
        self._alone = True
        of = f" of {one_line(lab)}" if lab else ""
        self._screen.line(Text())
        self._screen.line(Text(f"once more, alone: {count(total)}{of}", "bold"))
        self._count_from(total)

    def began(self, key: Key, title: str, bench: str) -> None:
        """A testcase began, on a bench where that is known; only the live display shows it."""
        lab, nodeid = key
        given = parameters(nodeid)
        self._display.began(key, short_line(f"{title} [{given}]" if given else title), place(lab, bench))

    def finished(self, result: Result) -> None:
        """A testcase ended: one line, and a second one with the reason for what did not pass at once."""
        if self._alone:
            self._results = [one for one in self._results if one.key != result.key]
        self._results.append(result)
        self._ended += 1
        self._total = max(self._total, self._ended)
        self._display.ended(result.key)
        self._count()
        self._screen.line(self._result_line(result))
        if reason := self._said_once(result):
            self._screen.line(Text(reason, STYLES[result.verdict]), indent=2 * self._digits + 4)

    def benches(self, working: int, there: int, called: str = "benches") -> None:
        """``working`` of the ``there`` benches take testcases now, or of what they are ``called``; only the
        live display shows it."""
        self._display.benches(working, there, called)

    def parked(self, bench: str, cause: str) -> None:
        """A bench is given up for the rest of the run."""
        words = f"{bench_name(one_line(bench))} is parked, its testcases go to the others: "
        self._screen.line(Text(words + short_line(cause), STYLES[Verdict.ERROR]))

    def refresh(self) -> None:
        """Redraw the live display, at most four times a second: costs nothing to call often."""
        self._display.refresh()

    def say(self, text: str) -> None:
        """A line from the harness: what it starts, cleans up, waits for."""
        for line in text.splitlines() or [""]:
            self._screen.line(Text(one_line(line)))

    def ask(self, text: str) -> None:
        """Show a question, the cursor behind it; nothing is drawn over it until it is `answered`."""
        self._display.stop()
        self._screen.question(Text(one_line(text), "bold"))

    def answered(self) -> None:
        """The live display goes on below the question."""
        if self._is_drawn:
            self._display.resume()

    def finish(self, run: Run, reports_dir: Path) -> None:
        """Stop the live display; say what did not pass and why, what was not applicable, counts, reports."""
        self.close()
        conclude(self._screen, run, reports_dir)

    def close(self) -> None:
        """Give the terminal back. May be called any number of times."""
        self._is_drawn = False
        self._display.stop()

    def _said_once(self, result: Result) -> str:
        """The reason; where another had the same, and it is no failure, where that was told."""
        reason = _reason(result)
        if result.verdict not in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_JUDGED):
            return reason
        needed = premise(result)
        waits = needed is not None and result.verdict is Verdict.NOT_JUDGED
        cause = f"{result.lab} {needed.row}" if needed is not None and waits else message(result)
        at = self._told.setdefault(cause, self._number)
        if at == self._number:
            return reason
        return "" if result.verdict is Verdict.NOT_JUDGED else f"the same cause as {at}"

    def _count_from(self, total: int) -> None:
        self._total, self._ended = total, 0
        self._count()

    def _count(self) -> None:
        self._display.progress = self._number
        self._display.counts = counts(self._results)

    @property
    def _digits(self) -> int:
        return len(str(self._total))

    @property
    def _number(self) -> str:
        return f"[{self._ended:>{self._digits}}/{self._total}{' alone' if self._alone else ''}]"

    def _result_line(self, result: Result) -> Text:
        wording, style = WORDING[result.verdict], STYLES[result.verdict]
        number = Text(f"{self._number} ", "dim")
        needed = premise(result) if result.verdict is Verdict.NOT_JUDGED else None
        waits = f"  waits for {one_line(needed.row)}" if needed else ""
        tail = Text(
            f"{waits}  {duration(result.seconds)}  {one_line(place(result.lab, result.bench))}", "dim"
        )
        head = Text.assemble(number, (f"{wording.short:<6}", style), f"  {rows_short(result.rows):<9}  ")
        return self._screen.ended(head, short_line(titled(result)), tail)


def _reason(result: Result) -> str:
    """Why it did not pass, or not at once; "" where there is nothing to say."""
    if result.verdict in _TOLD:
        return short_line(message(result)) or "no message"
    if result.deviations:
        return "; ".join(f"{known.row}: {short_line(known.reason)}" for known in result.deviations)
    if result.attempts and result.attempts[0].verdict is not result.verdict:
        return short_line(f"at first {first_words(result)}")
    return ""
