"""Checks of a lab file that look at more than one key, or at what a value means.

They work on the plain data, not on the models, so that they also speak when another key is wrong: a user
sees all mistakes at once. What has a wrong type is skipped here; the models report it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from harness.catalogue import load as load_catalogue
from harness.lab import placeholders
from harness.lab.source import Key, Problem, spell
from harness.profile import readings

_MAC = re.compile(r"(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_SECRET = re.compile(r"(?i)(^|[_-])(password|passwd|passphrase|secret|token)([_-]|$)|^enable$")
_CREDENTIALS = (
    "credentials do not belong in a lab file: set {prefix}_USERNAME, {prefix}_PASSWORD and {prefix}_ENABLE "
    "in the environment, or name a key with switch.credentials.key_file, or use `agent: true`"
)


def check(data: dict[str, Any]) -> list[Problem]:
    """Every mistake found, in no particular order."""
    found: list[Problem] = []
    for rule in (
        _placeholders,
        _secrets,
        _wires,
        _twice,
        _interfaces,
        _macs,
        _kind,
        _switch,
        _benches,
        _impairments,
        _generator,
        of_pics,
        of_deviations,
        _readings,
    ):
        found.extend(rule(data))
    return found


def _text(value: object, name: str) -> str | None:
    item = value.get(name) if isinstance(value, dict) else None
    return item if isinstance(item, str) else None


def _items(data: dict[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    value = data.get(name)
    return (
        [(i, item) for i, item in enumerate(value) if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _placeholders(data: dict[str, Any]) -> Iterator[Problem]:
    for key, text in placeholders.texts(data):
        for name in placeholders.names(text):
            if name not in placeholders.KNOWN:
                yield Problem(key, f"unknown placeholder ${{{name}}}; known are ${{bench}} and ${{state}}")


def _secrets(data: dict[str, Any]) -> Iterator[Problem]:
    credentials = _section(_section(data, "switch"), "credentials")
    prefix = _text(credentials, "environment") or "AGR_LAB_SWITCH"

    def walk(value: Any, key: Key) -> Iterator[Problem]:
        if isinstance(value, dict):
            for name, item in value.items():
                if _SECRET.search(name):
                    yield Problem((*key, name), _CREDENTIALS.format(prefix=prefix))
                yield from walk(item, (*key, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, (*key, index))

    yield from walk(data, ())


def _wires(data: dict[str, Any]) -> Iterator[Problem]:
    """What a wire must say beside its name depends on where it goes."""
    simulated = data.get("kind") == "simulated"
    for index, wire in _items(data, "wires"):
        key: Key = ("wires", index)
        to = wire.get("to")
        if to == "switch" and "switch_port" not in wire:
            yield Problem(
                (*key, "switch_port"), "missing: a wire to the switch names the port it is plugged into"
            )
        if to == "tester" and "tester" not in wire and not simulated:
            yield Problem((*key, "tester"), "missing: a wire to the tester names the tester's interface")
        if to == "tester" and "switch_port" in wire:
            yield Problem(
                (*key, "switch_port"),
                "a wire to the tester has no port of the switch; or is it `to: switch`?",
            )
        if to == "switch" and wire.get("speeds") is True:
            yield Problem((*key, "speeds"), "only at the tester's end can speed and duplex be forced")
        if to == "switch" and "tester" in wire:
            yield Problem(
                (*key, "tester"), "a wire to the switch has no tester's interface; or is it `to: tester`?"
            )
        if to == "switch" and (wire.get("capture") == "tester" or wire.get("cut") == "tester-link"):
            word = "capture" if wire.get("capture") == "tester" else "cut"
            yield Problem(
                (*key, word),
                f"{wire[word]} needs a wire that goes to the tester; this one goes to the switch",
            )
        if to == "tester" and wire.get("cut") == "switch":
            yield Problem((*key, "cut"), "the switch cannot cut a wire that goes straight to the tester")
        if wire.get("capture") in ("mirror", "remote") and "capture_at" not in wire:
            yield Problem(
                (*key, "capture_at"), f"missing: `capture: {wire['capture']}` needs the capturing interface"
            )
        if (
            wire.get("capture") == "remote"
            and "host" not in _section(wire, "capture_at")
            and "capture_at" in wire
        ):
            yield Problem(
                (*key, "capture_at", "host"), "missing: `capture: remote` needs the machine that captures"
            )


def _twice(data: dict[str, Any]) -> Iterator[Problem]:
    """Names, ports, ports of the switch and MAC addresses are used once."""
    first: dict[tuple[str, str], Key] = {}

    def use(what: str, value: str | None, key: Key) -> Iterator[Problem]:
        if value is None:
            return
        other = first.setdefault((what, value.lower()), key)
        if other != key:
            yield Problem(key, f"{what} {value} is used twice, first by {spell(other)}")

    for index, wire in _items(data, "wires"):
        for word, what in (("name", "wire name"), ("port", "port"), ("mac", "MAC address")):
            yield from use(what, _text(wire, word), ("wires", index, word))
        yield from use("port of the switch", _text(wire, "switch_port"), ("wires", index, "switch_port"))
    for key, cable in _cables(data):
        yield from use("port of the switch", _text(cable, "switch_port"), (*key, "switch_port"))


def _cables(data: dict[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The cables between switch and tester."""
    if traffic := _section(data, "traffic"):
        yield ("traffic",), traffic
    for index, cable in _items(data, "tester_ports"):
        yield ("tester_ports", index), cable


