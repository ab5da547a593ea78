"""Partner Information and Collecting of the implementation against the partner's own LACPDUs (43.4.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.monitor.rules.rule import FrameVerdict, each_wire
from harness.monitor.rules.scene import Scene, WireScene
from harness.pdu import Frame, PortInfo, State

_RECORDED = ~State.Synchronization


def in_sync(said: Frame, actor: PortInfo) -> bool:
    """Partner.Synchronization as recordPDU computes it from an LACPDU of the partner's (43.4.9)."""
    ours, echo = said.actor, said.partner
    matched = echo.identity == actor.identity and not (echo.state ^ actor.state) & State.Aggregation
    maintained = State.Activity in ours.state or (
        State.Activity in actor.state and State.Activity in echo.state
    )
    individual = State.Aggregation not in ours.state
    return State.Synchronization in ours.state and (matched or individual) and maintained


def _lives(frame: Frame) -> bool:
    return not frame.actor.state & (State.Expired | State.Defaulted)


def _known(frame: Frame, said: Sequence[Frame]) -> str:
    """Identity, and the state bits that are recorded as they are."""
    partner = frame.partner
    for lacpdu in said:
        same_bits = not (partner.state ^ lacpdu.actor.state) & _RECORDED
        if partner.identity == lacpdu.actor.identity and same_bits:
            return ""
    return f"Partner information {partner.text()}, not {said[-1].actor.text()}"


def _identity(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    for frame in wire.lacpdus:
        said = wire.in_force(frame.time)
        if said is not None and _lives(frame):
            yield frame, _known(frame, said)


def _synchronization(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    for frame in wire.lacpdus:
        said = wire.in_force(frame.time)
        if said is None or not _lives(frame):
            continue
        computed = {in_sync(lacpdu, frame.actor) for lacpdu in said}
        seen = State.Synchronization in frame.partner.state
        yield frame, "" if seen in computed else f"Partner Synchronization {int(seen)}, not {int(not seen)}"


def _collecting(_scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    """MX-11 without its first second: after `PROMPT` an LACPDU must have been acted on."""
    for frame in wire.lacpdus:
        said = wire.in_force(frame.time)
        if said is None or not _lives(frame) or any(in_sync(lacpdu, frame.actor) for lacpdu in said):
            continue
        collects = State.Collecting in frame.actor.state
        yield frame, "Collecting for a partner that is not in sync" if collects else ""


def _defaults(scene: Scene, wire: WireScene) -> Iterator[FrameVerdict]:
    if wire.acts.sets_partner:
        return  # what is set is the testcase's to judge
    declared = scene.pics.partner_defaults
    wanted = PortInfo(
        declared.system_priority, declared.system, declared.key, declared.port_priority, declared.port
    )
    for frame in wire.lacpdus:
        if frame.actor.state & (State.Expired | State.Defaulted) == State.Defaulted:
            right = frame.partner.identity == wanted.identity
            yield frame, "" if right else f"Defaulted with Partner information {frame.partner.text()}"


RULES = (
    each_wire("LF-26", "The Partner information is what the partner said last", _identity, straight=True),
    each_wire("RX-17", "Partner Synchronization is computed from what the partner said", _synchronization,
              straight=True),
    each_wire("MX-11", "Nothing is collected for a partner that is not in sync", _collecting, straight=True),
    each_wire("RX-13", "A Defaulted port's Partner information is the declared default", _defaults),
)  # fmt: skip
