"""Both ways to the switch's command line lead to the same switch."""

from __future__ import annotations

from harness.switch.cisco_ios.config import is_frame
from harness.switch.cisco_ios.switch import Switch
from harness.verdict import BenchError


def agree(one: Switch, other: Switch) -> dict[str, str]:
    """Compare identity, running configuration and LAGs as two sessions see them; facts for the report.

    Raises BenchError that says what differs: two switches, or a change in between.
    """
    views = {"show version": _version, "show running-config": _config, "show etherchannel summary": _lags}
    differences = []
    for command, view in views.items():
        first, second = view(one), view(other)
        if first != second:
            differences.append(f"`{command}`: {_first_difference(first, second)}")
    if differences:
        raise BenchError(
            f"the switch by {one.path} and by {other.path} is not the same, or was changed in between: "
            + "; ".join(differences)
        )
    return {"switch": one.version(), "switch.paths": f"{one.path} and {other.path} agree"}


def _version(switch: Switch) -> list[str]:
    row = switch.parsed("show version")[0]
    return [
        f"{key} {row.get(key)}" for key in ("hostname", "version", "software_image", "hardware", "serial")
    ]


def _config(switch: Switch) -> list[str]:
    return [line for line in switch.running_config() if line.strip() and not is_frame(line)]


def _lags(switch: Switch) -> list[str]:
    return [str(sorted(row.items())) for row in switch.parsed("show etherchannel summary")]


def _first_difference(first: list[str], second: list[str]) -> str:
    for a, b in zip(first, second, strict=False):
        if a != b:
            return f"{a!r} against {b!r}"
    return f"{len(first)} lines against {len(second)}"
