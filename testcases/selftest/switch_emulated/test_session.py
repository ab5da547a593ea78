"""Modes, prompts, complaints and what commands answer."""

from pathlib import Path

import pytest

from fixtures.switch.authorization import Authorization
from fixtures.switch.commands import grammars
from fixtures.switch.model import Member
from fixtures.switch.running import config_text
from fixtures.switch.session import UNKNOWN_WORD, Mode, Reply, Session, filtered
from fixtures.switch.show import etherchannel
from testcases.selftest.switch_emulated.fake import ACCESS, ACTOR, FEATURES, PARTNER, PORTS, Operator


def test_from_login_to_interface_mode_and_back() -> None:
    operator, seen = Operator(), []
    for line in ("conf t", "int gi1/0/1", "exit", "interface range gi1/0/1 - 3", "hostname x", "end"):
        operator.session.mode = Mode.PRIVILEGED if line == "conf t" else operator.session.mode
        operator.type(line)
        seen.append(operator.session.prompt)
    assert seen == [
        "Switch(config)#",
        "Switch(config-if)#",
        "Switch(config)#",
        "Switch(config-if-range)#",
        "x(config)#",
        "x#",
    ]


def test_enable_asks_three_times() -> None:
    operator = Operator()
    reply = operator.session.execute("enable")
    for _ in range(3):
        assert reply.ask is not None
        assert reply.ask.how == "secret"
        reply = reply.ask.answer("wrong")
    assert reply == Reply("% Bad secrets\n\n")
    assert operator.session.prompt == "Switch>"
    asked = operator.session.execute("en").ask
    assert asked is not None
    asked.answer(ACCESS.enable)
    assert operator.session.prompt == "Switch#"
    operator.type("disable")
    assert operator.session.prompt == "Switch>"


@pytest.mark.parametrize(
    "line", ["conf t", "show running-config", "write memory", "reload", "copy run start"]
)
def test_user_mode_has_no_privileged_command(line: str) -> None:
    operator = Operator()
    assert operator.type(line).startswith((" ", UNKNOWN_WORD))
    assert operator.session.mode is Mode.USER


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("foo", f"{UNKNOWN_WORD}\n"),
        ("show foo", "            ^\n% Invalid input detected at '^' marker.\n\n"),
        ("show l", '% Ambiguous command:  "show l"\n'),
        ("show", "% Incomplete command.\n\n"),
        ("!", ""),
        ("", ""),
    ],
)
def test_complaints(operator: Operator, line: str, answer: str) -> None:
    assert operator.type(line) == answer


def test_the_marker_counts_from_the_prompt_the_line_was_typed_at(operator: Operator) -> None:
    operator.configure("interface gi1/0/1")
    column = len("Switch(config-if)#") + len("interface ")
    assert operator.type("interface gi1/0/9").splitlines()[0] == " " * column + "^"
    assert operator.session.prompt == "Switch(config-if)#"
    assert operator.type("shutdwn").splitlines()[0] == " " * (len("Switch(config-if)#") + 5) + "^"


def test_a_long_host_name_is_cut_in_configuration_modes(operator: Operator) -> None:
    operator.configure("hostname a-name-of-more-than-twenty-characters")
    assert operator.session.prompt == "a-name-of-more-than-(config)#"
    operator.type("end")
    assert operator.session.prompt == "a-name-of-more-than-twenty-characters#"


def test_do_runs_privileged_commands_anywhere(operator: Operator) -> None:
    assert "EMU-MEMORY" in operator.configure("interface gi1/0/1", "do sh ver")
    assert operator.session.prompt == "Switch(config-if)#"


def test_leaving_configuration_is_logged(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "end")
    assert operator.log[-1].endswith("%SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)")


def test_a_banner_is_entered_up_to_its_delimiter(operator: Operator) -> None:
    answer = operator.configure("banner motd #")
    assert answer == "Enter TEXT message.  End with the character '#'.\n"
    assert operator.session.prompt == ""
    operator.type("hostname other", "", "!", "end", "last # and no more")
    assert operator.config.banners == {"motd": "hostname other\n\n!\nend\nlast "}
    assert operator.session.prompt == "Switch(config)#"
    operator.type("banner exec ^Cin one line^C", "no banner motd")
    assert operator.config.banners == {"exec": "in one line"}


