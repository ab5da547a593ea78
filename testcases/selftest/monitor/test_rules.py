"""Each rule of the monitor finds what breaks it, and lets pass what does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.bench.bench import Window
from harness.case.traffic import conversations
from harness.monitor.rules import RULES
from harness.monitor.rules.scene import FLOOD
from harness.pdu import PortInfo, State, lacpdu_frame, marker_frame
from harness.profile import profile
from harness.verdict.result import RuleFinding
from testcases.selftest.monitor.story import EXPIRED, THEM, US, WORKING, Story

NOBODY = PortInfo()
OTHER = US.change(key=0x0C0D)
OUT = WORKING & ~State.Synchronization
IDLE = WORKING & ~(State.Synchronization | State.Collecting | State.Distributing)
FROM_ANOTHER = lacpdu_frame("02:00:5e:00:54:00", OTHER, THEM)
DATA = conversations(1, "02:00:5e:00:52:01")[0].frame(0)


def steady(seconds: int = 5, us: PortInfo = US, them: PortInfo = THEM, echo: PortInfo = US) -> Story:
    """Both sides speak once a second."""
    story = Story()
    for _ in range(seconds):
        story.ours(us).wait(0.01).pdu(them, echo).wait(0.99)
    return story


def client(data: bytes) -> Story:
    story = Story()
    story.client.hear(data)
    return story


def at_once(
    count: int, before: Callable[[Story], Story] = lambda story: story, *, apart: float = 0.1
) -> Story:
    story = before(Story())
    for _ in range(count):
        story.pdu().wait(apart)
    return story


def _tolerant(story: Story) -> Story:
    story.judged_by = profile("802.3ad-2000", {"transmit_limit": "tolerant"})
    return story


def silent_for(seconds: float, timeout: bool = True) -> Story:
    us = US.change(Timeout=timeout)
    return Story().ours(us).wait(0.01).pdu(partner=us).wait(seconds)


def leaked() -> Story:
    story = Story(2).ours(wire=0)
    return story.hear(story.taps[0].frames[0].data, wire=1)


def flooded() -> Story:
    """For longer than `PROMPT`."""
    story = steady().pdu()
    for _ in range(3 * FLOOD):
        story.ours(US.change(key=9)).wait(1.2 / (3 * FLOOD))
    return story.pdu()


RIGHT: dict[str, Callable[[], Story]] = {
    "two that agree": steady,
    "out of sync": lambda: steady(
        us=US.change(state=OUT), echo=US.change(state=OUT), them=THEM.change(state=IDLE)),
    "expired": lambda: Story().pdu(THEM.change(state=EXPIRED), NOBODY.change(Timeout=1)),
    "defaulted": lambda: Story().pdu(THEM.change(state=State.Defaulted | State.Activity), NOBODY),
    "three in a second": lambda: at_once(3),
    "four in a second and no less": lambda: at_once(4, apart=1 / 3),
    "four within 0.8 s, as the profile reads it": lambda: at_once(4, before=_tolerant, apart=0.8 / 3),
    "thirty seconds for a slow partner": lambda: silent_for(30.2, timeout=False),
    "a Marker answered": lambda: Story().asked(7).answered(7),
    "a Marker answered that was sent twice": lambda: Story().asked(7).asked(7).answered(7).answered(7),
    "data for a partner in sync": lambda: steady().hear(DATA),
    "data ahead of the LACPDU that tells of it": lambda: goes_on(waiting().hear(DATA).wait(0.05)),
    "the same, another LACPDU being under way": lambda: (
        goes_on(waiting().hear(DATA).wait(0.01).pdu(THEM.change(state=IDLE)).wait(0.04))),
    "the same after it was taken back once": lambda: (
        goes_on(steady().hear(waiting_pdu()).wait(1.1).hear(DATA).wait(0.05))),
    "data with too little behind it to be sure": lambda: waiting().hear(DATA).wait(0.2),
    "data, and then an order": lambda: _ordered(waiting().hear(DATA).wait(0.2)).wait(2),
    "a tagged LACPDU that is taken": lambda: taken(tag(FROM_ANOTHER)),
    "an LACPDU to its own address that is taken": lambda: taken(to_its_address(FROM_ANOTHER)),
    "a tagged Marker answered": lambda: (
        Story().say(tag(marker_frame("02:00:5e:00:54:00", 1, US.system, 7))).answered(7)),
    "an LACPDU for the client, to its own address": lambda: client(
        to_its_address(lacpdu_frame("02:00:5e:00:54:00", US, THEM))),
    "data to the client": lambda: client(DATA),
    "silence after an order": lambda: _ordered(silent_for(0.5)).wait(3),
    "another number after an order": lambda: _ordered(steady()).wait(2).pdu(THEM.change(port=2)),
    "a new partner a moment ago": lambda: steady().ours(US.change(key=9)).pdu(),
    "a flood of a new partner's, of which it has taken none": flooded,
    "silence without carrier": lambda: _cut(silent_for(0.5)),
    "silence behind a queue of the bench's": lambda: _slowed(silent_for(0.5)).wait(3),
    "four in a moment from a queue of the bench's": lambda: at_once(4, before=_slowed),
}  # fmt: skip


def _ordered(story: Story) -> Story:
    story.acts.dut.set("lacp", False)  # type: ignore[attr-defined]
    return story


def _cut(story: Story) -> Story:
    story.wires[0].cut()
    return story.wait(5)


def _slowed(story: Story) -> Story:
    story.wires[0]._queue = QuietQueue()
    story.wires[0].slow(1000)
    return story


class QuietQueue:
    """A queue of a port, as far as it is only made."""

    def slow(self, octets_a_second: float) -> None: ...

    def remove(self) -> None: ...


def tag(frame: bytes) -> bytes:
    return frame[:12] + bytes.fromhex("81000005") + frame[12:]


def tagged() -> Story:
    return Story().hear(tag(lacpdu_frame("02:00:5e:00:52:01", THEM, US)))


def taken(frame: bytes) -> Story:
    """An LACPDU that a receiver may decline, and that this one believes from then on."""
    story = steady().say(frame).wait(0.1).pdu(partner=OTHER)
    for _ in range(4):
        story.wait(0.9).pdu(partner=OTHER)
    return story


def to_its_address(frame: bytes) -> bytes:
    return bytes.fromhex("02005e005201") + frame[6:]


def waiting() -> Story:
    """Both speak once a second, and the port is not in sync."""
    return steady(them=THEM.change(state=IDLE), echo=US)


def goes_on(story: Story) -> Story:
    """The port is in sync from now on, and says so."""
    return story.pdu().wait(1).pdu().wait(1)


def waiting_pdu() -> bytes:
    return lacpdu_frame("02:00:5e:00:52:01", THEM.change(state=IDLE), US)


def sized(octets: int) -> Story:
    return Story().hear(lacpdu_frame("02:00:5e:00:52:01", THEM, US).ljust(octets, b"\0")[:octets])


WRONG: dict[str, tuple[str, Callable[[], Story]]] = {
    "another destination": ("LF-01", lambda: Story().pdu(at_5=3)),
    "a group address as source": ("LF-02", lambda: Story().pdu(at_6=3)),
    "a tag": ("LF-04", tagged),
    "version 2": ("LF-06", lambda: Story().pdu(at_15=2)),
    "Actor type": ("LF-07", lambda: Story().pdu(at_16=2)),
    "Partner length": ("LF-08", lambda: Story().pdu(at_37=21)),
    "Collector type": ("LF-09", lambda: Story().pdu(at_56=4)),
    "Terminator": ("LF-10", lambda: Story().pdu(at_72=1)),
    "reserved after Actor_State": ("LF-11", lambda: Story().pdu(at_34=1)),
    "reserved after Partner_State": ("LF-11", lambda: Story().pdu(at_55=1)),
    "reserved of Collector": ("LF-12", lambda: Story().pdu(at_65=1)),
    "reserved at the end": ("LF-13", lambda: Story().pdu(at_123=1)),
    "short": ("LF-14", lambda: sized(120)),
    "long": ("SP-02", lambda: sized(128)),
    "an illegal subtype": ("SP-03", lambda: Story().pdu(at_14=11)),
    "a group address as system": ("LF-17", lambda: Story().pdu(THEM.change(system="03:00:00:00:00:01"))),
    "no system": ("LF-17", lambda: Story().pdu(THEM.change(system="00:00:00:00:00:00"))),
    "port 0": ("LF-18", lambda: Story().pdu(THEM.change(port=0))),
    "key 0": ("LF-30", lambda: Story().pdu(THEM.change(key=0))),
    "one port twice": ("LF-19", lambda: Story(2).pdu(wire=0).pdu(wire=1)),
    "a port that changes": ("LF-20", lambda: Story().pdu().wait(1).pdu(THEM.change(port=2))),
    "a delay that changes": ("LF-25", lambda: Story().pdu().wait(1).pdu(at_59=1)),
    "Collecting without Synchronization": ("MX-19", lambda: Story().pdu(THEM.change(Synchronization=0))),
    "Distributing without Collecting": ("MX-19", lambda: Story().pdu(THEM.change(Collecting=0))),
    "expired in sync": ("RX-42", lambda: Story().pdu(THEM.change(Expired=1))),
    "expired, long timeout": (
        "RX-42", lambda: Story().pdu(THEM.change(state=EXPIRED), NOBODY.change(Timeout=0))),
    "another partner's key": ("LF-26", lambda: steady(echo=US.change(key=9))),
    "another partner's bit": ("LF-26", lambda: steady(echo=US.change(Collecting=0))),
    "in sync with nobody who is": ("RX-17", lambda: steady(us=US.change(Synchronization=0))),
    "out of sync with one who is": ("RX-17", lambda: steady(echo=US.change(Synchronization=0))),
    "collecting from one out of sync": ("MX-11", lambda: steady(us=US.change(state=OUT))),
    "defaulted with a partner": ("RX-13", lambda: Story().pdu(THEM.change(state=State.Defaulted))),
    "four in a moment": ("TX-01", lambda: at_once(4)),
    "four in a moment, as the profile reads it": ("TX-01", lambda: at_once(4, before=_tolerant)),
    "four within 0.8 s": ("TX-01", lambda: at_once(4, apart=0.8 / 3)),
    "six in a moment": ("SP-01", lambda: at_once(6)),
    "a second too long": ("PT-01", lambda: silent_for(1.3)),
    "too long for a slow partner": ("PT-02", lambda: silent_for(30.3, timeout=False)),
    "answered twice": ("MK-13", lambda: Story().asked(7).answered(7).answered(7)),
    "answered what was not asked": ("MK-13", lambda: Story().asked(7).answered(8)),
    "answered on another wire": ("MK-13", lambda: Story(2).asked(7, wire=0).answered(7, wire=1)),
    "a leak": ("SP-08", leaked),
    "data out of sync": ("MX-16", lambda: waiting().hear(DATA).wait(0.5).hear(waiting_pdu()).wait(1)),
    "data out of sync, and nothing told of it": ("MX-16", lambda: waiting().hear(DATA).wait(2)),
    "data when Synchronization was taken back": (
        "MX-16",
        lambda: steady().hear(waiting_pdu()).wait(1.1).hear(DATA).wait(0.5).hear(waiting_pdu()).wait(1)),
    "data for one out of sync": ("MX-16", lambda: steady(us=US.change(state=OUT)).hear(DATA)),
    "an LACPDU for the client": ("FD-10", lambda: client(lacpdu_frame("02:00:5e:00:52:01", THEM, US))),
    "an illegal subtype for the client": (
        "SP-11", lambda: client(bytes.fromhex("0180c200000202005e000001 8809 0b") + bytes(60))),
}  # fmt: skip


@pytest.mark.parametrize("story", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_passes(story: Callable[[], Story]) -> None:
    told = story()
    assert told.judged()
    assert told.wrong() == set()


@pytest.mark.parametrize(("row", "story"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_found(row: str, story: Callable[[], Story]) -> None:
    assert row in story().wrong()


def test_a_marker_response_of_another_shape_is_found() -> None:
    story = Story().asked(7).answered(7)
    frame = bytearray(story.taps[0].frames[-1].data)
    frame[17] = 12
    assert "MK-05" in story.hear(bytes(frame)).wrong()


def test_every_rule_is_tried_here() -> None:
    assert {rule.row for rule in RULES} == {row for row, _ in WRONG.values()} | {"MK-05"}


def test_what_is_found_shows_the_frames() -> None:
    (found,) = [one for one in Story().ours().wait(0.5).pdu(THEM.change(port=0)).told() if one.row == "LF-18"]
    assert "Actor_Port 0" in found.seen
    said, wrong = found.frames
    assert "tester -> LACPDU" in said.text and "-> tester LACPDU" in wrong.text
    assert (said.time, wrong.time) == (-0.5, 0)


def held_up(story: Story, start: float, end: float) -> Story:
    """Somebody was held up in these seconds of the story, as far as the scene can say."""
    begun = story.wires[0].frames[0].time

    def words(window: Window) -> str:
        first, last = window
        return "not run" if first < begun + end and last > begun + start else ""

    story.held_up = words
    return story


def cadence(story: Story) -> RuleFinding:
    (found,) = [one for one in story.told() if one.row == "PT-01"]
    return found


def test_a_gap_in_which_somebody_was_held_up_is_doubtful() -> None:
    assert cadence(held_up(silent_for(3), 1, 2)).doubt == "not run"
    assert cadence(held_up(silent_for(3), 4, 5)).doubt == ""


def test_a_gap_without_a_doubt_is_told_before_one_with() -> None:
    story = held_up(silent_for(3).ours(), 1, 2).wait(0.01).pdu().wait(4)
    found = cadence(story)
    assert (found.wrong, found.doubt) == (2, "")
    assert "3.990 s" in found.seen or "4.000 s" in found.seen


def test_what_was_held_up_after_a_frame_is_no_doubt_of_it() -> None:
    for start, end, doubt in ((-2, -1, "not run"), (1, 2, "")):
        story = held_up(Story().ours().pdu(THEM.change(port=0)).wait(3), start, end)
        assert [one.doubt for one in story.told() if one.row == "LF-18"] == [doubt]
