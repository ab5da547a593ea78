"""A run with every verdict and a whole cabling, for tests of the reports and for looking at them."""

from __future__ import annotations

from dataclasses import replace

from harness.verdict import Verdict
from harness.verdict.result import (
    Attachment,
    Attempt,
    Cable,
    Cabling,
    End,
    Gone,
    Known,
    Measurement,
    Result,
    Run,
)

FRAMES = """\
0.000000  tester > re4   LACPDU  Actor key 0x0102 port 5 state 0x3d  Partner key 0x0001 port 1 state 0x3d
1.000181  re4 > tester   LACPDU  Actor key 0x0001 port 1 state 0x3d  Partner key 0x0102 port 5 state 0x3d
4.402918  re4 > tester   LACPDU  Actor key 0x0001 port 1 state 0xc7  Partner key 0x0102 port 5 state 0x02"""

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


def failed() -> Result:
    """A failure with frames, captures, a measurement outside its limits."""
    return result(
        Verdict.FAIL,
        ["RX-06", "RX-07", "RX-08"],
        "A bundled port that hears nothing goes to EXPIRED",
        nodeid="testcases/conformance/rx/test_expired.py::test_expired[short-phase3]@bench2",
        message="RX-07 (clause 43.4.12): expected Synchronization 0 in the Partner TLV by 3.75 s; seen 4.4 s",
        expected="Synchronization = 0 in the Partner TLV by T + 0.75 s = 3.75 s after the last PDU",
        seen="first PDU with Partner state bit 3 = 0 came 4.403 s after the last PDU",
        details=FRAMES,
        seconds=5.41,
        notes=["phase 0.3 s"],
        measurements=[Measurement("time to Expired", 4.403, "s", 2.75, 3.75)],
        properties={"capture.w4": "tester's port"},
        attachments=[
            Attachment("rx-07/w4.pcapng", "frames of wire w4", "ab" * 32),
            Attachment("rx-07/switch console.txt", "transcript of the switch's console"),
        ],
    )


def troubled() -> list[Result]:
    """One of each that gives no verdict on the implementation."""
    return [
        result(
            Verdict.INCONCLUSIVE,
            ["RX-09"],
            "Short timeout of a bundled port",
            message="the bench was 182 ms late at 14:03:07 (limit 50 ms)",
            attachments=[Attachment("rx-09/w5.pcapng", "frames of wire w5")],
        ),
        result(
            Verdict.ERROR,
            ["FD-13"],
            "Carrier loss moves the flows",
            clause="43.2.4",
            topology="T2",
            message="lab.yaml: switch.console: /dev/ttyS9 is held by picocom (pid 812): end it",
            details='Traceback (most recent call last):\n  File "x.py", line 3, in <module>\nBenchError',
        ),
        result(
            Verdict.NOT_APPLICABLE,
            ["AG-04"],
            "The manual's examples run word for word",
            clause="EXAMPLES",
            message="Open vSwitch has no agrconfig",
            checks=0,
            seconds=0,
        ),
        result(
            Verdict.NOT_APPLICABLE,
            ["MK-12"],
            "The Marker comes back",
            message="needs two straight wires",
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
        message="MK-01 (clause 43.2.6/43.5.4): expected a Marker Response; seen nothing",
        expected="a Marker Response",
        seen="nothing",
        details=FRAMES,
        deviation=Known("MK-01", "It has no Marker Responder", "its <manual>, section 4", "2027-06-30"),
    )
    gone = Gone("RX-12", "It defaults too late", "issue 4711", ["rx/test_defaulted.py::test_defaulted"])
    return replace(run([known, *passed()]), gone=[gone])


def unsteady() -> Result:
    """It failed beside others and passed alone."""
    message = "RX-15 (clause 43.4.12): expected an LACPDU within 3.500 s; seen one after 3.910 s"
    waited = "; the host did not run agrd for 1.3 s of these 3.5"
    return result(
        Verdict.UNSTEADY,
        ["RX-15"],
        "A port that was silenced speaks again",
        bench="agr-lab3",
        message=message + waited,
        details=FRAMES,
        attempts=[
            Attempt(Verdict.FAIL, message, "agr-lab3", 5.2),
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
                Attempt(verdict, message, "agr-lab2", 3.0),
                Attempt(Verdict.PASS, "", "agr-lab1", 2.5, alone=True),
            ],
        )
        for row, verdict, message in (
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
            message=cause,
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
            (result(Verdict.FAIL, ["RX-03"], "It fails sometimes", message="what was seen"), beside),
            (result(Verdict.PASS, ["RX-04"], "It always passes"), [Verdict.PASS] * 5),
            (
                result(Verdict.FAIL, ["RX-05"], "It always fails", message="what was seen"),
                [Verdict.FAIL] * 5,
            ),
        )
    ]
    return replace(run(some), repeats=5)


def everything() -> Run:
    """All that a page can show."""
    known = deviating()
    results = [*known.results, failed(), *troubled(), unsteady(), *passed_later(), *parked()]
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
