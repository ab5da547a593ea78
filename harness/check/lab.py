"""What a lab file names is checked where it is: the bench is brought up for it, and taken down."""

from __future__ import annotations

from collections.abc import Container, Iterator

from harness.bench.arrangement import arrangements
from harness.bench.opening import opened, switch_up
from harness.check import Finding
from harness.check.implementation import check_implementation
from harness.check.switch import check_switch
from harness.lab.schema import Lab
from harness.verdict import BenchError, UsageError


def check_lab(lab: Lab, what: Container[str]) -> Iterator[Finding]:
    """Findings on the "implementation" of a lab file, on its "switch", or both.

    An implementation without straight wires is checked on wires through the switch.
    Raises UsageError where the file has no switch, BenchError where the bench does not come up.
    """
    if "switch" in what and lab.switch is None:
        raise UsageError(f"{lab.file}: has no `switch:` whose driver could be checked")
    if "implementation" in what:
        with opened(lab) as (bench, _):
            _, *through_switch = arrangements(bench.own)
            if not bench.own.straight_wires and through_switch:
                bench.arrange(through_switch[0])
            if bench.unfit:
                raise BenchError(bench.unfit)
            yield from check_implementation(bench)
    if "switch" in what:
        with switch_up(lab) as (resolved, state):
            wires = [wire.port if lab.switch_is_judged else wire.switch_port for wire in lab.wires]
            ports = [port for port in wires if port is not None][:2]
            if resolved.switch is not None:
                yield from check_switch(resolved.switch, ports, state)
