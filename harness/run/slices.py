"""Which testcases may share a bench with others, and the wires that each of them gets."""

from __future__ import annotations

from collections.abc import Sequence

from harness.bench.arrangement import tunnels
from harness.catalogue.claims import WHOLE, Spec
from harness.dut.switch import SwitchSection
from harness.dut.virtual import VirtualSection
from harness.lab.schema import Lab
from harness.registry import IMPLEMENTATIONS
from harness.run.plan import BESIDE_A_SWITCH, SETTING, alone, arrangement, wires_of
from harness.verdict import UsageError

NAMES = "names"
"""The word of `WHOLE` for what runs in the first slice: there aggregates are called what testcases call them
(`harness.dut.implementation.name_in`)."""


def why_alone(lab: Lab, spec: Spec) -> str:
    """Why a testcase cannot share the bench with others, in words; "" where it can."""
    if words := [word for word in alone(lab, spec) if word != NAMES]:
        return WHOLE[words[0]]
    if lab.switch_is_judged:
        return "it chooses the numbers of channel groups" if "set_key" in spec.all_needs else ""
    if spec.switch_wires or any(word in BESIDE_A_SWITCH or word.startswith(SETTING) for word in spec.needs):
        return "it uses the switch, which is there once"
    if tunnels(arrangement(lab, spec)):
        return "it uses wires through the switch, which is there once"
    return ""


def check_slices(lab: Lab) -> None:
    """UsageError where the implementation of a lab file cannot be shared by slices."""
    if not lab.is_sliced or isinstance(lab.implementation, VirtualSection):
        return
    name = lab.implementation.adapter
    if not IMPLEMENTATIONS.find(name).shares:
        words = f"the adapter {name} serves one testcase at a time: delete the key"
        raise UsageError(f"{lab.file}: slices: {words}")
    if not lab.implementation.pics.several_aggregates:
        words = f"the PICS of {name} says no to several_aggregates, and each slice has its own"
        raise UsageError(f"{lab.file}: slices: {words}")
    section = lab.implementation
    if isinstance(section, SwitchSection):
        if len(lab.tester_wires) < len(lab.wires) or section.vlan is None:
            words = "each wire needs a MAC client of its own (client, tester_ports), in a VLAN (vlan)"
            raise UsageError(f"{lab.file}: slices: {words}")
        if section.path == "console":
            words = "a console has room for one; let the switch be configured by SSH (implementation.path)"
            raise UsageError(f"{lab.file}: slices: {words}")


def slices_in_words(lab: Lab) -> str:
    """ "up to 8 slices of one bench, as many as the machine carries"."""
    most = Wires(lab).most
    if lab.slices == "auto":
        return f"up to {most} slices of one bench, as many as the machine carries"
    return f"{min(int(lab.slices), most)} slices of one bench"


class Wires:
    """The straight wires of a bench, and which slice has which of them, by its number."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._taken: dict[int, tuple[str, ...]] = {}

    @property
    def most(self) -> int:
        """Slices that there can be."""
        return len(self._lab.straight_wires)

    def free_for(self, spec: Spec, before: Sequence[str] = ()) -> tuple[str, ...] | None:
        """Free wires for a testcase; None while there are too few.

        They are those that its slice had ``before``, where these will do: others need be opened first.
        """
        there = [wire.name for wire in wires_of(self._lab, spec)]
        clients = 2 if self._lab.switch_is_judged and "several_aggregates" in spec.all_needs else 0
        number = min(max(spec.wires, spec.most_wires, clients), len(there))
        taken = {name for names in self._taken.values() for name in names}
        free = [name for name in there if name not in taken]
        if len(before) == number and set(before) <= set(free):
            return tuple(before)
        return tuple(free[:number]) if len(free) >= number else None

    def take(self, slice_: int, wires: tuple[str, ...]) -> None:
        """They are a slice's."""
        self._taken[slice_] = wires

    def give_back(self, slice_: int) -> None:
        """What a slice had is free."""
        self._taken.pop(slice_, None)
