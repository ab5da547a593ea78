"""What may happen to a LAG with a switch while conversations pass, by the switch and by the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.case import Case
from harness.case.ends import setting
from harness.profile.constants import FAST_PERIODIC_TIME, PROMPT, SHORT_TIMEOUT_TIME
from testcases.conformance.interop.scene import Scene

VLAN = 3999
"""Another one than the tester's port is in."""


Limit = Callable[[Case], "float | None"]


def unlimited(case: Case) -> float | None:
    """Who does it has stopped all data by it: what that lasts is measured, and not judged."""
    return None


def carrier(case: Case) -> float | None:
    """The bench's limit for a carrier loss (FD-13)."""
    return case.longest_interruption


def silence(case: Case) -> float | None:
    """A silent partner is given up after a short timeout, or two where control is coupled (43.4.15)."""
    return case.latest(timeouts(case) * SHORT_TIMEOUT_TIME + PROMPT + (case.pics.marker_wait or 0.0))


def timeouts(case: Case) -> int:
    """How many short timeouts pass until a partner that is silent is given up."""
    return 1 if case.pics.independent_control else 2


def noticed(scene: Scene) -> None:
    """Let pass in what time whoever hears nothing of its partner has given it up, and data goes elsewhere."""
    scene.case.run_for(timeouts(scene.case) * SHORT_TIMEOUT_TIME + 2 * PROMPT)


def handover(case: Case) -> float | None:
    """How long conversations may be held that move to another link (MK-23), where that is declared."""
    wait = case.pics.marker_wait
    return None if wait is None else case.latest(wait + PROMPT)


@dataclass(frozen=True)
class Change:
    """One change: ``make`` carries it out, ``back`` undoes it; each lets pass what belongs to it.

    What is over by itself when it is made has no ``back``.

    ``row`` judges how long conversations are interrupted, by ``limit``, and that none is dead in the end.
    ``needs``: what it needs beside the switch, data and a LAG. ``alone``: it happens to one link, and data on
    others goes on. ``alive``: frames on the old link come through, so that others must not overtake them.
    ``keeps``: both ends are to stay in sync. ``seconds``: about how long it takes. ``whole``: what happens to
    all of the implementation by it (`Spec`).
    """

    row: str
    make: Callable[[Scene], None]
    back: Callable[[Scene], None] | None
    limit: Limit
    needs: Sequence[str] = field(default_factory=tuple)
    alone: bool = True
    alive: bool = False
    keeps: bool = False
    seconds: float = 30
    whole: Sequence[str] = ()

    @property
    def returns(self) -> bool:
        """Whether links are away meanwhile, and are to be used again in the end."""
        return self.alone or self.back is None


def shut(scene: Scene) -> None:
    """The switch shuts its port."""
    scene.wire.cut()
    scene.case.run_for(PROMPT)


def set_up(scene: Scene) -> None:
    """The switch sets its port up."""
    scene.case.link_up(scene.wire)
    scene.in_use_again([scene.wire])


def leave_channel_group(scene: Scene) -> None:
    """The port is in no channel group any more, and passes frames by itself."""
    with setting("leave"):
        scene.ends.lag.switch.leave_lag([scene.port])
    noticed(scene)


def join_channel_group(scene: Scene) -> None:
    """The port is in the channel group again."""
    scene.ends.lag.switch.make_lag([scene.port], scene.ends.lag.group, "active", "fast")
    scene.in_use_again([scene.wire])


def change_vlan(scene: Scene) -> None:
    """The port is in no channel group any more, and in another VLAN: what is sent there is lost."""
    switch = scene.ends.lag.switch
    with setting("access-vlan"), switch.together():
        switch.leave_lag([scene.port])
        switch.set_access_vlan(scene.port, VLAN)
    noticed(scene)


def change_vlan_back(scene: Scene) -> None:
    """The port is as it was before the run, and then in the channel group again."""
    scene.ends.lag.switch.put_back(scene.port)
    join_channel_group(scene)


def all_passive(scene: Scene) -> None:
    """The ports of the switch become passive."""
    lag = scene.ends.lag
    with setting("mode"):
        lag.switch.join_lag(lag.ports.values(), lag.group, "passive")
    scene.case.run_for(2 * PROMPT)


def all_active(scene: Scene) -> None:
    """The ports of the switch become active."""
    lag = scene.ends.lag
    with setting("mode"):
        lag.switch.join_lag(lag.ports.values(), lag.group, "active")
    scene.in_use_again(scene.ends.wires)


