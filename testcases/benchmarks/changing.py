"""Ways in which links of an aggregate go and come back while it carries its load: `changes` counts them.

    near: agr0 == p0 .. p11 ============ far: a partner, and what looks at every frame

The first links go, one after the other, and come back all at once: so they share the 2 s of
Aggregate_Wait_Time (43.4.4). The others stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.traffic.deaf import Deaf
from testcases.benchmarks.hosts import wait_until
from testcases.benchmarks.paths import Aggregated
from testcases.benchmarks.slowing import SlowLinks

PORTS = tuple(f"p{number}" for number in range(12))
GOING = PORTS[:10]
_APART = 0.3
"""Seconds between two links that go unnoticed: each is missed at a time of its own."""


@dataclass(frozen=True)
class Scene:
    """``deaf`` are far interfaces that get nothing; ``slow`` is there where links become slow."""

    ours: Aggregated
    deaf: Deaf
    slow: SlowLinks | None = None

    def settled(self, serving: Sequence[str]) -> bool:
        """agr distributes on these ports and no others, and no conversation waits for its move."""
        said = self.ours.agr.aggregate()
        distributing = {name for name, port in said["ports"].items() if port["distributing"]}
        return distributing == set(serving) and not (said["moves"]["held"] or said["moves"]["pending"])

    def wait(self, serving: Sequence[str]) -> None:
        """Until it is so."""
        wait_until(lambda: self.settled(serving), f"agr0 distributes on {' '.join(serving)} alone")


def _one_by_one(go: Callable[[Scene, str], None]) -> Callable[[Scene, Sequence[str]], None]:
    """Each link goes when the conversations of the one before have their place."""

    def leave(scene: Scene, ports: Sequence[str]) -> None:
        left = list(PORTS)
        for port in ports:
            go(scene, port)
            left.remove(port)
            scene.wait(left)

    return leave


def _unnoticed(go: Callable[[Scene, str], None]) -> Callable[[Scene, Sequence[str]], None]:
    """One link goes after the other; all are waited for, as timers run for each."""

    def leave(scene: Scene, ports: Sequence[str]) -> None:
        for port in ports:
            go(scene, port)
            time.sleep(_APART)
        scene.wait([port for port in PORTS if port not in ports])

    return leave


def _remove(scene: Scene, port: str) -> None:
    scene.ours.agr.config("agr0", "-agrport", port)


def _add(scene: Scene, ports: Sequence[str]) -> None:
    scene.ours.agr.config("agr0", *(word for port in ports for word in ("agrport", port)))


def _cut(scene: Scene, port: str) -> None:
    scene.ours.path.far.set_up(port, False)


def _mend(scene: Scene, ports: Sequence[str]) -> None:
    for port in ports:
        scene.ours.path.far.set_up(port, True)


def _shut(scene: Scene, port: str) -> None:
    """The far end says that it goes, and goes when agr has heeded it."""
    partner = scene.ours.partner
    partner.withdraw(port)
    wait_until(lambda: port not in partner.in_service(), f"agr0 leaves {port}")
    _cut(scene, port)


def _open(scene: Scene, ports: Sequence[str]) -> None:
    _mend(scene, ports)
    scene.ours.partner.speak(*ports)


def _silence(scene: Scene, port: str) -> None:
    scene.ours.partner.silence(port)


def _speak(scene: Scene, ports: Sequence[str]) -> None:
    scene.ours.partner.speak(*ports)


def _make_deaf(scene: Scene, port: str) -> None:
    scene.deaf.add(port)


def _make_hear(scene: Scene, ports: Sequence[str]) -> None:
    for port in ports:
        scene.deaf.remove(port)


def _remove_slow(scene: Scene, port: str) -> None:
    """Its conversations leave while their frames wait in its queue."""
    assert scene.slow is not None
    scene.slow.fill(port)
    _remove(scene, port)


def _add_fast(scene: Scene, ports: Sequence[str]) -> None:
    """They come back as they were before."""
    assert scene.slow is not None
    for port in ports:
        scene.slow.let_go(port)
    _add(scene, ports)


@dataclass(frozen=True)
class Kind:
    """``leave`` and ``come_back`` make the changes called ``gone`` and ``back``, of the ``going`` links.

    ``lossless``: no frame is in danger when a link goes. When one comes none ever is. ``slow``: links become
    slow before they go; a few of them, as one that carries much takes too long to let its queue run empty.
    """

    gone: str
    leave: Callable[[Scene, Sequence[str]], None]
    back: str
    come_back: Callable[[Scene, Sequence[str]], None]
    lossless: bool = True
    slow: bool = False
    going: tuple[str, ...] = GOING


KINDS = {
    "removed": Kind("removed by configuration", _one_by_one(_remove), "added by configuration", _add),
    "cut": Kind("cut", _one_by_one(_cut), "brought back", _mend, lossless=False),
    "shut": Kind("shut at the far end", _one_by_one(_shut), "opened at the far end", _open),
    "silenced": Kind("silenced", _unnoticed(_silence), "heard again", _speak),
    "one-way": Kind("cut one way", _unnoticed(_make_deaf), "mended one way", _make_hear, lossless=False),
    "slowed": Kind(
        "removed, slow", _one_by_one(_remove_slow), "added again", _add_fast, slow=True, going=PORTS[:3]
    ),
}