def test_time_stamps_stand_before_what_is_answered_outside_configuration_mode() -> None:
    operator = Operator(line="con0")
    operator.configure("line vty 0 15", "exec prompt timestamp", "end")
    assert not operator.type("show clock").startswith("Load for five secs: ")
    operator.configure("line con 0", "exec prompt timestamp")
    assert operator.type("do show lacp sys-id").startswith("32768, ")
    operator.type("end")
    first, second, empty, answer = operator.type("show lacp sys-id").splitlines()
    assert first.startswith("Load for five secs: ")
    assert second.startswith("No time source, *")
    assert (empty, answer[:5]) == ("", "32768")
    assert operator.type("!", "nonsense").startswith(UNKNOWN_WORD)
    operator.configure("line con 0", "no exec prompt timestamp", "end")
    assert operator.type("show lacp sys-id").startswith("32768, ")


def test_vlans_are_made_named_folded_and_kept_by_vtp(operator: Operator) -> None:
    operator.configure(
        "vlan 10-11,100", "interface gi1/0/1", "switchport access vlan 12", "vlan 200", "name x", "end"
    )
    assert "vlan " not in operator.type("show running-config").replace("access vlan", "")
    operator.configure("vtp mode transparent", "no vlan 11", "end")
    assert operator.type("show running-config | include ^vlan|name") == (
        "hostname Switch\nvlan 10,12,100\nvlan 200\n name x\n"
    )
    assert operator.configure("vtp mode client", "vlan 300").startswith("VTP VLAN configuration not allowed")
    assert operator.configure("interface gi1/0/2", "switchport access vlan 300") == ""
    operator.configure("no vtp mode")
    assert operator.type("no vlan 1") == "%Default VLAN 1 may not be deleted.\n"
    assert sorted(operator.config.vlans) == [10, 12, 100, 200]


def test_what_the_aaa_server_refuses_is_not_done(tmp_path: Path) -> None:
    rules = tmp_path / "authorization"
    operator = Operator()
    operator.session = Session(
        operator.switch, grammars(FEATURES), ACCESS, authorize=Authorization(rules).refusal
    )
    operator.configure("interface gi1/0/1", "shutdown")
    rules.write_text("no shutdown = Not by you.\nshow run = % Authorization failed.\n")
    assert operator.type("no shutdown") == "Not by you.\n"
    assert operator.config.ports[PORTS[0]].shutdown
    assert operator.type("end", "show running-config") == "% Authorization failed.\n"
    rules.unlink()
    operator.configure("interface gi1/0/1", "no shutdown")
    assert not operator.config.ports[PORTS[0]].shutdown


def test_a_range_command_reaches_every_port(operator: Operator) -> None:
    operator.configure("interface range gi1/0/1 - 2 , gi1/0/10", "shutdown", "lacp rate fast")
    shut = [name for name, port in operator.config.ports.items() if port.shutdown and port.lacp_fast]
    assert shut == [PORTS[0], PORTS[1], PORTS[3]]


def test_a_channel_group_makes_its_port_channel(operator: Operator) -> None:
    text = operator.configure("interface gi1/0/1", "switchport mode trunk", "channel-group 5 mode active")
    assert text == "Creating a port-channel interface Port-channel 5\n"
    assert operator.config.channels[5].switchport.mode == "trunk"
    operator.configure("interface port-channel 5", "switchport access vlan 9", "shutdown")
    port = operator.config.ports[PORTS[0]]
    assert (port.switchport.access_vlan, port.shutdown) == (9, False)
    assert operator.config.is_shut(PORTS[0])
    operator.configure("no interface po5")
    assert port is not operator.config.ports[PORTS[0]]
    assert operator.config.ports[PORTS[0]].group is None


@pytest.mark.parametrize(
    "lines",
    [
        ("interface gi1/0/1", "channel-group 2 mode active"),
        ("interface gi1/0/2", "channel-group 1 mode on"),
        ("interface gi1/0/1", "l2protocol-tunnel point-to-point lacp"),
        ("interface gi1/0/1", "switchport access vlan 7"),
        ("interface po1", "lacp rate fast"),
        ("interface gi1/0/1", "port-channel min-links 2"),
        ("interface gi1/0/1", "lacp max-bundle 2"),
        ("no interface gi1/0/1",),
        ("hostname 1x",),
    ],
)
def test_refused_and_left_as_it_was(operator: Operator, lines: tuple[str, ...]) -> None:
    operator.configure("interface gi1/0/1", "channel-group 1 mode active", "exit")
    before = operator.switch.draft()
    answer = operator.type(*lines)
    assert answer.startswith(("%", "Command rejected"))
    assert operator.config == before


