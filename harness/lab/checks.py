"""Rules of a lab file that look at more than one key; the models of `harness.lab.schema` hold files to them.

They look at plain data as they were read, so that they also speak when another key is wrong: a user sees all
mistakes at once. What has a wrong type is skipped here; the models' fields report it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from harness.lab import placeholders
from harness.lab.fields import interface_name
from harness.lab.section import Mistake
from harness.lab.source import Key, spell
from harness.profile import readings

_SECRET = re.compile(r"(?i)(^|[_-])(password|passwd|passphrase|secret|token)([_-]|$)|^enable$")
_CREDENTIALS = (
    "credentials do not belong in a lab file: set {prefix}_USERNAME, {prefix}_PASSWORD and {prefix}_ENABLE "
    "in the environment, or name a key with switch.credentials.key_file, or use `agent: true`"
)


SWITCH = "switch"
"""The adapter of a switch that is under test: its ports are wired to the tester."""


def _is_judged(lab: Mapping[str, Any]) -> bool:
    """Whether the switch is what is under test."""
    return _text(lab.get("implementation"), "adapter") == SWITCH


def of_lab(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Those of the file as a whole, section against section."""
    rules = (
        _placeholders, _secrets, _twice, _interfaces, _emulated, _switch, _client, _benches, _slices,
        _readings,
    )  # fmt: skip
    for rule in rules:
        yield from rule(data)


def _text(value: object, name: str) -> str | None:
    item = value.get(name) if isinstance(value, dict) else None
    return item if isinstance(item, str) else None


