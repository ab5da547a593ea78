"""What shows on a host's interfaces alone: agr0, its ports, and what others do to them (agr(4))."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage


def broken(name: str, file: str, old: str, new: str, row: str, clause: str, data_path: str = "") -> Breakage:
    """A line or less of one file is another; the row must notice, on a bench with kernel interfaces."""
    return Breakage(name, f"daemon/{file}", old, new, (row,), clause, kernel=True, data_path=data_path)


GUARD = "guard.py"

INTERFACE = (
    broken(
        "a port that left and agr0 have one address unnoticed",
        "address.py",
        "    if not staying or found.mac != aggregate.mac.hex(",
        '    if True or found.mac != "".join(',
        "AG-06",
        "BUGS lifted",
    ),
    broken(
        "the error of an agr interface as a port is another",
        "ports.py",
        'Refused(errno.EINVAL, f"{port} is an agr interface itself")',
        'Refused(errno.EBUSY, f"{port} is an agr interface itself")',
        "AG-08",
        "manual",
    ),
    broken(
        "a port with a smaller MTU is taken",
        "members.py",
        "    if interface.mtu < least_mtu:\n",
        "    if False:\n",
        "AG-08",
        "manual",
    ),
    broken(
        "an address on a member is not reported",
        GUARD,
        "        elif event.address not in member.addresses:\n",
        "        elif False:\n",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "a member that is enslaved stays",
        GUARD,
        "        elif interface.master is not None:\n",
        "        elif False:\n",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "a member that is renamed stays",
        GUARD,
        "        elif interface.name != member.name:\n",
        "        elif False:\n",
        "AG-15",
        "BUGS lifted",
    ),
    broken(
        "`force` is not heard",
        "service.py",
        "        if force:\n",
        "        if False:\n",
        "AG-16",
        "driver",
    ),
    broken(
        "slow-protocol frames reach agr0 on the Python data path",
        "datapath/packetpath.py",
        "accept(CLIENT_GETS if on else NOTHING)",
        "accept(((0x06, 0, 0, 0xFFFFFFFF),) if on else NOTHING)",
        "AG-18",
        "driver",
        "python",
    ),
    broken(
        "the MTU of agr0 stays its own",
        "mtu.py",
        "    if wanted == aggregate.mtu:\n",
        "    if True:\n",
        "AG-19",
        "driver",
    ),
    broken(
        "agr0 has carrier while ports only collect",
        "aggregate.py",
        "            wanted = ClientLink.DORMANT\n",
        "            wanted = ClientLink.RUNNING\n",
        "MG-08",
        "30.7",
    ),
)