def _interfaces(data: dict[str, Any]) -> Iterator[Problem]:
    """Every interface has a name that Linux takes, and ends one cable only."""
    first: dict[tuple[str | None, str], Key] = {}
    for key, name, namespace in _all_interfaces(data):
        if not placeholders.names(name) and (len(name) > 15 or not re.fullmatch(r"[^\s/:]+", name)):
            yield Problem(
                key, f"{name!r} is no interface name: 1 to 15 characters without blank, slash and colon"
            )
        other = first.setdefault((namespace, name), key)
        if other != key and not (key[-1] == other[-1] == "port"):  # a port twice is said by _twice
            where = f" in namespace {namespace}" if namespace else ""
            yield Problem(key, f"interface {name}{where} is used twice, first by {spell(other)}")


def _all_interfaces(data: dict[str, Any]) -> Iterator[tuple[Key, str, str | None]]:
    namespace = _text(data.get("implementation"), "namespace")
    simulated = data.get("kind") == "simulated"
    for index, wire in _items(data, "wires"):
        if (port := _text(wire, "port")) is not None and not simulated:
            yield ("wires", index, "port"), port, namespace
        tester = wire.get("tester")
        if (name := _text(tester, "interface")) is not None:
            yield ("wires", index, "tester", "interface"), name, _text(tester, "namespace")
    for key, cable in _cables(data):
        tester = cable.get("tester")
        if (name := _text(tester, "interface")) is not None:
            yield (*key, "tester", "interface"), name, _text(tester, "namespace")


def _macs(data: dict[str, Any]) -> Iterator[Problem]:
    for index, wire in _items(data, "wires"):
        if "mac" in wire:
            yield from _mac(wire["mac"], ("wires", index, "mac"))


def _mac(value: object, key: Key) -> Iterator[Problem]:
    if not isinstance(value, str):
        return
    if not _MAC.fullmatch(value):
        yield Problem(key, f"{value!r} is no MAC address; write it as 02:00:00:00:00:01")
    elif int(value[:2], 16) & 1:
        yield Problem(
            key, f"{value} is a group address; a port's MAC address is an individual one (first octet even)"
        )
    elif int(value.replace(":", ""), 16) == 0:
        yield Problem(key, "the MAC address of a port is not zero")