def _items(data: Mapping[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    value = data.get(name)
    return (
        [(i, item) for i, item in enumerate(value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )


def _section(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _placeholders(data: Mapping[str, Any]) -> Iterator[Mistake]:
    for key, text in placeholders.texts(data):
        for name in placeholders.names(text):
            if name not in placeholders.KNOWN:
                yield Mistake(key, f"unknown placeholder ${{{name}}}; known are ${{bench}} and ${{state}}")


def _secrets(data: Mapping[str, Any]) -> Iterator[Mistake]:
    credentials = _section(_section(data, "switch"), "credentials")
    prefix = _text(credentials, "environment") or "AGR_LAB_SWITCH"

    def walk(value: Any, key: Key) -> Iterator[Mistake]:
        if isinstance(value, dict):
            for name, item in value.items():
                if _SECRET.search(name):
                    yield Mistake((*key, name), _CREDENTIALS.format(prefix=prefix), first=True)
                yield from walk(item, (*key, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, (*key, index))

    yield from walk(data, ())


def of_wire(wire: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
    """What a wire must say beside its name depends on where it goes; in virtual time its port is a word, and
    a port of a switch that is under test is in the switch's words."""
    simulated = lab.get("kind") == "simulated"
    to, port = wire.get("to"), _text(wire, "port")
    if to == "switch" and _is_judged(lab):
        words = "the switch itself is under test (adapter: switch), so its ports are wired to the tester"
        yield Mistake(("to",), words)
        return
    if port is not None and not simulated and not _is_judged(lab):
        try:
            interface_name(port)
        except PydanticCustomError as error:
            yield Mistake(("port",), error.message())
    if to == "switch" and "switch_port" not in wire:
        yield Mistake(("switch_port",), "missing: a wire to the switch names the port it is plugged into")
    if to == "tester" and "tester" not in wire and not simulated:
        yield Mistake(("tester",), "missing: a wire to the tester names the tester's interface")
    if to == "tester" and "switch_port" in wire:
        yield Mistake(
            ("switch_port",),
            "a wire to the tester has no port of the switch; or is it `to: switch`?",
        )
    if to == "switch" and wire.get("speeds") is True:
        yield Mistake(("speeds",), "only at the tester's end can speed and duplex be forced")
    if to == "switch" and "tester" in wire:
        yield Mistake(("tester",), "a wire to the switch has no tester's interface; or is it `to: tester`?")
    if to == "switch" and (wire.get("capture") == "tester" or wire.get("cut") == "tester-link"):
        word = "capture" if wire.get("capture") == "tester" else "cut"
        yield Mistake(
            (word,),
            f"{wire[word]} needs a wire that goes to the tester; this one goes to the switch",
        )
    if to == "tester" and wire.get("capture") in ("host", "mirror"):
        yield Mistake(("capture",), "a wire to the tester is captured at the tester's port")
    if to == "tester" and wire.get("cut") == "switch":
        yield Mistake(("cut",), "the switch cannot cut a wire that goes straight to the tester")
    if to == "switch" and wire.get("capture") == "mirror" and "capture_at" not in wire:
        yield Mistake(("capture_at",), "missing: `capture: mirror` needs the capturing interface")
    if wire.get("capture") not in ("mirror", "remote") and "capture_at" in wire:
        yield Mistake(("capture_at",), "only for `capture: mirror`")
    if wire.get("capture") == "remote":
        words = (
            "say what is captured: a mirror port of the switch that is plugged into another machine, "
            "`capture: mirror` with `capture_at: {interface: NAME, at: {ssh: USER@HOST}}`, or the "
            "implementation's own port, wherever it is, `capture: host`"
        )
        yield Mistake(("capture",), words, first=True)


def _twice(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Names, ports, ports of the switch and MAC addresses are used once."""
    first: dict[tuple[str, str], Key] = {}

    def use(what: str, value: str | None, key: Key) -> Iterator[Mistake]:
        if value is None:
            return
        other = first.setdefault((what, value.lower()), key)
        if other != key:
            yield Mistake(key, f"{what} {value} is used twice, first by {spell(other)}")

    for index, wire in _items(data, "wires"):
        port = "port of the switch" if _is_judged(data) else "port"
        for word, what in (("name", "wire name"), ("port", port), ("mac", "MAC address")):
            yield from use(what, _text(wire, word), ("wires", index, word))
        yield from use("port of the switch", _text(wire, "switch_port"), ("wires", index, "switch_port"))
    for key, cable in _cables(data):
        yield from use("port of the switch", _text(cable, "switch_port"), (*key, "switch_port"))


def _cables(data: Mapping[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The cables between switch and tester that are no wires."""
    for name in ("traffic", "client"):
        if cable := _section(data, name):
            yield (name,), cable
    for index, cable in _items(data, "tester_ports"):
        yield ("tester_ports", index), cable


def _interfaces(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every interface ends one cable only; what is called a port is one, but on a simulated bench."""
    first: dict[tuple[str, str], Key] = {}
    for key, name, place in _all_interfaces(data):
        other = first.setdefault((place, name), key)
        if other != key and not (key[-1] == other[-1] == "port"):  # a port twice is said by _twice
            yield Mistake(key, f"interface {name}{place} is used twice, first by {spell(other)}")


def _all_interfaces(data: Mapping[str, Any]) -> Iterator[tuple[Key, str, str]]:
    place = _place(_section(data, "implementation"))
    words = data.get("kind") == "simulated" or _is_judged(data)
    for index, wire in _items(data, "wires"):
        if (port := _text(wire, "port")) is not None and not words:
            yield ("wires", index, "port"), port, place
        tester = wire.get("tester")
        if isinstance(tester, dict) and (name := _text(tester, "interface")) is not None:
            yield ("wires", index, "tester", "interface"), name, _place(tester)
    for key, cable in _cables(data):
        tester = cable.get("tester")
        if isinstance(tester, dict) and (name := _text(tester, "interface")) is not None:
            yield (*key, "tester", "interface"), name, _place(tester)


def namespace_of(section: Mapping[str, Any]) -> str | None:
    """The namespace that the implementation or a port is in, by either of the keys that say so."""
    at = section.get("at")
    return _text(at, "namespace") if at is not None else _text(section, "namespace")


def _place(section: Mapping[str, Any]) -> str:
    """Where the implementation or a port is, to be said behind its name; "" where we are."""
    if (host := _text(section.get("at"), "ssh")) is not None:
        return f" at ssh {host}"
    namespace = namespace_of(section)
    return f" in namespace {namespace}" if namespace else ""


def of_location(at: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
    """It is one of two, and on another machine nothing is emulated."""
    if ("namespace" in at) is ("ssh" in at):
        yield Mistake((), "says where it is: `namespace: NAME` or `ssh: USER@HOST`")
    if "ssh" not in at:
        for name in at:
            if name in ("port", "key_file", "known_hosts", "jump", "ptp"):
                yield Mistake((name,), "only with `ssh:`")
    elif lab.get("kind") in ("emulated", "simulated"):
        words = f"what is elsewhere is on a bench of kind hardware, this is {lab['kind']}"
        yield Mistake(("ssh",), words)


def of_place(section: Mapping[str, Any]) -> Iterator[Mistake]:
    """One key says where the implementation or a port is."""
    if "at" in section and "namespace" in section:
        yield Mistake(("namespace",), "`at:` says where it is; delete this key")


def of_adapter(
    kinds: frozenset[str], implementation: Mapping[str, Any], lab: Mapping[str, Any]
) -> Iterator[Mistake]:
    """An implementation is in virtual time, on a simulated bench, or reached through interfaces."""
    kind, adapter = lab.get("kind"), implementation.get("adapter")
    if kind == "simulated" and kind not in kinds:
        words = 'a simulated bench has `adapter: simulated`, and `load: "module:Class"` with it'
        yield Mistake(("adapter",), f"{words}; {adapter} is for benches of interfaces")
    elif kind in ("emulated", "hardware") and kind not in kinds:
        yield Mistake(
            ("adapter",), f"`{adapter}` is for {' and '.join(sorted(kinds))} benches, this is {kind}"
        )
    if _is_judged(lab) and _text(implementation.get("at"), "ssh") is not None:
        yield Mistake(("at", "ssh"), "the switch is under test (adapter: switch): `switch:` says where")
    yield from of_place(implementation)


def _emulated(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Only an emulated bench starts something, and says what."""
    kind = data.get("kind")
    if kind == "emulated" and "emulated" not in data:
        yield Mistake(("emulated",), "missing: an emulated bench says here what it starts")
    if kind in ("simulated", "hardware") and "emulated" in data:
        yield Mistake(("emulated",), f"only for an emulated bench, this is {kind}")


def _switch(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Cables to a switch need a switch."""
    if "switch" not in data:
        for index, wire in _items(data, "wires"):
            if wire.get("to") == "switch":
                yield Mistake(
                    ("wires", index, "to"), "goes to the switch, but the file has no `switch:` section"
                )
        for key, _ in _cables(data):
            yield Mistake(key, "goes to the switch, but the file has no `switch:` section")
        return
    if data.get("kind") == "simulated":
        yield Mistake(("switch",), "a simulated bench has no switch")


def _client(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """A switch that is under test has a NIC of the tester's as its MAC client; others have their own."""
    if not _is_judged(data):
        if "client" in data:
            yield Mistake(("client",), "only for a switch that is under test (adapter: switch)")
        return
    if "client" not in data:
        words = "missing: the tester's NIC on another port of the switch, which is its MAC client"
        yield Mistake(("client",), words)
    if "traffic" in data:
        yield Mistake(("traffic",), "the switch itself is under test (adapter: switch): write `client:`")
    if "switch" not in data and data.get("kind") in ("emulated", "hardware"):
        yield Mistake(("switch",), "missing: how the switch that is under test (adapter: switch) is reached")


def _several(number: object) -> bool:
    return number == "auto" or (isinstance(number, int) and number > 1)


def _slices(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Either one bench is sliced, or there are several; what has been set up by hand is not shared."""
    if not _several(data.get("slices")):
        return
    if _several(data.get("benches")):
        yield Mistake(("slices",), "one bench is sliced: delete `benches:`, or write `benches: 1`")
    if "configured" in _section(data, "implementation"):
        words = "LAGs that have been set up by hand are one bench's; it runs one testcase at a time"
        yield Mistake(("slices",), words)


def _benches(data: Mapping[str, Any]) -> Iterator[Mistake]:
    benches = data.get("benches")
    if not _several(benches):
        return
    if data.get("kind") == "hardware":
        yield Mistake(
            ("benches",), f"{benches} benches, but hardware is there once; write one lab file a bench"
        )
    elif data.get("kind") == "emulated":
        for key, namespace in _namespaces(data):
            if "bench" not in placeholders.names(namespace):
                text = f"{namespace} would be shared by benches (benches: {benches}); use ${{bench}} in it"
                yield Mistake(key, text)


def of_impairments(impairments: Mapping[str, Any], lab: Mapping[str, Any]) -> Iterator[Mistake]:
    """Wires are impaired where they are simulated, and verdicts must allow for what takes time."""
    if lab.get("kind") in ("emulated", "hardware"):
        yield Mistake((), f"only a simulated bench impairs its wires, this is {lab['kind']}")
    names = {_text(wire, "name") for _, wire in _items(lab, "wires")}
    for name in _section(impairments, "one_way"):
        if name not in names:
            yield Mistake(("one_way", name), "there is no wire of this name")
    yield from _capturers(_section(impairments, "captured_by"), names)
    times = [impairments.get(key, 0) for key in ("delay", "jitter")]
    late = _section(lab, "limits").get("late", 0.25)
    if all(isinstance(time, int | float) for time in (*times, late)) and late < 2 * sum(times):
        words = f"there and back may take {2 * sum(times):g} s, more than limits.late ({late:g}) allows for"
        yield Mistake((), words)


def _capturers(capturers: Mapping[str, Any], wires: set[str | None]) -> Iterator[Mistake]:
    """Each place is captured by one machine, whose clock is no more wrong than is known of it."""
    taken: set[str] = set()
    for name in capturers:
        machine = _section(capturers, name)
        places = machine.get("wires", [])
        places = [place for place in places if isinstance(place, str)] if isinstance(places, list) else []
        for place in places:
            if place not in wires:
                yield Mistake(("captured_by", name, "wires"), f"there is no wire {place}")
        for place in [*places, *(["clients"] if machine.get("clients") is True else [])]:
            if place in taken:
                yield Mistake(("captured_by", name), f"{place} is captured by another machine already")
            taken.add(place)
        ahead, error = machine.get("ahead", 0), machine.get("error", 0)
        if all(isinstance(time, int | float) for time in (ahead, error)) and abs(ahead) > error:
            yield Mistake(("captured_by", name, "ahead"), f"is more than the error ({error:g} s)")


def _namespaces(data: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    return (
        (key, text) for key, text in placeholders.texts(data) if key[-1] in ("namespace", "switch_namespace")
    )


def _readings(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is chosen where the standard's readers differ is asked somewhere, and is one of the answers."""
    for name, choice in _section(data, "readings").items():
        key, known = ("readings", str(name)), readings()
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            yield Mistake(key, f"no reading of that name; {hint}")
        elif isinstance(choice, str) and choice not in known[name].choices:
            yield Mistake(key, f"{choice!r} is not one of {', '.join(known[name].choices)}")