@pytest.mark.parametrize(
    ("where", "line", "ways_back"),
    [
        ("interface po1", "lacp max-bundle 2", ("no lacp max-bundle", "default lacp max-bundle")),
        ("interface po1", "port-channel min-links 2", ("no port-channel min", "default port-channel min")),
        ("interface po1", "no port-channel standalone-disable",
         ("port-channel standalone-disable", "default port-channel standalone-disable")),
        ("interface gi1/0/1", "lacp rate fast", ("no lacp rate", "default lacp rate", "lacp rate normal")),
        ("interface gi1/0/1", "lacp port-priority 7", ("no lacp port-priority", "default lacp port-p")),
        ("interface gi1/0/1", "channel-group 1 mode passive", ("no channel-group", "default channel-group")),
        ("interface gi1/0/1", "shutdown", ("no shutdown", "default shutdown")),
        ("interface gi1/0/2", "switchport access vlan 7",
         ("no switchport access vlan", "default switchport access vlan")),
        ("hostname Switch", "lacp system-priority 7", ("no lacp system-priority", "default lacp system-p")),
        ("hostname Switch", "port-channel load-balance src-dst-port",
         ("no port-channel load-balance", "default port-channel load-balance")),
    ],
)  # fmt: skip
def test_a_setting_is_shown_and_taken_away(
    operator: Operator, where: str, line: str, ways_back: tuple[str, ...]
) -> None:
    operator.configure("interface po1")

    def shown() -> list[str]:
        return [text.strip() for text in config_text(operator.config).splitlines()]

    for back in ways_back:
        operator.configure(where, line)
        assert line in shown()
        assert operator.configure(where, back) == ""
        assert line not in shown()


def test_what_the_data_plane_refuses_is_not_configured(operator: Operator) -> None:
    operator.backend.refuse = "no such device"
    answer = operator.configure("interface gi1/0/1", "shutdown")
    assert answer == "%ERROR: the data plane refused: no such device\n"
    assert not operator.config.ports[PORTS[0]].shutdown
    assert operator.backend.applied == []


def test_only_changes_reach_the_data_plane(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "no shutdown", "lacp rate normal", "end")
    assert operator.backend.applied == []
    operator.configure("interface gi1/0/1", "lacp rate fast")
    assert len(operator.backend.applied) == 1


def test_copy_and_reload_ask(operator: Operator) -> None:
    operator.configure("hostname new", "end")
    reply = operator.session.execute("reload")
    assert reply.ask is not None
    reply = reply.ask.answer("maybe")
    assert reply.ask is not None
    reply = reply.ask.answer("n")
    assert reply.ask is not None
    assert reply.ask.how == "key"
    assert not reply.ask.answer("n").reload
    assert reply.ask.answer("").reload
    copied = operator.session.execute("copy run start")
    assert copied.ask is not None
    assert copied.ask.answer("").text == "Building configuration...\n[OK]\n"
    direct = operator.session.execute("reload")
    assert direct.ask is not None
    assert direct.ask.prompt == "Proceed with reload? [confirm]"


def test_startup_configuration(operator: Operator) -> None:
    assert operator.type("show startup-config") == "startup-config is not present\n"
    operator.configure("hostname kept", "end")
    operator.type("write mem")
    assert "hostname kept" in operator.type("show start")
    erased = operator.session.execute("write erase")
    assert erased.ask is not None
    erased.ask.answer("")
    assert operator.type("show start") == "startup-config is not present\n"


def test_help_and_completion(operator: Operator) -> None:
    session = operator.session
    assert session.help("show e") == "etherchannel\n\n"
    assert "  <1-48>\n" in session.help("show lacp ")
    assert session.help("show version ").splitlines() == ["  |  Output modifiers", "  <cr>", ""]
    assert session.help("shw ") == "% Unrecognized command\n"
    assert session.complete("sh") == "ow "
    assert session.complete("show l") == ""
    assert session.complete("") == ""


