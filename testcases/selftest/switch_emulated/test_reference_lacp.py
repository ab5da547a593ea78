"""The reference's LACP behind the command line's configuration; and what can be broken in it."""

import pytest

from fixtures.switch.reference.plane import CONTROL_FRAMES_A_SECOND
from harness.pdu import State, marker_frame
from testcases.selftest.switch_emulated.planes import PORTS, SYSTEMS, World

BOTH = ["interface range gi1/0/1 - 4", "channel-group 1 mode active"]
FAST = [*BOTH, "lacp rate fast"]
FORMED = 5.0  # seconds: Aggregate_Wait_Time and what comes before and after it


def formed(*left: str, right: tuple[str, ...] = (), breakage: str = "") -> World:
    """A LAG of four links, at a fast rate at both ends."""
    world = World(breakage)
    world.left.configure(*FAST, *left)
    world.right.configure(*FAST, *right)
    world.run(FORMED)
    return world


def test_a_lag_of_four_links() -> None:
    world = formed()
    assert world.left.bundled() == world.right.bundled() == [1, 2, 3, 4]
    ours, theirs = (box.members()[PORTS[1]] for box in world.boxes)
    assert (ours.actor, ours.partner) == (theirs.partner, theirs.actor)
    assert ours.actor is not None
    assert (ours.actor.system, ours.actor.key, ours.actor.port) == (SYSTEMS[0], 1, 0x102)


def test_each_port_has_a_mode_and_a_rate_of_its_own() -> None:
    world = World()
    world.left.configure(
        *("interface gi1/0/1", "channel-group 3 mode active", "lacp rate fast"),
        *("interface gi1/0/2", "channel-group 3 mode passive", "lacp port-priority 7"),
        *("lacp system-priority 9",),
    )
    sides = [member.actor for member in world.left.members(3).values()]
    states = [State(side.state) & (State.Activity | State.Timeout) for side in sides if side]
    assert states == [State.Activity | State.Timeout, State(0)]
    assert [(side.system_priority, side.key, side.port_priority) for side in sides if side] == [
        (9, 3, 32768),
        (9, 3, 7),
    ]


def test_two_passive_ends_stay_silent() -> None:
    world = World()
    for box in world.boxes:
        box.configure("interface range gi1/0/1 - 2", "channel-group 1 mode passive")
    world.run(60)
    assert not [frame for box in world.boxes for frame in box.frames(1, 2)]


def test_a_changed_port_leaves_the_others_alone() -> None:
    world = formed()
    before = {name: member for name, member in world.left.members().items() if name != PORTS[0]}
    world.left.configure(*FAST, "interface gi1/0/1", "no channel-group")
    world.run(0.0)
    assert world.left.bundled() == [2, 3, 4]
    world.run(FORMED)
    assert world.right.bundled() == [2, 3, 4]
    for name, member in before.items():
        assert world.left.members()[name].actor == member.actor


def test_a_restart_forgets_partners_and_counters() -> None:
    world = formed()
    before = world.left.members()[PORTS[0]]
    assert before.bundled and before.received
    world.left.plane.restart()
    assert not world.left.members()
    world.left.configure(*FAST)
    after = world.left.members()[PORTS[0]]
    assert (after.bundled, after.received, after.status) == (False, 0, "expired")
    world.run(FORMED)
    assert world.left.bundled() == world.right.bundled() == [1, 2, 3, 4]


@pytest.mark.parametrize("breakage", ["", "markers-ignored"])
def test_markers_are_answered(breakage: str) -> None:
    world = formed(breakage=breakage)
    world.offer(world.left, 1, marker_frame("02:00:00:00:0b:01", 1, SYSTEMS[1], 77))
    answers = [frame.marker for frame in world.left.frames(1) if frame.is_marker_response]
    assert [marker.transaction_id for marker in answers if marker] == ([] if breakage else [77])
    member = world.left.members()[PORTS[0]]
    assert (member.markers_received, member.markers_answered) == ((0, 0) if breakage else (1, 1))


