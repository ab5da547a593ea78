"""LACPDUs that say or look what they should not (43.2.10, 43.4.2, 43B)."""

from __future__ import annotations

from testcases.selftest.breakages.breakage import Breakage, Change, octets


def line(
    name: str,
    file: str,
    place: str,
    old: str,
    new: str,
    row: str,
    clause: str = "43.4.2.2",
    also: tuple[Change, ...] = (),
) -> Breakage:
    """One place of one file is another, or more; one row must notice."""
    return Breakage(name, file, place, old, new, (row,), clause, also=also)


CODEC = "core/lacpdu.py"

LAYOUT = (
    Breakage(
        name="wrong byte order of the key",
        file="core/lacpdu.py",
        place="_encode_information",
        old="information.key",
        new="int.from_bytes(information.key.to_bytes(2, 'little'), 'big')",
        rows=("LF-15",),
        clause="43.4.2.1",
    ),
    Breakage(
        name="LACPDUs from the aggregate's address on every port",
        file="core/transmit.py",
        place="transmit",
        old="lacpdu.encode(_pdu(port), source=port.mac)",
        new="lacpdu.encode(_pdu(port), source=port.aggregator.Aggregator_MAC_address)",
        rows=("LF-02",),
        clause="43.2.10.1",
    ),
    Breakage(
        name="Partner TLV not echoed",
        file="core/transmit.py",
        place="_pdu",
        old="port.partner_information()",
        new="lacpdu.Information(0, bytes(6), 0, 0, 0, lacpdu.PortState())",
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
        "encode",
        "Slow_Protocols_Multicast",
        "b'\\x01\\x80\\xc2\\x00\\x00\\x0e'",
        "LF-01",
        "43B.3",
    ),
    line("another type", CODEC, "encode", "Slow_Protocols_Type", "0x8808", "LF-03", "43B.4"),
    line("another subtype", CODEC, "encode", "LACP_SUBTYPE", "3", "LF-05"),
    line("another version", "core/constants.py", "LACP_VERSION", "1", "2", "LF-06"),
    line(
        "a priority tag",
        CODEC,
        "encode",
        "frame.ljust(SLOW_FRAME_LENGTH, b'\\x00')",
        "frame[:12] + b'\\x81\\x00\\xe0\\x00' + frame[12:].ljust(SLOW_FRAME_LENGTH - 12, b'\\x00')",
        "LF-04",
        "43B",
    ),
    line("another Actor TLV type", CODEC, "_ACTOR_TLV", "1", "2", "LF-07"),
    line("another Partner TLV type", CODEC, "_PARTNER_TLV", "2", "1", "LF-08"),
    line("another Collector TLV type", CODEC, "_COLLECTOR_TLV", "3", "4", "LF-09"),
    line(
        "frames of 128 octets",
        "core/constants.py",
        "SLOW_FRAME_LENGTH",
        "124",
        "128",
        "LF-14",
    ),
    line(
        "wrong byte order of the port",
        CODEC,
        "_encode_information",
        "information.port",
        "int.from_bytes(information.port.to_bytes(2, 'little'), 'big')",
        "LF-15",
        "43.4.2.1",
    ),
    line(
        "a system for each port",
        "core/variables.py",
        "Port.actor_information",
        "self.aggregator.Actor_System",
        "self.mac",
        "LF-16",
    ),
    line(
        "a group address as system",
        "core/variables.py",
        "Aggregator.Actor_System",
        "return self.system_admin.system or self.address",
        "return self.system_admin.system or b'\\x01' + self.address[1:]",
        "LF-17",
        "43.3.2",
    ),
    line(
        "ports numbered from 0",
        "core/variables.py",
        "Port.__init__",
        "self.Actor_Port_Number = number",
        "self.Actor_Port_Number = number - 1",
        "LF-18",
        "43.3.4",
    ),
    line(
        "a port whose key is the null value",
        "core/keys.py",
        "Keys.follow",
        "port.Actor_Oper_Port_Key = aggregator.admin.key",
        "port.Actor_Oper_Port_Key = 0",
        "LF-30",
        "43.3.5",
    ),
    line(
        "an operator's key of 0 is taken and sent",
        "core/admin.py",
        "AggregatorAdmin.__post_init__",
        """\
if self.key == 0:
    raise ValueError("key: 0 is the null value, which no port may have (43.3.5): say 1 to 65535")
_check_integer("key", self.key, 1, 0xFFFF)""",
        "",
        "LF-30",
        "43.3.5",
    ),
    line(
        "one number for all ports",
        "core/variables.py",
        "Port.__init__",
        "self.Actor_Port_Number = number",
        "self.Actor_Port_Number = 1",
        "LF-19",
        "43.3.4",
    ),
    line(
        "another port number after each link up",
        "core/system.py",
        "System.set_link",
        "member.port_enabled = up",
        """\
member.port_enabled = up
member.Actor_Port_Number += up""",
        "LF-20",
        "43.3.4",
    ),
    line(
        "a key for each port",
        "core/keys.py",
        "Keys.follow",
        "port.Actor_Oper_Port_Key = aggregator.admin.key",
        "port.Actor_Oper_Port_Key = aggregator.admin.key + port.Actor_Port_Number",
        "LF-21",
        "43.3.5",
    ),
    line(
        "always active",
        "core/system.py",
        "System._apply_admin",
        "state.LACP_Activity = aggregator.admin.activity == 'active'",
        "state.LACP_Activity = True",
        "LF-22",
    ),
    line(
        "always Long Timeout",
        "core/system.py",
        "System._apply_admin",
        "state.LACP_Timeout = aggregator.admin.timeout == 'short'",
        "state.LACP_Timeout = False",
        "LF-23",
    ),
    line(
        "a single member is individual",
        "core/system.py",
        "System._apply_admin",
        "state.Aggregation = not port.admin.individual",
        "state.Aggregation = len(aggregator.ports) > 1",
        "LF-24",
    ),
    line(
        "never individual",
        "core/system.py",
        "System._apply_admin",
        "state.Aggregation = not port.admin.individual",
        "state.Aggregation = True",
        "LF-24",
    ),
    line(
        "a Collector_Max_Delay that changes",
        "core/transmit.py",
        "_pdu",
        "port.aggregator.admin.collector_max_delay",
        "port.counters.LACPDUsTx",
        "LF-25",
    ),
    line(
        "the partner's Synchronization believed without a match",
        "core/receive.py",
        "recordPDU",
        "_matched(port, pdu) or not pdu.actor.state.Aggregation",
        "",
        "LF-26",
    ),
    line(
        "the partner's Synchronization never believed of an individual link",
        "core/receive.py",
        "recordPDU",
        "_matched(port, pdu) or not pdu.actor.state.Aggregation",
        "_matched(port, pdu)",
        "LF-26",
    ),
    line(
        "other defaults than declared",
        "core/variables.py",
        "_partner_admin",
        """\
return Information(
    system_priority=0, system=bytes(6), key=0, port_priority=0, port=0, state=PortState(**state)
)""",
        """\
return Information(
    system_priority=0, system=bytes(6), key=1, port_priority=0, port=0, state=PortState(**state)
)""",
        "LF-27",
    ),
    line(
        "not EXPIRED at link up",
        "core/receive.py",
        "_expire",
        "port.Actor_Oper_Port_State.Expired = True",
        "",
        "LF-27",
    ),
    line(
        "LACPDUs of 124 octets only",
        CODEC,
        "decode",
        "len(frame) < _NEEDED",
        "len(frame) != SLOW_FRAME_LENGTH",
        "LF-28",
        "-",
    ),
    line(
        "Defaulted and Expired exchanged",
        "core/lacpdu.py",
        "PortState.octet",
        "self.Defaulted << 6",
        "self.Expired << 6",
        "LF-29",
        also=(Change("PortState.octet", "self.Expired << 7", "self.Defaulted << 7"),),
    ),
    line(
        "Collecting and Distributing exchanged",
        "core/lacpdu.py",
        "PortState.octet",
        "self.Collecting << 4",
        "self.Distributing << 4",
        "LF-29",
        also=(Change("PortState.octet", "self.Distributing << 5", "self.Collecting << 5"),),
    ),
)
