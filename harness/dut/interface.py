"""What the operating system of a host says of a network interface."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.dut.host import Host

OF_THE_CARRIER = {"LOWER_UP", "NO-CARRIER", "M-DOWN", "DORMANT", "RUNNING"}


@dataclass(frozen=True)
class InterfaceState:
    """One interface, as iproute2 shows it. ``mtu`` is in octets, addresses have their prefix length.

    ``flags`` are those that an administrator sets (UP, PROMISC, MULTICAST ...), not what the carrier does;
    ``queues`` the queueing disciplines that are not the kernel's own choice, with those for what arrives,
    where filters hang; ``ipv6_disabled`` the sysctl's word, empty where the kernel has no IPv6 for it.
    """

    mac: str
    mtu: int
    flags: frozenset[str]
    promiscuity: int
    addresses: tuple[str, ...]
    queues: tuple[str, ...]
    ipv6_disabled: str

    def differences(self, found: InterfaceState) -> list[str]:
        """What is not as it was found, in words: ``mtu 1400, was 1500``."""
        return [
            f"{name} {_text(value)}, was {_text(getattr(found, name))}"
            for name, value in vars(self).items()
            if value != getattr(found, name)
        ]


def read_interface(host: Host, name: str) -> InterfaceState | None:
    """The state of an interface of the host, None where there is none of that name.

    Raises ImplementationRefused where the host's own commands fail.
    """
    every = json.loads(host.tool(["ip", "-json", "-details", "address", "show"]))
    link = {link["ifname"]: link for link in every}.get(name)
    if link is None:
        return None
    queues = json.loads(host.tool(["tc", "-json", "qdisc", "show", "dev", name]))
    return InterfaceState(
        mac=link["address"],
        mtu=link["mtu"],
        flags=frozenset(link["flags"]) - OF_THE_CARRIER,
        promiscuity=link["promiscuity"],
        addresses=tuple(f"{one['local']}/{one['prefixlen']}" for one in link["addr_info"]),
        queues=tuple(queue["kind"] for queue in queues if queue["handle"] != "0:"),
        ipv6_disabled=host.tool(["sysctl", "-n", "-e", f"net/ipv6/conf/{name}/disable_ipv6"]).strip(),
    )


def read_mac(host: Host, name: str) -> str:
    """The address of an interface that is there. Raises ImplementationRefused where it is not."""
    (link,) = json.loads(host.tool(["ip", "-json", "link", "show", "dev", name]))
    return str(link["address"])


def read_carrier(host: Host, name: str) -> bool:
    """Whether an interface is up and running (IFF_RUNNING): it has carrier, and is not dormant.

    Raises ImplementationRefused where there is none such.
    """
    (link,) = json.loads(host.tool(["ip", "-json", "link", "show", "dev", name]))
    return "UP" in link["flags"] and "NO-CARRIER" not in link["flags"]  # iproute2's word for not running


def _text(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return ",".join(sorted(value)) or "none"
    return str(value) or "none"