def _kind(data: dict[str, Any]) -> Iterator[Problem]:
    """Simulated benches load the implementation; the others reach it through interfaces."""
    kind, implementation = data.get("kind"), _section(data, "implementation")
    adapter, load = implementation.get("adapter"), _text(implementation, "load")
    if "data_path" in implementation and adapter not in ("agr", None):
        yield Problem(
            ("implementation", "data_path"), f"only agr has data paths to choose from, not {adapter}"
        )
    yield from _service(kind, implementation)
    if kind == "simulated" and implementation:
        if load is None:
            yield Problem(
                ("implementation", "load"), 'missing: a simulated bench needs `load: "module:Class"`'
            )
        if adapter not in ("simulated", None):
            yield Problem(("implementation", "adapter"), "a simulated bench has `adapter: simulated`")
    if kind in ("emulated", "hardware"):
        if "load" in implementation:
            yield Problem(
                ("implementation", "load"), f"only a simulated bench loads its implementation, this is {kind}"
            )
        if adapter == "simulated":
            yield Problem(
                ("implementation", "adapter"), f"`simulated` is for simulated benches, this is {kind}"
            )
    if load is not None and not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", load):
        yield Problem(("implementation", "load"), f'{load!r} is not "module:Class"')
    if kind == "emulated" and "emulated" not in data:
        yield Problem(("emulated",), "missing: an emulated bench says here what it starts")
    if kind in ("simulated", "hardware") and "emulated" in data:
        yield Problem(("emulated",), f"only for an emulated bench, this is {kind}")


def _service(kind: Any, implementation: dict[str, Any]) -> Iterator[Problem]:
    """What the bench starts must end with it: it does where a namespace of the bench's own ends."""
    if implementation.get("service") is not True:
        return
    key: Key = ("implementation", "service")
    if (adapter := implementation.get("adapter")) not in ("agr", None):
        yield Problem(key, f"only agr has a service that a bench can run, not {adapter}")
    elif kind == "hardware":
        yield Problem(key, "only an emulated bench runs agrd itself; here the service manager does")
    elif "namespace" not in implementation:
        yield Problem(key, "needs `namespace:`, one that the bench makes")


def _switch(data: dict[str, Any]) -> Iterator[Problem]:
    """Cables to a switch need a switch, and a switch needs a way to its command line."""
    if "switch" not in data:
        for index, wire in _items(data, "wires"):
            if wire.get("to") == "switch":
                yield Problem(
                    ("wires", index, "to"), "goes to the switch, but the file has no `switch:` section"
                )
        for key, _ in _cables(data):
            yield Problem(key, "goes to the switch, but the file has no `switch:` section")
        return
    if data.get("kind") == "simulated":
        yield Problem(("switch",), "a simulated bench has no switch")
    switch = _section(data, "switch")
    if switch and not {"ssh", "console", "from"} & set(switch):
        yield Problem(("switch",), "missing: `ssh:` or `console:` (or `from:`, a file that names them)")


def _benches(data: dict[str, Any]) -> Iterator[Problem]:
    benches = data.get("benches")
    several = benches == "auto" or (isinstance(benches, int) and benches > 1)
    if not several:
        return
    if data.get("kind") == "hardware":
        yield Problem(
            ("benches",), f"{benches} benches, but hardware is there once; write one lab file a bench"
        )
    elif data.get("kind") == "emulated":
        for key, namespace in _namespaces(data):
            if "bench" not in placeholders.names(namespace):
                text = f"{namespace} would be shared by benches (benches: {benches}); use ${{bench}} in it"
                yield Problem(key, text)


