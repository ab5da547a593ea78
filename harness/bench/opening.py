"""Bring a bench up by its kind, and take it down; undo what a killed run left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from harness.bench import locks
from harness.bench.bench import Bench
from harness.bench.hardware import HardwareBench
from harness.bench.simulated import SimulatedBench
from harness.dut.virtual import maker
from harness.lab.schema import Lab
from harness.registry import load_object
from harness.verdict import BenchError, UsageError

PREFIX = "agr-lab"
"""Emulated benches are called agr-lab0, agr-lab1, ...: their namespaces' names begin so."""


class Parts(Protocol):
    """What an emulated bench is made of; the lab file names the class (``emulated.parts``)."""

    def __init__(self, lab: Lab, name: str, state: Path) -> None:
        """A resolved lab, the bench's unique name and its state directory."""

    def start(self) -> None:
        """Start everything the lab file then refers to. BenchError where that fails; nothing is left then."""

    def stop(self) -> None:
        """End it, and whatever an earlier process of that name left; `state` is empty afterwards."""

    def properties(self) -> dict[str, str]:
        """Versions for the report."""

    def processes(self) -> list[int]:
        """Those of its switch; what runs in the switch's namespace need not be among them."""


def load_parts(lab: Lab) -> type[Parts]:
    """The class that the lab file names. UsageError where there is none."""
    try:
        found: type[Parts] = load_object(lab.emulated.parts if lab.emulated else "")
        return found
    except UsageError as error:
        raise UsageError(f"{lab.file}: emulated.parts: {error}") from None


def check(lab: Lab) -> None:
    """What a lab file loads is there. UsageError where it is not."""
    if lab.kind == "emulated":
        load_parts(lab)
    elif lab.kind == "simulated":
        try:
            maker(lab.implementation)()
        except UsageError as error:
            raise UsageError(f"{lab.file}: implementation: {error}") from None


@contextmanager
def opened(lab: Lab, transcripts: Path | None = None) -> Iterator[tuple[Bench, dict[str, str]]]:
    """The bench of a lab file, up and locked, with facts for the report; down afterwards in any case.

    Dialogues with its switch are written to `transcripts`, by default to the bench's own directory.
    """
    if lab.kind == "simulated":
        simulated = SimulatedBench(lab, "simulated")
        yield simulated, simulated.properties()
    elif lab.kind == "emulated":
        with _emulated(lab, transcripts) as found:
            yield found
    else:
        with _hardware(lab, transcripts) as found:
            yield found


@contextmanager
def _emulated(lab: Lab, transcripts: Path | None) -> Iterator[tuple[Bench, dict[str, str]]]:
    with _started(lab) as (resolved, slot, parts):
        bench = HardwareBench(resolved, slot.name, slot.state, transcripts or slot.state, parts.processes)
        try:
            yield bench, {**bench.properties(), **parts.properties()}
        finally:
            bench.close()


@contextmanager
def switch_up(lab: Lab) -> Iterator[tuple[Lab, Path]]:
    """The switch of a lab file is up and locked, for who opens it himself; nothing else is opened.

    Gives the resolved lab and the bench's directory: what stands in a journal `switch.journal` there is put
    back by the next run, or `agr-lab clean`, should this process be killed.
    """
    if lab.kind == "emulated":
        with _started(lab) as (resolved, slot, _):
            yield resolved, slot.state
        return
    slot = _take_hardware(lab)
    try:
        slot.begin()
        yield lab.resolve(slot.name, str(slot.state)), slot.state
        slot.end()
    finally:
        slot.release()


@contextmanager
def _started(lab: Lab) -> Iterator[tuple[Lab, locks.Slot, Parts]]:
    """The parts of an emulated bench, started; everything is gone afterwards."""
    slot = locks.take_free(PREFIX)
    resolved = lab.resolve(slot.name, str(slot.state))
    parts = load_parts(lab)(resolved, slot.name, slot.state)
    try:
        parts.stop()
        slot.begin()
        parts.start()
        yield resolved, slot, parts
    finally:
        parts.stop()
        slot.end()
        slot.release()


@contextmanager
def _hardware(lab: Lab, transcripts: Path | None = None) -> Iterator[tuple[Bench, dict[str, str]]]:
    slot = _take_hardware(lab)
    try:
        left_behind = slot.left_behind
        slot.begin()
        try:
            resolved = lab.resolve(slot.name, str(slot.state))
            bench = HardwareBench(resolved, slot.name, slot.state, transcripts or slot.state)
        except BaseException:
            if not left_behind:  # nothing was changed yet
                slot.end()
            raise
        try:
            yield bench, bench.properties()
        finally:
            bench.close()
        slot.end()
    finally:
        slot.release()


def _take_hardware(lab: Lab) -> locks.Slot:
    slot = locks.take(f"lab-{lab.name}")
    if slot is None:
        raise BenchError(f"{lab.file}: bench {lab.name} is in use by another run; wait for it to end")
    return slot


def clean(lab: Lab) -> list[str]:
    """Undo what killed runs left of benches of this kind; gives their names."""
    cleaned = []
    if lab.kind == "emulated":
        for slot in locks.left_behind(PREFIX):
            load_parts(lab)(lab.resolve(slot.name, str(slot.state)), slot.name, slot.state).stop()
            slot.release()
            cleaned.append(slot.name)
    elif lab.kind == "hardware":
        slot = _take_hardware(lab)
        left_behind = slot.left_behind
        slot.release()
        if left_behind:
            with _hardware(lab):  # opening undoes what is in the bench's journals, closing removes aggregates
                cleaned.append(lab.name)
    return cleaned
