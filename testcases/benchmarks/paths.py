"""The two paths that are compared: agr0 over two ports, and a plain veth pair, with IP addresses on both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from harness.traffic.child import come_first
from harness.traffic.flows import udp_frame
from testcases.benchmarks.hosts import Agr, Host, cable, cores, two_hosts
from testcases.benchmarks.partner import Partner

NEAR_IP, FAR_IP = "192.0.2.1", "192.0.2.2"
FAR_MAC = "02:00:5e:00:53:02"
NOBODYS_MAC = "02:00:5e:00:53:03"
"""No interface's: a packet socket of the far host sees such frames, its IP drops them at once."""
_SERVICE_SECONDS = 30.0


@dataclass(frozen=True)
class Path:
    """From ``interface`` of ``near``, where NEAR_IP is, to any of the ``far_interfaces``, where FAR_IP is."""

    near: Host
    interface: str
    far: Host
    far_interfaces: tuple[str, ...]

    def frames(self, flows: int, destination: str = FAR_MAC) -> list[bytes]:
        """The shortest UDP frames of so many conversations from near to far."""
        source, to = self.near.mac(self.interface), bytes.fromhex(destination.replace(":", ""))
        return [
            udp_frame(source, to, addresses=(NEAR_IP, f"198.18.{number >> 8}.{number & 255}"))
            for number in range(flows)
        ]


@dataclass(frozen=True)
class Aggregated:
    """agr0 and what is around it."""

    path: Path
    agr: Agr
    partner: Partner


@contextmanager
def plain(name: str) -> Iterator[Path]:
    """A veth pair."""
    with ExitStack() as stack:
        near, far = two_hosts(stack, name)
        cable(near, far, ["p0"])
        path = Path(near, "p0", far, ("p0",))
        _address(path)
        yield path


@contextmanager
def aggregated(
    name: str, ports: Sequence[str] = ("p0", "p1"), first_index: int | None = None
) -> Iterator[Aggregated]:
    """agr0 over ``ports``, fast rate both ways, in service; the other ends are plain interfaces."""
    with ExitStack() as stack:
        near, far = two_hosts(stack, name)
        cable(near, far, ports, first_index)
        path = Path(near, "agr0", far, tuple(ports))
        far.configure(*(f"link set {port} address {FAR_MAC}" for port in ports))
        agr = Agr(near)
        attach = [word for port in ports for word in ("agrport", port)]
        agr.config("agr0", "create", "timeout", "short", *attach)
        come_first(agr.pid)  # as its unit has it: what sends the load is as urgent
        near.configure("link set agr0 up")
        partner = stack.enter_context(Partner(far, dict.fromkeys(ports, 7), cores()[1]))
        partner.wait_for_service(_SERVICE_SECONDS)
        _address(path)
        yield Aggregated(path, agr, partner)


def _address(path: Path) -> None:
    """Addresses, and neighbours that nobody need ask for."""
    near_mac = path.near.mac(path.interface).hex(":")
    path.near.configure(
        f"address add {NEAR_IP}/24 dev {path.interface}",
        f"neighbour replace {FAR_IP} lladdr {FAR_MAC} dev {path.interface} nud permanent",
    )
    path.far.configure(
        *(f"link set {interface} address {FAR_MAC}" for interface in path.far_interfaces),
        *(f"address add {FAR_IP}/24 dev {interface}" for interface in path.far_interfaces),
        *(
            f"neighbour replace {NEAR_IP} lladdr {near_mac} dev {interface} nud permanent"
            for interface in path.far_interfaces
        ),
    )