TEXT = "interface A\n shutdown\n!\ninterface B\n mtu 9\nend\n"


@pytest.mark.parametrize(
    ("how", "pattern", "kept"),
    [
        ("include", "^interface", "interface A\ninterface B\n"),
        ("exclude", "interface", " shutdown\n!\n mtu 9\nend\n"),
        ("begin", "B", "interface B\n mtu 9\nend\n"),
        ("section", "interface A", "interface A\n shutdown\n"),
        ("include", "[", ""),
    ],
)
def test_output_filters(how: str, pattern: str, kept: str) -> None:
    assert filtered(TEXT, how, pattern) == kept


def test_filters_on_the_command_line(operator: Operator) -> None:
    assert operator.type("sh run | i ^hostname") == "hostname Switch\n"


def test_lacp_is_shown_from_the_data_plane(operator: Operator) -> None:
    operator.configure("interface gi1/0/1", "channel-group 1 mode passive", "end")
    operator.backend.member_table = {
        1: {PORTS[0]: Member(True, "current", True, ACTOR, PARTNER, sent=4, received=5, errors=6, age=7.9)}
    }
    neighbor = operator.type("show lacp neighbor").splitlines()[-2]
    assert neighbor.split() == ["Gi1/0/1", "FA", "7", "0200.0000.0002", "7s", "0x0", "0x102", "0x3", "0x3F"]
    internal = operator.type("show lacp 1 internal").splitlines()[-2]
    assert internal.split() == ["Gi1/0/1", "SA", "bndl", "32768", "0x1", "0x1", "0x101", "0x3D"]
    counters = operator.type("show lacp counters").splitlines()[-2]
    assert counters.split() == ["Gi1/0/1", "4", "5", "0", "0", "0", "0", "6"]


def test_what_was_too_much_for_a_port_is_counted(operator: Operator) -> None:
    rows = [line.split() for line in operator.type("show interfaces counters errors").splitlines()[2:]]
    assert rows[1] == ["Gi1/0/2", "0", "0", "0", "1", "0", "2"]
    (row,) = operator.type("show interfaces gi1/0/10 counters errors").splitlines()[2:]
    assert row.split()[0] == "Gi1/0/10"


MEMBERS = {
    "P": Member(True, "current", True, ACTOR, PARTNER),
    "H": Member(False, "current", False, ACTOR, PARTNER, standby=True),
    "I": Member(False, "defaulted", False, ACTOR, PARTNER, independent=True),
    "s": Member(False, "defaulted", False, ACTOR, PARTNER),
    "w": Member(False, "current", True, ACTOR, PARTNER),
}


@pytest.mark.parametrize(
    ("members", "min_links", "state"),
    [
        ("PH", 1, "SU"),
        ("IH", 1, "SD"),
        ("PP", 2, "SU"),
        ("Ps", 2, "SM"),
        ("ws", 2, "SM"),
        ("ww", 2, "SD"),
        ("ss", 2, "SD"),
        ("ws", 1, "SD"),
    ],
)
def test_flags_of_members_and_of_their_port_channel(
    operator: Operator, members: str, min_links: int, state: str
) -> None:
    operator.configure("interface range gi1/0/1 - 2", "channel-group 1 mode active")
    operator.configure("interface po1", f"port-channel min-links {min_links}", "end")
    table = {port: MEMBERS[flag] for port, flag in zip(PORTS[:2], members, strict=True)}
    operator.backend.member_table = {1: table}
    assert etherchannel.flags(operator.switch) == {1: (state, dict(zip(PORTS[:2], members, strict=True)))}
    words = {"P": "bndl", "H": "hot-sby", "I": "indep", "s": "susp", "w": "wait"}
    rows = [
        line.split() for line in operator.type("show lacp internal").splitlines() if line.startswith("Gi")
    ]
    assert [row[2] for row in rows] == [words[flag] for flag in members]
    decoded = [line.split() for line in operator.type("show lacp neighbor detail").splitlines()]
    assert ["Active", "Short", "Yes", "Yes"] in decoded
    assert ["Yes", "Yes", "No", "No"] in decoded
    assert operator.type("show lacp 2 neighbor").endswith("mode\n\n")
