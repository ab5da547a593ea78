"""`agr-lab`: run the suite, see what a bench can run, what is claimed, and clean up."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from harness import catalogue
from harness.bench.opening import clean
from harness.catalogue.sets import sets
from harness.check.lab import check_lab
from harness.dut.abilities import abilities_of
from harness.lab import load, load_all
from harness.lab.json_schema import lab_schema
from harness.lab.schema import Lab
from harness.lab.sharing import shared
from harness.plugin import with_benches, with_seed
from harness.report.proforma import Seen, proforma, seen_in
from harness.report.terminal import Terminal
from harness.report.text import write_atomically
from harness.run.collecting import LABS, SUITE, SuiteItem, collect, collect_with_claims, root
from harness.run.interrupt import interruptible
from harness.run.lab_results import Suite
from harness.run.last_run import not_passed, of_lab
from harness.run.operator import Operator, check_askable, settle
from harness.run.plan_told import planned, plans_of, tell_commands, tell_plan
from harness.run.questions import Picture
from harness.run.slices import check_slices
from harness.run.suite import run
from harness.verdict import BenchError, UsageError

USAGE = 3
TROUBLE = 2
ASK_TIMEOUT = 1800.0
"""Seconds that an operator gets for an answer."""

DEFAULT = Path("lab.yaml")
"""The lab file, where none is named."""

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

    def command(
        name: str, call: Callable[[argparse.Namespace], int], words: str, *, labs: str = "several"
    ) -> Parser:
        """``labs``: how many lab files it takes, "none", "one" or "several"."""
        sub: Parser = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(command=call)
        text = f"lab file (lab.yaml); some come with agr-lab, in {LABS}"
        if labs == "one":
            sub.add_argument("--lab", type=Path, default=DEFAULT, help=text)
        elif labs == "several":
            sub.add_argument("--lab", type=Path, action="append", help=f"{text}; may be given several times")
        return sub

    sub = command("run", _run, "bring up the bench, run the suite, take it down, write the reports")
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
    sub = command("plan", _plan, "which testcases the bench can run, and what it lacks for others")
    sub.add_argument(
        "--json",
        action="store_true",
        help="a list of {lab, testcase, rows, title, lacks, admitted_by, alone}",
    )
    sub.add_argument(
        "--commands", action="store_true", help="instead: every line that a run may send to the switch"
    )
    sub.add_argument(
        "--ask",
        action="store_true",
        help="how many testcases more `run --ask` would run, by how many questions",
    )
    sub = command("catalogue", _catalogue, "the requirements, and which testcases claim them", labs="none")
    sub.add_argument(
        "--json",
        action="store_true",
        help="a list of {id, clause, requirement, confidence, testcases, reason}",
    )
    command("clean", _clean, "undo what a killed run left on the bench")
    sub = command(
        "check",
        _check,
        "hold the implementation's adapter and the switch's driver of a lab file against their interfaces",
    )
    sub.add_argument("what", nargs="?", choices=["implementation", "switch"], help="only one of the two")
    sub = command(
        "proforma",
        _proforma,
        "the PICS proforma of 43.7 as a page to print, filled in from the PICS that the lab file names",
        labs="one",
    )
    sub.add_argument("--output", type=Path, default=Path("proforma.html"), help="the page (proforma.html)")
    sub.add_argument("--results", type=Path, metavar="FILE", help="coverage.json of a run, to show")
    command(
        "schema", _schema, "the JSON Schema of lab files, for editors, with what is installed", labs="none"
    )
    return parser


def _tell(note: str) -> None:
    """What a lab file says is read, and is written otherwise now."""
    print(note, file=sys.stderr)


def _labs(options: argparse.Namespace) -> list[Lab]:
    """The labs that are named, all of them read."""
    return load_all(options.lab or [DEFAULT], _tell)


def _run(options: argparse.Namespace) -> int:
    interruptible()
    labs = with_seed(with_benches(_labs(options), options.benches, options.slices), options.seed)
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
        if len(labs) > 1:
            raise UsageError("--ask: an operator is asked for the LAGs of one lab; name one --lab")
        labs = [Picture(*with_benches(labs, "1")).lab]
        operator = check_askable(labs[0], Operator.here(options.ask_timeout or ASK_TIMEOUT))
    elif options.ask_timeout:
        raise UsageError("--ask-timeout: only with --ask")
    collected, claims = collect_with_claims(arguments)
    total = len(collected) * len(labs)
    if options.failed:
        last = not_passed(options.reports)
        total = sum(one.nodeid in of_lab(last, lab.name) for lab in labs for one in collected)
    if not total:
        raise UsageError("no testcase is selected")
    suite = Suite({one.nodeid: one for one in collected}, claims)
    return run(labs, suite, total, arguments, options.reports, operator=operator)


def _plan(options: argparse.Namespace) -> int:
    labs = _labs(options)
    for lab in labs:
        check_slices(lab)
    if options.commands:
        for lab in labs:
            tell_commands(lab, several=len(labs) > 1)
        return 0
    collected = collect(WHOLE)
    plans = [(lab, plans_of(lab, collected)) for lab in labs]
    if options.json:
        told = [planned(lab, found, lacks) for lab, of_this in plans for found, lacks in of_this]
        print(json.dumps(told, indent=1))
        return 0
    for number, (lab, of_this) in enumerate(plans):
        if number:
            print()
        tell_plan(lab, of_this, ask=options.ask)
        for other in labs[:number]:
            if words := shared(other, lab):
                print(f"{lab.file} begins when {other.file} has ended: both use {words}")
    return 0


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
    labs = _labs(options)
    broken = 0
    for lab in labs:
        if len(labs) > 1:
            print(f"{lab.file}:", flush=True)
        broken += _check_one(lab, [options.what] if options.what else [])
    print(f"{broken} of its promises not kept" if broken else "all promises are kept")
    return 1 if broken else 0


def _check_one(lab: Lab, what: list[str]) -> int:
    """Tell of each promise whether it is kept; how many are not. ``what``: only that, empty: all there is."""
    what = what or ["implementation", *(["switch"] if lab.switch else [])]
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
    return broken


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
    cleaned: list[str] = []
    wrong: list[str] = []
    for lab in _labs(options):
        try:
            cleaned += clean(lab)
            settle(lab, Operator.here(ASK_TIMEOUT), Terminal())
        except BenchError as error:
            wrong.append(str(error))
    if cleaned or not wrong:
        print(f"cleaned: {', '.join(cleaned)}" if cleaned else "nothing was left behind")
    if wrong:
        raise BenchError("\n".join(wrong))
    return 0


if __name__ == "__main__":
    sys.exit(main())