def lacp_off(scene: Scene) -> None:
    """The channel group is without LACP: "mode on"."""
    lag = scene.ends.lag
    with setting("mode"):
        lag.switch.leave_lag(lag.ports.values())
        lag.switch.join_lag(lag.ports.values(), lag.group, "on")
    noticed(scene)


def lacp_on(scene: Scene) -> None:
    """The channel group is with LACP again."""
    lag = scene.ends.lag
    with setting("mode"):
        lag.switch.leave_lag(lag.ports.values())
        lag.switch.make_lag(lag.ports.values(), lag.group, "active", "fast")
    scene.in_use_again(scene.ends.wires)


def reload(scene: Scene) -> None:
    """The switch reloads: all links are away, and back when it is set up as before."""
    with setting("reload"), scene.sparing():
        scene.ends.lag.reload()
    scene.in_use_again(scene.ends.wires)


def remove(scene: Scene) -> None:
    """The implementation gives the port up."""
    scene.ends.aggregate.remove(scene.wire.port)
    scene.case.run_for(2 * PROMPT)


def add(scene: Scene) -> None:
    """The implementation takes the port back."""
    scene.ends.aggregate.add(scene.wire.port)
    scene.in_use_again([scene.wire])


def own_lacp_off(scene: Scene) -> None:
    """LACP is off on the implementation's port."""
    scene.ends.aggregate.set("lacp", False, port=scene.wire.port)
    scene.case.run_for(SHORT_TIMEOUT_TIME + 2 * PROMPT)


def own_lacp_on(scene: Scene) -> None:
    """LACP is on there again."""
    scene.ends.aggregate.set("lacp", True, port=scene.wire.port)
    scene.in_use_again([scene.wire])


def individual(scene: Scene) -> None:
    """The implementation's port may not aggregate."""
    scene.ends.aggregate.set("individual", True, port=scene.wire.port)
    scene.case.run_for(2 * PROMPT)


def aggregatable(scene: Scene) -> None:
    """It may again."""
    scene.ends.aggregate.set("individual", False, port=scene.wire.port)
    scene.in_use_again([scene.wire])


def set_down(scene: Scene) -> None:
    """The host sets the port down behind the implementation's back."""
    scene.case.dut.run(f"ip link set dev {scene.wire.port} down")
    scene.case.run_for(PROMPT)


def set_up_by_the_host(scene: Scene) -> None:
    """And up."""
    scene.case.dut.run(f"ip link set dev {scene.wire.port} up")
    scene.in_use_again([scene.wire])


def kill(scene: Scene) -> None:
    """The implementation's processes are killed."""
    scene.case.dut.crash()
    scene.case.run_for(FAST_PERIODIC_TIME)


def start(scene: Scene) -> None:
    """They are started, before the partner gives them up."""
    scene.case.dut.revive()
    scene.in_use_again(scene.ends.wires)


def killed(case: Case) -> float | None:
    """Data goes on where that is declared."""
    return case.longest_interruption if case.pics.after_crash == "carries" else None


CHANGES = {
    "shut by the switch": Change("FD-13", shut, set_up, carrier, ["cut"]),
    "taken out of the channel group": Change(
        "FD-14", leave_channel_group, join_channel_group, silence, ["switch:leave"], alive=True
    ),
    "moved to another VLAN": Change(
        "FD-14", change_vlan, change_vlan_back, silence, ["switch:leave", "switch:access-vlan"]
    ),
    "passive, and active again": Change(
        "RX-36", all_passive, all_active, carrier, ["switch:mode"], alone=False, alive=True, keeps=True
    ),
    "without LACP on the switch": Change(
        "FD-14", lacp_off, lacp_on, unlimited, ["switch:mode", "switch:leave"], alone=False
    ),
    "while the switch reloads": Change(
        "FD-13", reload, None, unlimited, ["switch:reload"], alone=False, whole=["switch"]
    ),
    "removed by the host": Change("FD-12", remove, add, handover, ["control"], alive=True),
    "without LACP on the host": Change(
        "FD-12", own_lacp_off, own_lacp_on, handover, ["lacp_off"], alive=True
    ),
    "individual on the host": Change("FD-12", individual, aggregatable, handover, ["individual"], alive=True),
    "set down by the host": Change(
        "FD-13", set_down, set_up_by_the_host, carrier, ["agr(4)"], whole=["names"]
    ),
    "while the host's processes are killed": Change(
        "CF-07", kill, start, killed, ["crash", "restart"], alone=False, alive=True, whole=["restart"]
    ),
}
"""By what happens to a link, or to the LAG."""
