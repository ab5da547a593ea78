"""A run with every verdict and a whole cabling, for tests of the reports and for looking at them."""

from __future__ import annotations

from dataclasses import replace

from harness.report.findings import broken_rules, unmet_premises
from harness.verdict import Verdict
from harness.verdict.failure import Failure, Figure, Kind, KnownDeviation, Limit, SeenFrame
from harness.verdict.result import (
    Attachment,
    Attempt,
    Cable,
    Cabling,
    End,
    LabOfRun,
    Measurement,
    Result,
    RuleFinding,
    Run,
    StaleDeviation,
)

_WORKING = "Activity Timeout Aggregation Synchronization Collecting Distributing"
_US = f"system 7001,02:00:5e:00:53:01 key 0a0b port 6002,0101 state 0x3f {_WORKING}"
_THEM = "system 8000,02:00:5e:00:52:01 key 0011 port 8000,0001 state"

FRAMES = (
    SeenFrame(0.0, "w4", f"w4 -> tester LACPDU actor[{_THEM} 0x3f {_WORKING}] partner[{_US}]"),
    SeenFrame(
        1.000181, "w4", f"w4 -> tester LACPDU actor[{_THEM} 0x07 Activity Timeout Aggregation] partner[{_US}]"
    ),
    SeenFrame(
        4.402918,
        "w4",
        f"w4 -> tester LACPDU actor[{_THEM} 0x87 Activity Timeout Aggregation Expired] partner[{_US}]",
    ),
)
FRAME_LINES = """\
+0.000 s  {}
+1.000 s  {}
+4.403 s  {}""".format(*(frame.text for frame in FRAMES))

KNOWN = KnownDeviation("MK-01", "It has no Marker Responder", "its <manual>, section 4", "2027-06-30")

CATALOGUE = [
    {
        "id": f"{group}-{number:02}",
        "clause": clause,
        "requirement": f"What {group}-{number:02} asks for <in own words>",
        "confidence": ("C", "L") if number % 2 else ("M",),
        "testcases": ["test_a.py::test_a"] if number % 3 else [],
        "no_bench": "" if number % 3 or number % 2 else "nobody can send such a frame",
    }
    for group, clause, size in (
        ("LF", "43.4.2.2", 29),
        ("RX", "43.4.12", 42),
        ("MK", "43.5.4", 25),
        ("FD", "43.2.4", 19),
        ("AG", "EXAMPLES", 20),
    )
    for number in range(1, size + 1)
]


def cabling() -> Cabling:
    """The emulated bench: four ports to the switch, four straight wires, one traffic wire."""
    host = ("T2", "implementation", "host's own port")
    switched = [
        Cable(f"w{n}", End("implementation", f"re{n}"), End("switch", f"Gi1/0/{n + 1}"), *host)
        for n in range(4)
    ]
    traffic = Cable(
        "traffic", End("switch", "Gi1/0/9"), End("tester", "tp0"), "T2", "tester", "tester's port"
    )
    straight = [
        Cable(
            f"w{n}", End("tester", f"tp{n}"), End("implementation", f"re{n}"), "T1", "tester", "tester's port"
        )
        for n in range(4, 8)
    ]
    captions = {
        "implementation": "agr 0.1.0, ports in a network namespace",
        "switch": "Open vSwitch 3.1.0; SSH and serial console",
        "tester": "scripted LACP partners",
    }
    return Cabling([*switched, traffic, *straight], captions)


def result(verdict: Verdict, rows: list[str], title: str, **more: object) -> Result:
    """One result with defaults."""
    values: dict[str, object] = {
        "nodeid": f"testcases/conformance/{rows[0][:2].lower()}/test_{rows[0].lower()}.py::test_it",
        "rows": rows,
        "clause": "43.4.12",
        "title": title,
        "verdict": verdict,
        "seconds": 3.2,
        "bench": "2",
        "topology": "T1",
        "checks": 7,
        **more,
    }
    return Result(**values)  # type: ignore[arg-type]


def failure(row: str = "RX-07", clause: str = "43.4.12", **more: object) -> Failure:
    """One row that was broken, with frames."""
    values: dict[str, object] = {
        "expected": "an LACPDU with Partner Synchronization=0 on w4",
        "seen": "3 other frames",
        "limit": Limit("within", 3.0, 0.25, 0.15),
        "frames": FRAMES,
        "origin": "the last LACPDU of the partner",
        **more,
    }
    return Failure(row, clause, **values)  # type: ignore[arg-type]


def failed() -> Result:
    """Of three rows one is broken, another by a figure, one was not reached; with captures."""
    slow = failure(
        "RX-08",
        expected="time to EXPIRED",
        seen="4.403 s",
        limit=Limit("at most", 3.0, 0.25, 0.5),
        frames=(),
        figure=Figure(4.403, "s", 2.75, 3.75),
    )
    return result(
        Verdict.FAIL,
        ["RX-06", "RX-07", "RX-08"],
        "A bundled port that hears nothing goes to EXPIRED",
        nodeid="testcases/conformance/rx/test_expired.py::test_expired[short-phase3]",
        failures=[failure(), slow],
        judged={"RX-06": Verdict.NOT_JUDGED, "RX-07": Verdict.FAIL, "RX-08": Verdict.FAIL},
        seconds=5.41,
        notes=["phase 0.3 s"],
        measurements=[Measurement("time to EXPIRED", 4.403, "s", 2.75, 3.75, id="expired")],
        properties={"capture.w4": "tester's port"},
        attachments=[
            Attachment("rx-07/w4.pcapng", "frames of wire w4", "ab" * 32),
            Attachment("rx-07/switch console.txt", "transcript of the switch's console"),
        ],
    )


