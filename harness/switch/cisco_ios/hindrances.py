"""What a port of an IOS switch is configured to that would spoil a run: read before it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_SPOILS = {
    "channel-group": "is in a LAG of others: take it out of that, or name another port",
    "ip access-group": "has an access list, which may drop what the suite sends",
    "l2protocol-tunnel": "tunnels protocols that the suite speaks",
    "mac access-group": "has an access list, which may drop what the suite sends",
    "no switchport": "is a routed port, and no LAG of layer 2 takes it",
    "service-policy": "has a policy, which may drop or delay what the suite sends",
    "spanning-tree bpduguard enable": "is shut down by the first BPDU, and the suite sends some",
    "spanning-tree guard": "is blocked by BPDUs, and the suite sends some",
    "storm-control": "drops what comes in bursts, as the suite's frames do",
    "switchport block": "passes no frames to addresses that are unknown, as the suite's are",
    "switchport port-security": "passes known addresses alone, and the suite has thousands",
    "switchport protected": "passes nothing to other protected ports",
    "udld port": "is shut down by UDLD, which the tester does not answer",
}
"""First words of a line in a port's section, and what is wrong with it."""


def of_section(port: str, lines: Sequence[str]) -> Iterator[str]:
    """Why the suite cannot run on a port whose section has these lines, a sentence each."""
    for line in lines:
        for words, wrong in _SPOILS.items():
            if f"{line} ".startswith(f"{words} "):
                yield f"{port} {wrong} (`{line}`)"


def of_status(port: str, status: str) -> Iterator[str]:
    """The same, of its word in `show interfaces status`."""
    if status.startswith("err"):
        yield (
            f"{port} is taken out of service by the switch itself ({status}): `show interfaces status "
            "err-disabled` says why; after that `shutdown` and `no shutdown` bring it back"
        )
