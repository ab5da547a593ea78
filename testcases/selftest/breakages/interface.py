"""What shows on a host's interfaces alone: agr0, its ports, and what others do to them (agr(4))."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(
    name: str, file: str, place: str, old: str, new: str, row: str, clause: str, data_path: str = ""
) -> Breakage:
    """One place of one file is another; the row must notice, on a bench with kernel interfaces."""
    return Breakage(name, f"daemon/{file}", place, old, new, (row,), clause, kernel=True, data_path=data_path)


GUARD = "guard.py"

INTERFACE = (
    broken(
        "a port that left and agr0 have one address unnoticed",
        "address.py",
        "after_detach",
        "not staying or found.mac != aggregate.mac.hex(':')",
        "True",
        "AG-06",
        "BUGS lifted",
    ),
    broken(
        "the error of an agr interface as a port is another",
        "ports.py",
        "Ports._refuse_taken_index",
        "raise Refusal(errno.EINVAL, f'{interface.name} is an agr interface itself')",
        "raise Refusal(errno.EBUSY, f'{interface.name} is an agr interface itself')",
        "AG-08",
        "manual",
    ),
    broken(
        "a port with a smaller MTU is taken",
        "members.py",
        "examine",
        "interface.mtu < least_mtu",
        "False",
        "AG-08",
        "manual",
    ),
    broken(
        "an address on a member is not reported",
        GUARD,
        "Guard.address_changed",
        "event.address not in member.addresses",
        "False",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "a member that is enslaved stays",
        GUARD,
        "Guard._look",
        "interface.master is not None",
        "False",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "a member that is renamed stays",
        GUARD,
        "Guard._look",
        "interface.name != member.name",
        "False",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "`force` is not heard",
        "service.py",
        "Service.destroy",
        "force",
        "False",
        "AG-16",
        "driver",
    ),
    broken(
        "slow-protocol frames reach agr0 on the Python data path",
        "datapath/packetpath.py",
        "PacketPath.expect",
        "CLIENT_GETS",
        "((0x06, 0, 0, 0xFFFFFFFF),)",
        "AG-18",
        "driver",
        "python",
    ),
    broken(
        "the MTU of agr0 stays its own",
        "mtu.py",
        "follow",
        "wanted == aggregate.mtu",
        "True",
        "AG-19",
        "driver",
    ),
    broken(
        "agr0 has carrier while ports only collect",
        "aggregate.py",
        "Aggregate.refresh_link",
        "wanted = ClientLink.DORMANT",
        "wanted = ClientLink.RUNNING",
        "MG-08",
        "30.7",
    ),
)
