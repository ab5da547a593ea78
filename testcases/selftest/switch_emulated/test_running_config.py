"""What `show running-config` prints is what the switch takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.switch.commands import grammars
from fixtures.switch.model import (
    BANNERS,
    LINES,
    VTP_MODES,
    Channel,
    Config,
    Port,
    Switch,
    Switchport,
)
from fixtures.switch.replay import Rejection, parse_config
from fixtures.switch.running import config_text, vlan_list
from testcases.selftest.switch_emulated.fake import FEATURES, PORTS, FakeBackend, Operator

VLANS = st.integers(1, 4094)
BANNER_TEXTS = st.lists(
    st.sampled_from(["ask before", "", "!", "end", "% no %", "interface gi1/0/1"]), min_size=1
).map("\n".join)
TEXTS = st.text(alphabet="abc |-#!?", max_size=20).map(lambda text: " ".join(text.split()))
SWITCHPORTS = st.builds(
    Switchport,
    mode=st.sampled_from([None, "access", "trunk", "dot1q-tunnel"]),
    access_vlan=VLANS,
    native_vlan=VLANS,
    allowed_vlans=st.none() | st.sets(VLANS, min_size=1, max_size=6).map(lambda vlans: tuple(sorted(vlans))),
)
CHANNELS = st.dictionaries(
    st.integers(1, 48),
    st.builds(
        Channel,
        description=TEXTS,
        shutdown=st.booleans(),
        switchport=SWITCHPORTS,
        portfast=st.booleans(),
        min_links=st.integers(1, 8),
        max_bundle=st.none() | st.integers(1, 8),
        standalone=st.booleans(),
    ),
    max_size=2,
)


@st.composite
def configurations(draw: st.DrawFn) -> Config:
    """Configurations an operator can reach: members have the VLAN settings of their port channel."""
    channels = draw(CHANNELS)
    on = {number: draw(st.booleans()) for number in channels}
    ports = {}
    for name in PORTS:
        group = draw(st.sampled_from([None, *channels]))
        port = Port(
            description=draw(TEXTS),
            shutdown=draw(st.booleans()),
            switchport=draw(SWITCHPORTS),
            portfast=draw(st.booleans()),
            lacp_fast=draw(st.booleans()),
            lacp_port_priority=draw(st.integers(1, 65535)),
            tunnel_lacp=draw(st.booleans()) if group is None else False,
        )
        if group is not None:
            port.group = group
            port.switchport = channels[group].switchport
            port.group_mode = "on" if on[group] else draw(st.sampled_from(["active", "passive"]))
        ports[name] = port
    vtp_mode = draw(st.sampled_from(VTP_MODES))
    used = {*(port.switchport.access_vlan for port in ports.values())}
    used |= {channel.switchport.access_vlan for channel in channels.values()}
    names = st.sampled_from(["", "tunnel"]) if vtp_mode == "transparent" else st.just("")
    kept = used if vtp_mode == "server" else draw(st.sets(VLANS, max_size=6)) | used
    return Config(
        banners=draw(st.dictionaries(st.sampled_from(BANNERS), BANNER_TEXTS)),
        stamped=draw(st.sets(st.sampled_from(LINES))),
        vtp_mode=vtp_mode,
        unlearned=draw(st.sets(VLANS, max_size=3)),
        vlans={} if vtp_mode == "client" else {number: draw(names) for number in kept if number != 1},
        hostname=draw(st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)),
        lacp_system_priority=draw(st.integers(1, 65535)),
        load_balance=draw(st.sampled_from(FEATURES.load_balance)),
        ports=ports,
        channels=channels,
    )


@given(configurations())
@settings(max_examples=50)
def test_a_printed_configuration_entered_again_is_the_configuration(config: Config) -> None:
    switch = Switch(FakeBackend(), PORTS)
    assert parse_config(switch, grammars(FEATURES), config_text(config)) == config


@given(configurations())
@settings(max_examples=50)
def test_entered_into_the_switch_that_printed_it_nothing_changes(config: Config) -> None:
    operator = Operator()
    operator.switch.config = config
    operator.configure(*config_text(config).splitlines())
    assert operator.config == config
    assert operator.backend.applied == []


def test_show_running_config_has_every_section(operator: Operator) -> None:
    operator.configure("interface gi1/0/10", "channel-group 3 mode passive", "description to the left", "end")
    text = operator.type("show running-config")
    assert text.startswith("Building configuration...\n\nCurrent configuration : ")
    sections = [line for line in text.splitlines() if line.startswith("interface")]
    assert sections == ["interface Port-channel3", *(f"interface {name}" for name in PORTS)]
    alone = operator.type("show run int gi1/0/10").splitlines()
    assert alone[4:7] == [
        "interface GigabitEthernet1/0/10",
        " description to the left",
        " channel-group 3 mode passive",
    ]
    assert alone[7] == "end"


def test_a_configuration_with_an_unknown_line_is_rejected() -> None:
    switch = Switch(FakeBackend(), PORTS)
    with pytest.raises(Rejection, match="'ip routing'"):
        parse_config(switch, grammars(FEATURES), "hostname x\nip routing\n")


@pytest.mark.parametrize(("vlans", "text"), [((1,), "1"), ((1, 2, 3, 7, 9, 10), "1-3,7,9-10")])
def test_vlan_lists(vlans: tuple[int, ...], text: str) -> None:
    assert vlan_list(vlans) == text
