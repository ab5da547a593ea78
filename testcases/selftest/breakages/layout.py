"""LACPDUs that say or look what they should not (43.2.10, 43.4.2, 43B)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage, octets


def line(name: str, file: str, old: str, new: str, row: str, clause: str = "43.4.2.2") -> Breakage:
    """A line or less of one file is another; one row must notice."""
    return Breakage(name, file, old, new, (row,), clause)


CODEC = "core/lacpdu.py"
HEADER = "_HEADER.pack(Slow_Protocols_Multicast, source, Slow_Protocols_Type, LACP_SUBTYPE, LACP_VERSION)"

LAYOUT = (
    Breakage(
        name="wrong byte order of the key",
        file="core/lacpdu.py",
        old="        information.key,\n",
        new='        int.from_bytes(information.key.to_bytes(2, "little"), "big"),\n',
        rows=("LF-15",),
        clause="43.4.2.1",
    ),
    Breakage(
        name="LACPDUs from the aggregate's address on every port",
        file="core/transmit.py",
        old="source=port.mac",
        new="source=port.aggregator.Aggregator_MAC_address",
        rows=("LF-02",),
        clause="43.2.10.1",
    ),
    Breakage(
        name="Partner TLV not echoed",
        file="core/transmit.py",
        old="        partner=port.partner_information(),\n",
        new="        partner=lacpdu.Information(0, bytes(6), 0, 0, 0, lacpdu.PortState()),\n",
        rows=("LF-26",),
        clause="43.4.9",
    ),
    octets("reserved octets after Actor_State not zero", "LF-11", 33, 36),
    octets("reserved octets after Partner_State not zero", "LF-11", 53, 56),
    octets("reserved octets of Collector_Information not zero", "LF-12", 60, 72),
    octets("reserved octets after the Terminator not zero", "LF-13", 74, 124),
    octets("no Terminator", "LF-10", 72, 74),
    line(
        "another destination",
        CODEC,
        HEADER,
        HEADER.replace("Slow_Protocols_Multicast", 'b"\\x01\\x80\\xc2\\0\\0\\x0e"'),
        "LF-01",
        "43B.3",
    ),
    line("another type", CODEC, HEADER, HEADER.replace("Slow_Protocols_Type", "0x8808"), "LF-03", "43B.4"),
    line("another subtype", CODEC, HEADER, HEADER.replace("LACP_SUBTYPE", "3"), "LF-05"),
    line("another version", "core/constants.py", "LACP_VERSION = 1", "LACP_VERSION = 2", "LF-06"),
    line(
        "a priority tag",
        CODEC,
        '    return frame.ljust(SLOW_FRAME_LENGTH, b"\\0")',
        '    return frame[:12] + b"\\x81\\0\\xe0\\0" + frame[12:].ljust(SLOW_FRAME_LENGTH - 12, b"\\0")',
        "LF-04",
        "43B",
    ),
    line("another Actor TLV type", CODEC, "_ACTOR_LENGTH = 1, 20", "_ACTOR_LENGTH = 2, 20", "LF-07"),
    line("another Partner TLV type", CODEC, "_PARTNER_LENGTH = 2, 20", "_PARTNER_LENGTH = 1, 20", "LF-08"),
    line(
        "another Collector TLV type", CODEC, "_COLLECTOR_LENGTH = 3, 16", "_COLLECTOR_LENGTH = 4, 16", "LF-09"
    ),
    line(
        "frames of 128 octets",
        "core/constants.py",
        "SLOW_FRAME_LENGTH = 124",
        "SLOW_FRAME_LENGTH = 128",
        "LF-14",
    ),
    line(
        "wrong byte order of the port",
        CODEC,
        "        information.port,\n",
        '        int.from_bytes(information.port.to_bytes(2, "little"), "big"),\n',
        "LF-15",
        "43.4.2.1",
    ),
    line(
        "a system for each port",
        "core/port.py",
        "            self.aggregator.Actor_System,\n",
        "            self.mac,\n",
        "LF-16",
    ),
    line(
        "a group address as system",
        "core/aggregator.py",
        "return self.system_admin.system or self.address",
        "return self.system_admin.system or b'\\x01' + self.address[1:]",
        "LF-17",
        "43.3.2",
    ),
    line(
        "ports numbered from 0",
        "core/port.py",
        "self.Actor_Port_Number = number",
        "self.Actor_Port_Number = number - 1",
        "LF-18",
        "43.3.4",
    ),
    line(
        "one number for all ports",
        "core/port.py",
        "self.Actor_Port_Number = number",
        "self.Actor_Port_Number = 1",
        "LF-19",
        "43.3.4",
    ),
    line(
        "another port number after each link up",
        "core/system.py",
        "        member.port_enabled = up\n",
        "        member.port_enabled = up\n        member.Actor_Port_Number += up\n",
        "LF-20",
        "43.3.4",
    ),
    line(
        "a key for each port",
        "core/keys.py",
        "port.Actor_Oper_Port_Key = aggregator.admin.key",
        "port.Actor_Oper_Port_Key = aggregator.admin.key + port.Actor_Port_Number",
        "LF-21",
        "43.3.5",
    ),
    line(
        "always active",
        "core/system.py",
        'state.LACP_Activity = aggregator.admin.activity == "active"',
        "state.LACP_Activity = True",
        "LF-22",
    ),
    line(
        "always Long Timeout",
        "core/system.py",
        'state.LACP_Timeout = aggregator.admin.timeout == "short"',
        "state.LACP_Timeout = False",
        "LF-23",
    ),
    line(
        "a single member is individual",
        "core/system.py",
        "state.Aggregation = not port.admin.individual",
        "state.Aggregation = len(aggregator.ports) > 1",
        "LF-24",
    ),
    line(
        "never individual",
        "core/system.py",
        "state.Aggregation = not port.admin.individual",
        "state.Aggregation = True",
        "LF-24",
    ),
    line(
        "a Collector_Max_Delay that changes",
        "core/transmit.py",
        "collector_max_delay=port.aggregator.admin.collector_max_delay",
        "collector_max_delay=port.counters.LACPDUsTx",
        "LF-25",
    ),
    line(
        "the partner's Synchronization believed without a match",
        "core/receive.py",
        "        and (_matched(port, pdu) or not pdu.actor.state.Aggregation)\n",
        "",
        "LF-26",
    ),
    line(
        "the partner's Synchronization never believed of an individual link",
        "core/receive.py",
        " or not pdu.actor.state.Aggregation)",
        ")",
        "LF-26",
    ),
    line(
        "other defaults than declared",
        "core/port.py",
        "system=bytes(6), key=0,",
        "system=bytes(6), key=1,",
        "LF-27",
    ),
    line(
        "not EXPIRED at link up",
        "core/receive.py",
        "    port.Actor_Oper_Port_State.Expired = True\n",
        "",
        "LF-27",
    ),
    line(
        "LACPDUs of 124 octets only",
        CODEC,
        "if len(frame) < _NEEDED:",
        "if len(frame) != SLOW_FRAME_LENGTH:",
        "LF-28",
        "-",
    ),
    line(
        "Defaulted and Expired exchanged",
        "core/state.py",
        "| self.Defaulted << 6\n            | self.Expired << 7",
        "| self.Expired << 6\n            | self.Defaulted << 7",
        "LF-29",
    ),
    line(
        "Collecting and Distributing exchanged",
        "core/state.py",
        "| self.Collecting << 4\n            | self.Distributing << 5",
        "| self.Distributing << 4\n            | self.Collecting << 5",
        "LF-29",
    ),
)
