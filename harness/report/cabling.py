"""The bench as a picture: neutral ends and cables for the page."""

from __future__ import annotations

from harness.lab.schema import Capture, Lab
from harness.switch import driver_of
from harness.verdict.result import Cable, Cabling, End

CAPTURED = {
    Capture.TESTER: ("tester", "tester's port"),
    Capture.HOST: ("implementation", "host's own port"),
    Capture.MIRROR: ("switch", "mirror port"),
}


def cabling_of(lab: Lab) -> Cabling:
    """How the lab file says that the bench is wired."""
    cables = []
    short_name = driver_of(lab.switch).short_name if lab.switch is not None else str
    for wire in lab.wires:
        node, words = CAPTURED[wire.capture]
        far = (
            End("switch", short_name(wire.switch_port or ""))
            if not wire.straight
            else End("tester", wire.tester.interface if wire.tester else wire.name)
        )
        topology = "T1" if wire.straight else "T2"
        cables.append(Cable(wire.name, End("implementation", wire.port), far, topology, node, words))
    for extra in lab.tester_wires:
        near, far = End("switch", short_name(extra.switch_port)), End("tester", extra.tester.interface)
        cables.append(Cable("traffic", near, far, "T2", "tester", "tester's port"))
    captions: dict[str, str] = {"implementation": lab.implementation.adapter}
    if lab.switch is not None:
        captions["switch"] = lab.switch.driver
    return Cabling(cables, captions, lab.name)