@pytest.mark.parametrize("breakage", ["", "rate-ignored"])
def test_rate(breakage: str) -> None:
    world = formed(breakage=breakage)
    (last,) = world.left.frames(1)[-1:]
    assert (State.Timeout in last.actor.state) is (not breakage)
    before = len(world.right.frames(1))
    world.run(20.0)
    assert (len(world.right.frames(1)) - before > 10) is (not breakage)


@pytest.mark.parametrize("breakage", ["", "key-zero"])
def test_key(breakage: str) -> None:
    world = formed(breakage=breakage)
    assert {frame.actor.key for frame in world.left.frames(1, 2, 3, 4)} == {0 if breakage else 1}


@pytest.mark.parametrize("breakage", ["", "channel-source"])
def test_source_of_lacpdus(breakage: str) -> None:
    world = formed(breakage=breakage)
    own = world.left.ports[PORTS[0]].mac.hex(":")
    assert {frame.source for frame in world.left.frames(1)} == {SYSTEMS[0] if breakage else own}


@pytest.mark.parametrize("breakage", ["", "max-bundle-ignored"])
def test_max_bundle_keeps_links_in_hot_standby(breakage: str) -> None:
    world = formed("interface po1", "lacp max-bundle 2", breakage=breakage)
    if breakage:
        assert world.left.bundled() == [1, 2, 3, 4]
        return
    assert world.left.bundled() == world.right.bundled() == [1, 2]
    assert [member.standby for member in world.left.members().values()] == [False, False, True, True]
    world.cut_wires(1)
    world.run(FORMED)
    assert world.left.bundled() == world.right.bundled() == [2, 3]
    world.cut_wires()
    world.run(FORMED)
    assert world.left.bundled() == world.right.bundled() == [1, 2]


@pytest.mark.parametrize("breakage", ["", "min-links-ignored"])
def test_fewer_links_than_min_links_wait(breakage: str) -> None:
    world = formed("interface po1", "port-channel min-links 3", breakage=breakage)
    world.cut_wires(1)
    world.run(1.0)
    assert world.left.bundled() == [2, 3, 4]
    world.cut_wires(1, 2)
    world.run(1.0)
    assert world.left.bundled() == ([3, 4] if breakage else [])
    assert world.right.bundled() == world.left.bundled()  # the partner knows, and uses none
    world.cut_wires(1)
    world.run(FORMED)
    assert world.left.bundled() == world.right.bundled() == [2, 3, 4]


def test_min_links_at_both_ends_wait_for_each_other() -> None:
    world = formed(
        "interface po1", "port-channel min-links 4", right=("interface po1", "port-channel min-links 4")
    )
    assert world.left.bundled() == world.right.bundled() == [1, 2, 3, 4]


def test_links_that_the_partner_keeps_in_standby_do_not_count() -> None:
    world = World()
    world.left.configure(*FAST, "interface po1", "port-channel min-links 3")
    world.right.configure(*FAST, "lacp system-priority 1", "interface po1", "lacp max-bundle 2")
    world.run(FORMED)
    assert world.left.bundled() == []


@pytest.mark.parametrize("alone", [False, True])
def test_a_member_without_a_partner_is_suspended_or_stands_alone(alone: bool) -> None:
    world = World()
    no = "no " if alone else ""
    channel = ("interface po2", f"{no}port-channel standalone-disable")
    world.left.configure("interface gi1/0/5", "channel-group 2 mode active", *channel)
    world.run(10.0)
    (member,) = world.left.members(2).values()
    assert (member.bundled, member.status, member.independent) == (False, "defaulted", alone)
    world.heard()
    world.offer(world.left, 5, b"\xff" * 6 + bytes.fromhex("02000000059988b5") + bytes(50))
    assert len(world.heard(6)[6]) == alone


def test_a_flood_of_lacpdus_is_looked_at_for_so_many_and_counted() -> None:
    world = formed()
    flood = world.right.frames(1)[-1].data
    before = world.left.members()[PORTS[0]].received
    world.offer(world.left, 1, *[flood] * 2000)
    looked_at = world.left.members()[PORTS[0]].received - before
    assert looked_at + world.left.plane.policed[PORTS[0]] == 2000
    assert 0 < looked_at <= CONTROL_FRAMES_A_SECOND
    world.run(1.0)
    assert world.left.bundled() == [1, 2, 3, 4]