def _impairments(data: dict[str, Any]) -> Iterator[Problem]:
    """Wires are impaired where they are simulated, and verdicts must allow for what takes time."""
    if "impairments" not in data:
        return
    impairments = _section(data, "impairments")
    if data.get("kind") in ("emulated", "hardware"):
        yield Problem(("impairments",), f"only a simulated bench impairs its wires, this is {data['kind']}")
    names = {_text(wire, "name") for _, wire in _items(data, "wires")}
    for name in _section(impairments, "one_way"):
        if name not in names:
            yield Problem(("impairments", "one_way", name), "there is no wire of this name")
    times = [impairments.get(key, 0) for key in ("delay", "jitter")]
    late = _section(data, "limits").get("late", 0.25)
    if all(isinstance(time, int | float) for time in (*times, late)) and late < 2 * sum(times):
        words = f"there and back may take {2 * sum(times):g} s, more than limits.late ({late:g}) allows for"
        yield Problem(("impairments",), words)


def _generator(data: dict[str, Any]) -> Iterator[Problem]:
    """A device has an address, and a port at the end of each straight wire that it is to send on."""
    generator = _section(data, "generator")
    kind = generator.get("kind", "own")
    if generator and data.get("kind") == "simulated":
        yield Problem(("generator",), "a simulated bench has no interfaces to send traffic on")
    straight = {_text(wire, "name") for _, wire in _items(data, "wires") if wire.get("to") == "tester"}
    for name, port in _section(generator, "ports").items():
        if name not in straight:
            yield Problem(("generator", "ports", name), "there is no straight wire of this name")
        elif kind == "trex" and isinstance(port, str):
            yield Problem(("generator", "ports", name), f"a port of TRex is a number, not {port!r}")
    for word, what in (("address", "its address"), ("ports", "its ports, by wire")):
        if kind in ("trex", "otg") and not generator.get(word):
            yield Problem(("generator", word), f"missing: kind {kind} is a device that is reached by {what}")
        elif kind in ("own", "tcpreplay") and word in generator:
            yield Problem(("generator", word), f"kind {kind} sends from the tester's own interfaces")


def _namespaces(data: dict[str, Any]) -> Iterator[tuple[Key, str]]:
    return (
        (key, text) for key, text in placeholders.texts(data) if key[-1] in ("namespace", "switch_namespace")
    )


def of_pics(data: dict[str, Any]) -> Iterator[Problem]:
    """What the answers of a PICS say of each other, and the values in them."""
    pics = _section(_section(data, "implementation"), "pics")
    if pics.get("marker_generator") is True and "marker_wait" not in pics:
        key: Key = ("implementation", "pics", "marker_wait")
        yield Problem(key, "missing: how many seconds the Marker generator waits for a response")
    pair = ("unanswered_markers", "silent_marker_wait")
    for name, other in (pair, pair[::-1]):
        if pics.get(name) is not None and pics.get(other) is None:
            yield Problem(("implementation", "pics", other), f"missing: {name} is nothing without it")
    system = _section(pics, "partner_defaults").get("system")
    if isinstance(system, str) and not _MAC.fullmatch(system):
        key = ("implementation", "pics", "partner_defaults", "system")
        yield Problem(key, f"{system!r} is no MAC address; write it as 02:00:00:00:00:01")


def of_deviations(data: dict[str, Any]) -> Iterator[Problem]:
    """Known deviations are of rows of the catalogue."""
    section = _section(_section(data, "implementation"), "deviations")
    for index, known in _items(section, "known"):
        rows = known.get("rows")
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, str) and row not in load_catalogue():
                key: Key = ("implementation", "deviations", "known", index, "rows", place)
                yield Problem(key, f"{row} is no row of the catalogue")


def _readings(data: dict[str, Any]) -> Iterator[Problem]:
    """What is chosen where the standard's readers differ is asked somewhere, and is one of the answers."""
    for name, choice in _section(data, "readings").items():
        key, known = ("readings", str(name)), readings()
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            yield Problem(key, f"no reading of that name; {hint}")
        elif isinstance(choice, str) and choice not in known[name].choices:
            yield Problem(key, f"{choice!r} is not one of {', '.join(known[name].choices)}")
