"""`agr-lab`: run the suite, see what a bench can run, what is claimed, and clean up."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from harness import catalogue
from harness.bench.arrangement import tunnels
from harness.bench.opening import clean
from harness.catalogue.sets import sets
from harness.check.lab import check_lab
from harness.dut.abilities import abilities_of
from harness.lab import load
from harness.lab.json_schema import lab_schema
from harness.lab.schema import Lab
from harness.plugin import with_benches, with_seed
from harness.report.proforma import Seen, proforma, seen_in
from harness.report.terminal import Terminal
from harness.report.text import write_atomically
from harness.run.collecting import LABS, SUITE, SuiteItem, collect, collect_with_claims, root
from harness.run.commands import commands
from harness.run.interrupt import interruptible
from harness.run.operator import Operator, check_askable, settle
from harness.run.plan import Lack, arrangement, lacking, rows_short
from harness.run.questions import Picture, foreseen
from harness.run.slices import check_slices, slices_in_words, why_alone
from harness.run.suite import run
from harness.verdict import BenchError, UsageError

USAGE = 3
TROUBLE = 2
ASK_TIMEOUT = 1800.0
"""Seconds that an operator gets for an answer."""

WHOLE = [SUITE, f"--rootdir={root([SUITE])}"]
"""pytest's arguments for the whole suite."""


class Parser(argparse.ArgumentParser):
    """Wrong arguments exit with 3."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """One line, and where help is."""
        self.exit(USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def span(text: str) -> float:
    """Seconds of a time span: "600", "600s", "90m", "2h". ArgumentTypeError where it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)?", text)
    if match is None or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text} is no time: say 600 (seconds), 90m or 2h")
    return float(match[1]) * {"s": 1, None: 1, "m": 60, "h": 3600}[match[2]]