def waiting(number: int = 5, row: str = "MX-02", **more: object) -> list[Result]:
    """Testcases that could not judge, for a premise was not reached."""
    met = failure(row, "43.4.15", kind=Kind.PREMISE, expected="an LACPDU with Synchronization=1 on w4")
    return [
        result(
            Verdict.NOT_JUDGED,
            [f"FD-{n:02}"],
            f"Testcase {n} that needs a bundle",
            nodeid=f"testcases/conformance/fd/test_fd.py::test_it[{n}]",
            failures=[replace(met, **more)],  # type: ignore[arg-type]
            checks=0,
        )
        for n in range(1, number + 1)
    ]


def unmet(number: int = 5) -> list[Result]:
    """What waits for a premise, and the premise's own FAIL."""
    cases = waiting(number)
    return [*cases, *unmet_premises(cases)]


def fused(deviation: KnownDeviation | None = None) -> Result:
    """A testcase of three rows: the first broke (as a deviation knows), the second too, the third passed."""
    first = failure("MK-08", "43.5.4", expected="a Marker Response on w4", known=deviation)
    second = failure("MK-09", "43.5.4", expected="no data before the Marker Response", seen="one frame")
    judged = {
        "MK-08": Verdict.DEVIATION if deviation else Verdict.FAIL,
        "MK-09": Verdict.FAIL,
        "MK-10": Verdict.PASS,
    }
    return result(
        Verdict.FAIL,
        list(judged),
        "A conversation moves behind its Marker",
        clause="43.5.4",
        failures=[first, second],
        judged=judged,
    )


def monitored() -> list[Result]:
    """A testcase that passed, in which a rule of the monitor was broken; and what that comes to."""
    watched = RuleFinding("LF-26", "43.4.9", "The Partner information is what the partner said last", 10, 2,
                      "key 9 of nobody", FRAMES[:2])  # fmt: skip
    seen = result(Verdict.PASS, ["LF-01"], "The destination is right", watched=[watched])
    return [seen, *broken_rules([seen])]


def troubled() -> list[Result]:
    """One of each that gives no verdict on the implementation."""
    return [
        result(
            Verdict.INCONCLUSIVE,
            ["RX-09"],
            "Short timeout of a bundled port",
            cause="the bench was 182 ms late at 14:03:07 (limit 50 ms)",
            attachments=[Attachment("rx-09/w5.pcapng", "frames of wire w5")],
        ),
        result(
            Verdict.ERROR,
            ["FD-13"],
            "Carrier loss moves the flows",
            clause="43.2.4",
            topology="T2",
            cause="lab.yaml: switch.console: /dev/ttyS9 is held by picocom (pid 812): end it",
            details='Traceback (most recent call last):\n  File "x.py", line 3, in <module>\nBenchError',
        ),
        result(
            Verdict.NOT_APPLICABLE,
            ["AG-04"],
            "The manual's examples run word for word",
            clause="EXAMPLES",
            cause="Open vSwitch has no agrconfig",
            checks=0,
            seconds=0,
        ),
        result(
            Verdict.NOT_APPLICABLE,
            ["MK-12"],
            "The Marker comes back",
            cause="needs two straight wires",
            checks=0,
        ),
    ]


def deviating() -> Run:
    """A run whose failures are all known, and a known deviation that does not show."""
    known = result(
        Verdict.DEVIATION,
        ["MK-01"],
        "Every member answers a Marker",
        clause="43.2.6/43.5.4",
        failures=[
            failure("MK-01", "43.2.6/43.5.4", expected="a Marker Response", seen="nothing", known=KNOWN)
        ],
    )
    gone = StaleDeviation(
        "RX-12", "It defaults too late", "issue 4711", ["rx/test_defaulted.py::test_defaulted"]
    )
    return replace(run([known, *passed()]), gone=[gone])


def unsteady() -> Result:
    """It failed beside others and passed alone."""
    late = failure("RX-15", expected="an LACPDU on w4", seen="one after 3.910 s", frames=FRAMES[:1])
    waited = "the host did not run agrd for 1.3 s of these 3.5"
    return result(
        Verdict.UNSTEADY,
        ["RX-15"],
        "A port that was silenced speaks again",
        bench="agr-lab3",
        cause=waited,
        failures=[replace(late, doubt=waited)],
        attempts=[
            Attempt(Verdict.FAIL, "", "agr-lab3", 5.2, failures=(replace(late, frames=()),)),
            Attempt(Verdict.PASS, "", "agr-lab1", 4.8, alone=True),
        ],
    )


