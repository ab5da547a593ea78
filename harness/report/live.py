"""What is redrawn in place while testcases run: counts, benches, and the testcase that each is at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Group
from rich.live import Live
from rich.text import Text

from harness.report.rates import Rates, together
from harness.report.screen import STYLES, Screen
from harness.report.summary import bench_name
from harness.report.text import one_line
from harness.report.wording import WORDING
from harness.verdict import WORST_FIRST, Verdict
from harness.verdict.result import Key

_PERIOD = 0.25
"""Seconds between two drawings, at least."""


@dataclass(frozen=True)
class _Running:
    bench: str
    words: str
    since: float


class Display:
    """Drawn by `refresh` alone, in the thread that calls it: whoever watches the run forks processes.

    ``clock`` gives seconds, ``rates`` what passes the ports of benches now, by lab and node id.
    """

    def __init__(
        self, screen: Screen, clock: Callable[[], float], rates: Callable[[], Mapping[Key, Rates]]
    ) -> None:
        self._screen, self._clock, self._rates = screen, clock, rates
        self._live: Live | None = None
        self._due = self._started = clock()
        self._running: dict[Key, _Running] = {}
        self._benches = ""
        self.progress = ""
        self.counts: dict[Verdict, int] = {}

    def start(self) -> None:
        """Begin to draw."""
        self._started = self._clock()
        self.resume()

    def resume(self) -> None:
        """Draw again after a `stop`; time goes on as before."""
        self._live = Live(
            console=self._screen.console,
            get_renderable=self._drawing,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,  # a process that is forked meanwhile would write on the terminal
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Give the terminal back. May be called any number of times."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def refresh(self) -> None:
        """Draw, where the last drawing is old enough: costs nothing to call often."""
        if self._live is None or self._clock() < self._due:
            return
        self._due = self._clock() + _PERIOD
        self._live.refresh()

    def began(self, key: Key, words: str, bench: str) -> None:
        """A testcase runs, on a bench where that is known."""
        self._running[key] = _Running(bench, words, self._clock())

    def ended(self, key: Key) -> None:
        """It does not any more."""
        self._running.pop(key, None)

    def benches(self, working: int, there: int, called: str) -> None:
        """So many of so many benches take testcases now, or of what they are ``called``."""
        self._benches = f"{working} of {there} {called}" if there > 1 else ""

    def _drawing(self) -> Group:
        """A line of counts, a line for each busy bench."""
        now, rates = self._clock(), self._rates()
        head = Text(f"{self.progress}  ")
        spent = filter(None, (_clock_time(now - self._started), self._benches))
        head.append("  ".join(spent), "dim")
        for verdict in WORST_FIRST:
            if number := self.counts.get(verdict):
                head.append(f"  {number} {WORDING[verdict].short}", STYLES[verdict])
        if told := [rates[key] for key in self._running if key in rates]:
            head.append(f"  {together(told)}", "dim")
        lines = [head, *(self._line(one, now, rates.get(key)) for key, one in self._running.items())]
        for each in lines:
            each.no_wrap, each.overflow = True, "ellipsis"
        return Group(*lines)

    def _line(self, one: _Running, now: float, rates: Rates | None) -> Text:
        """What runs on a bench, for how long, and what passes its ports."""
        where = f"{bench_name(one_line(one.bench))}: " if one.bench else ""
        head = Text(f"  {where}{round(now - one.since):>3} s  ")
        if rates is None:
            return head + Text(one.words)
        named = "" if one.bench else f"  {bench_name(one_line(rates.bench))}"
        return self._screen.fitted(head, one.words, Text(f"  {together([rates])}{named}", "dim"))


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