def main(arguments: list[str] | None = None) -> int:
    """Entry point; gives the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return USAGE
    except BenchError as error:
        print(f"agr-lab: {error}", file=sys.stderr)
        return TROUBLE
    except KeyboardInterrupt:
        print(
            "agr-lab: interrupted; `agr-lab clean` undoes what is left, as does the next run", file=sys.stderr
        )
        return TROUBLE
    except BrokenPipeError:
        sys.stderr.close()
        return TROUBLE


def _parser() -> Parser:
    parser = Parser(
        prog="agr-lab",
        description="Link aggregation conformance (IEEE 802.3ad) on a bench that a lab file describes.",
        epilog="exit codes: 0 all passed, known deviations or not applicable, 1 a conformance failure, "
        "2 only inconclusive or errors, 3 usage",
    )
    parser.add_argument("--version", action="version", version=f"agr-lab {version('agr-lab')}")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, call: Callable[[argparse.Namespace], int], words: str, *, lab: bool) -> Parser:
        sub: Parser = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(command=call)
        if lab:
            text = f"lab file (lab.yaml); some come with agr-lab, in {LABS}"
            sub.add_argument("--lab", type=Path, default=Path("lab.yaml"), help=text)
        return sub

    sub = command("run", _run, "bring up the bench, run the suite, take it down, write the reports", lab=True)
    sub.add_argument("--reports", type=Path, default=Path("reports"), help="where reports go (reports)")
    sub.add_argument(
        "--benches", metavar="N", help="benches side by side: a number, or auto (as the lab file says)"
    )
    sub.add_argument(
        "--slices", metavar="N", help="slices of one bench side by side: a number, or auto (as the file says)"
    )
    sub.add_argument("--smoke", action="store_true", help="only the few testcases marked as smoke")
    named = ", ".join(f"{one.name}: {one.title}" for one in sets().values())
    sub.add_argument("--set", metavar="NAME", help=f"only the testcases of a named set ({named})")
    sub.add_argument(
        "--soak", action="store_true", help="run in full what else has a short form: some rows take hours"
    )
    sub.add_argument("-k", dest="keyword", help="only testcases that match, as pytest's -k")
    sub.add_argument("--rows", nargs="+", metavar="ROW", help="only testcases that claim one of these rows")
    sub.add_argument("--failed", action="store_true", help="only what did not pass last time (by --reports)")
    sub.add_argument("--repeat", type=int, metavar="N", default=1, help="run each testcase N times")
    sub.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="what the run draws it draws from this number (another each run)",
    )
    sub.add_argument(
        "--time-limit", type=span, metavar="TIME", help="end the run in good order after it: 90m, 2h, 600 (s)"
    )
    sub.add_argument(
        "--unsteady-ok",
        action="store_true",
        help="exit code 0 though a testcase failed while the bench was disturbed, and passed alone",
    )
    sub.add_argument(
        "--ask",
        action="store_true",
        help="an operator at this terminal changes LAGs that were set up by hand, as testcases need them",
    )
    sub.add_argument(
        "--ask-timeout",
        type=span,
        metavar="TIME",
        help=f"how long an answer may take, as 90m or 600 (s): then the run ends ({ASK_TIMEOUT:g} s)",
    )
    sub.add_argument("suite", nargs="*", default=[SUITE], help=f"files or folders ({SUITE})")
    sub = command("plan", _plan, "which testcases the bench can run, and what it lacks for others", lab=True)
    sub.add_argument(
        "--json", action="store_true", help="a list of {testcase, rows, title, lacks, admitted_by, alone}"
    )
    sub.add_argument(
        "--commands", action="store_true", help="instead: every line that a run may send to the switch"
    )
    sub.add_argument(
        "--ask",
        action="store_true",
        help="how many testcases more `run --ask` would run, by how many questions",
    )
    sub = command("catalogue", _catalogue, "the requirements, and which testcases claim them", lab=False)
    sub.add_argument(
        "--json",
        action="store_true",
        help="a list of {id, clause, requirement, confidence, testcases, reason}",
    )
    command("clean", _clean, "undo what a killed run left on the bench", lab=True)
    sub = command(
        "check",
        _check,
        "hold the implementation's adapter and the switch's driver of a lab file against their interfaces",
        lab=True,
    )
    sub.add_argument("what", nargs="?", choices=["implementation", "switch"], help="only one of the two")
    sub = command(
        "proforma",
        _proforma,
        "the PICS proforma of 43.7 as a page to print, filled in from the PICS that the lab file names",
        lab=True,
    )
    sub.add_argument("--output", type=Path, default=Path("proforma.html"), help="the page (proforma.html)")
    sub.add_argument("--results", type=Path, metavar="FILE", help="coverage.json of a run, to show")
    command("schema", _schema, "the JSON Schema of lab files, for editors, with what is installed", lab=False)
    return parser


def _tell(note: str) -> None:
    """What a lab file says is read, and is written otherwise now."""
    print(note, file=sys.stderr)


def _run(options: argparse.Namespace) -> int:
    interruptible()
    lab = with_seed(with_benches(load(options.lab, _tell), options.benches, options.slices), options.seed)
    if options.repeat < 1:
        raise UsageError("--repeat: at least 1")
    arguments = [*options.suite, f"--rootdir={root(options.suite)}", f"--reports={options.reports}"]
    arguments += ["--smoke"] if options.smoke else []
    arguments += [f"--set={options.set}"] if options.set else []
    arguments += ["--soak"] if options.soak else []
    arguments += [f"-k={options.keyword}"] if options.keyword else []
    arguments += [f"--rows={','.join(options.rows)}"] if options.rows else []
    arguments += [f"--repeat={options.repeat}"] if options.repeat > 1 else []
    arguments += [f"--time-limit={options.time_limit}"] if options.time_limit else []
    arguments += ["--failed"] if options.failed else []
    arguments += ["--unsteady-ok"] if options.unsteady_ok else []
    operator = None
    if options.ask:
        lab = Picture(with_benches(lab, "1")).lab
        operator = check_askable(lab, Operator.here(options.ask_timeout or ASK_TIMEOUT))
    elif options.ask_timeout:
        raise UsageError("--ask-timeout: only with --ask")
    collected, claims = collect_with_claims(arguments)
    if not collected:
        raise UsageError("no testcase is selected")
    return run(lab, collected, claims, arguments, options.reports, operator=operator)


def _plan_commands(lab: Lab) -> int:
    for purpose, lines in commands(lab):
        print(f"{purpose}:")
        for line in lines:
            print(f"{'    ' if line.startswith(('interface ', 'exit')) else '      '}{line}")
    print("what was changed is put back: by `no` and the same words, `default` of a port, or the line before")
    return 0


def _plan(options: argparse.Namespace) -> int:
    lab = load(options.lab, _tell)
    check_slices(lab)
    if options.commands:
        return _plan_commands(lab)
    plans = [(found, lacking(lab, found.spec)) for found in collect(WHOLE)]
    plans.sort(key=lambda plan: (bool(plan[1]), plan[0].spec.rows))
    if options.json:
        print(json.dumps([_planned(lab, found, lacks) for found, lacks in plans], indent=1))
        return 0
    can = [found for found, lacks in plans if not lacks]
    print(f"{lab.file}: {len(can)} of {len(plans)} testcases can run on bench {lab.name}")
    alone = {found.nodeid: why_alone(lab, found.spec) for found in can} if lab.is_sliced else {}
    if lab.is_sliced:
        print(f"in {slices_in_words(lab)}; {sum(map(bool, alone.values()))} of them alone at the end")
    ways = {found.nodeid: arrangement(lab, found.spec) for found in can}
    if through := [tunnels(way) for way in ways.values() if tunnels(way)]:
        wires = ", ".join(f"{wire.name}: {wire.way.words}" for wire in max(through, key=len))
        print(f"{len(through)} of them on straight wires through the switch ({wires})")
    if options.ask:
        more, questions = foreseen(lab, [found.spec for found, _ in plans])
        print(
            f"{more} more with `agr-lab run --ask`: the operator is asked {questions} times to set something"
        )
    print(f"judged by {lab.judged_by}: {lab.judged_by.constants.title}")
    for sentence in lab.judged_by.reservations:
        print(f"      {sentence}")
    for found, lacks in plans:
        print(f"{'-' if lacks else '+'} {found.shown}")
        if why := alone.get(found.nodeid):
            print(f"      alone: {why}")
        for lack in lacks:
            print(f"      not applicable: {lack.reason}; admitted by: {lack.admitted_by}")
        for row, of_row in rows_short(ways[found.nodeid], found.spec).items() if not lacks else ():
            for lack in of_row:
                print(f"      {row} is not applicable: {lack.reason}; admitted by: {lack.admitted_by}")
    single = Counter(lacks[0].admitted_by for _, lacks in plans if len(lacks) == 1)
    if single:
        print("What alone would admit testcases, and how many:")
    for words, number in single.most_common():
        print(f"{number:6}  {words}")
    return 0


def _planned(lab: Lab, found: SuiteItem, lacks: list[Lack]) -> dict[str, object]:
    """A testcase of the plan, as JSON has it."""
    return {
        "testcase": found.nodeid,
        "rows": found.spec.rows,
        "title": found.title,
        "lacks": "; ".join(lack.reason for lack in lacks),
        "admitted_by": [lack.admitted_by for lack in lacks],
        "alone": why_alone(lab, found.spec) if lab.is_sliced and not lacks else "",
    }


def _catalogue(options: argparse.Namespace) -> int:
    claims: dict[str, list[SuiteItem]] = {}
    for found in collect(WHOLE):
        for row in found.spec.rows:
            claims.setdefault(row, []).append(found)
    known = catalogue.load()
    rows = [
        {
            "id": row.id,
            "clause": row.clause,
            "requirement": row.requirement,
            "confidence": " ".join(row.confidence),
            "testcases": [found.nodeid for found in claims.get(row.id, [])],
            "reason": "" if row.id in claims else known.no_bench.get(row.id, "no testcase claims it yet"),
        }
        for row in known
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for shown in rows:
        names = ", ".join(str(name).rpartition("/")[2] for name in shown["testcases"])
        print(f"{shown['id']}  {shown['clause']:24.24}  {names or shown['reason']}")
    print(f"{len(claims)} of {len(rows)} rows are claimed")
    return 0


def _check(options: argparse.Namespace) -> int:
    interruptible()
    lab = load(options.lab, _tell)
    what = [options.what] if options.what else ["implementation", *(["switch"] if lab.switch else [])]
    clean(lab)
    broken = 0
    for finding in check_lab(lab, what):
        print(f"{'WRONG' if finding.wrong else '   ok'}  {finding.promise}", flush=True)
        if finding.wrong:
            print(f"         {finding.wrong}", flush=True)
            broken += 1
    if "implementation" in what:
        for sentence in abilities_of(lab).missing():
            print(f"   --  {sentence}")
    print(f"{broken} of its promises not kept" if broken else "all promises are kept")
    return 1 if broken else 0


def _proforma(options: argparse.Namespace) -> int:
    lab = load(options.lab, _tell)
    seen = seen_in(options.results, lab) if options.results else Seen()
    page = proforma(lab, catalogue.load(), abilities_of(lab), seen)
    try:
        write_atomically(options.output, page.encode())
    except OSError as error:
        raise UsageError(f"{options.output}: cannot be written: {error.strerror}") from None
    print(f"{options.output}: the PICS proforma of {lab.implementation.adapter}, by {lab.judged_by}")
    return 0


def _schema(options: argparse.Namespace) -> int:
    print(json.dumps(lab_schema(), indent=1))
    return 0


def _clean(options: argparse.Namespace) -> int:
    interruptible()
    lab = load(options.lab, _tell)
    cleaned = clean(lab)
    settle(lab, Operator.here(ASK_TIMEOUT), Terminal())
    print(f"cleaned: {', '.join(cleaned)}" if cleaned else "nothing was left behind")
    return 0


if __name__ == "__main__":
    sys.exit(main())