def passed_later() -> list[Result]:
    """They passed when they were run once more."""
    return [
        result(
            Verdict.PASS,
            [row],
            "Seen at the second look",
            attempts=[
                Attempt(verdict, cause, "agr-lab2", 3.0),
                Attempt(Verdict.PASS, "", "agr-lab1", 2.5, alone=True),
            ],
        )
        for row, verdict, cause in (
            ("LF-20", Verdict.INCONCLUSIVE, "the bench was 182 ms late (limit 50 ms)"),
            ("LF-21", Verdict.INCONCLUSIVE, "the bench was 182 ms late (limit 50 ms)"),
            ("MK-03", Verdict.ERROR, "the switch's console did not answer in 10 s"),
        )
    ]


def parked(number: int = 35) -> list[Result]:
    """Many that met one cause."""
    cause = "no bench is left: agr-lab2 is parked, for its loop ended three times in a row (ENOBUFS on re4)"
    trace = "Traceback (most recent call last):\n" + '  File "loop.py", line 7, in _fire\n' * 40 + "OSError"
    return [
        result(
            Verdict.ERROR,
            [f"FD-{n:02}"],
            f"Testcase {n} that met it",
            nodeid=f"testcases/conformance/fd/test_fd.py::test_it[{n}]",
            cause=cause,
            details=trace,
            bench="agr-lab2",
        )
        for n in range(1, number + 1)
    ]


def repeated() -> Run:
    """A run of each testcase five times."""
    beside = [Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.PASS]
    some = [
        replace(one, attempts=[Attempt(verdict, "what was seen", "1", 2.0) for verdict in verdicts])
        for one, verdicts in (
            (result(Verdict.INCONCLUSIVE, ["RX-02"], "Once it was late"), [*beside[2:], *beside[:1] * 2]),
            (result(Verdict.FAIL, ["RX-03"], "It fails sometimes", cause="what was seen"), beside),
            (result(Verdict.PASS, ["RX-04"], "It always passes"), [Verdict.PASS] * 5),
            (
                result(Verdict.FAIL, ["RX-05"], "It always fails", cause="what was seen"),
                [Verdict.FAIL] * 5,
            ),
        )
    ]
    return replace(run(some), repeats=5)


def everything() -> Run:
    """All that a page can show."""
    known = deviating()
    results = [
        *known.results,
        failed(),
        *troubled(),
        unsteady(),
        *passed_later(),
        *parked(),
        fused(replace(KNOWN, row="MK-08")),
    ]
    results += [*unmet(60), *monitored()]
    return replace(known, results=results)


def passed() -> list[Result]:
    """Many that passed, with measurements."""
    results = [
        result(
            Verdict.PASS,
            [f"LF-{n:02}" for n in range(5, 15)],
            "The LACPDU's constant octets",
            clause="43.4.2.2",
        ),
        result(
            Verdict.PASS,
            ["RX-12", "RX-13"],
            "DEFAULTED after EXPIRED",
            measurements=[
                Measurement("time to Defaulted", 6.31, "s", 5.5, 6.75),
                Measurement("PDUs while EXPIRED", 4, "", 2, None),
                Measurement("longest gap", 1.02, "s", None, 1.25),
                Measurement("CPU pressure", 0.8, "%"),
            ],
        ),
        result(
            Verdict.PASS, ["FD-04"], "Broadcast is sent once", clause="43.2.4", seconds=131.7, topology="T2"
        ),
    ]
    results += [
        result(
            Verdict.PASS,
            ["MK-06"],
            "Requester fields are copied unchanged, whatever they hold and however the Marker is padded",
            nodeid=f"testcases/conformance/mk/test_marker.py::test_copied[{name}]",
            clause="43.5.4",
            seconds=0.04,
        )
        for name in ("random", "ones", "zero")
    ]
    return results


def run(results: list[Result] | None = None) -> Run:
    """A run of the emulated bench."""
    return Run(
        lab="lab.yaml",
        kind="emulated",
        implementation="agr 0.1.0",
        started="2026-05-04T03:02:01.5+00:00",
        seconds=412.3,
        properties={
            "kernel": "6.1.0-18-amd64",
            "Open vSwitch": "3.1.0",
            "git commit": "05d64d0c",
            "benches": "4",
        },
        results=[*passed(), failed(), *troubled()] if results is None else results,
        cabling=[cabling()],
    )


def several() -> Run:
    """A run on two labs: the same testcases on both, one of which failed on the second alone."""
    first, second = run([*passed(), *unmet(2)]), deviating()
    results = [*first.results, *second.results, failed()]
    of = ["rack 4"] * len(first.results) + ["rack <5>"] * (len(second.results) + 1)
    labs = [
        LabOfRun(name, f"{name}.yaml", one.kind, implementation, 200.0, one.properties, one.gone, one.cabling)
        for name, one, implementation in (("rack 4", first, "agr 0.1.0"), ("rack <5>", second, "a switch 1"))
    ]
    return replace(
        first,
        lab=", ".join(one.lab for one in labs),
        implementation=", ".join(one.implementation for one in labs),
        results=[replace(one, lab=lab) for one, lab in zip(results, of, strict=True)],
        labs=labs,
    )
