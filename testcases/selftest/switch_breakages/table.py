"""What is broken on which bench, and the testcase that notices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bench(StrEnum):
    """What is under test, and what is broken."""

    SWITCH = "the switch is judged, and broken"
    AGR = "agr is judged, and broken, nothing wired straight"
    PARTNER = "agr is judged, the switch is broken"


@dataclass(frozen=True)
class Trial:
    """A breakage, and a testcase that must notice it.

    ``breakage`` is a name of `fixtures.switch.reference.breakages`, and of `testcases.selftest.breakages` on
    the bench AGR. ``testcase`` is pytest's id of it below testcases/conformance, ``row`` the one that fails.
    Without a ``row`` nothing may fail: what is broken is the bench's, and ``told`` is in the words of an
    ERROR, of INCONCLUSIVE, or of a report.
    """

    bench: Bench
    breakage: str
    testcase: str
    row: str = ""
    told: str = ""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.breakage} ({self.bench})"


def judged(breakage: str, testcase: str, row: str) -> Trial:
    """The switch is judged."""
    return Trial(Bench.SWITCH, breakage, testcase, row)


def behind(breakage: str, testcase: str, row: str) -> Trial:
    """agr behind a switch."""
    return Trial(Bench.AGR, breakage, f"interop/{testcase}", row)


def partner(breakage: str, testcase: str, told: str) -> Trial:
    """The switch is agr's partner."""
    return Trial(Bench.PARTNER, breakage, f"interop/{testcase}", told=told)


BACK_AND_FORTH = "fd/test_back_and_forth.py::test_carrier_goes_and_comes"
SHUT = "fd/test_shut.py::test_port"
RELOAD, RELOADS = "test_reload.py::test_lag_is_formed_again", "test_change[while the switch reloads]"
REMOVED, SHUT_BY_THE_SWITCH = "test_change[removed by the host]", "test_change[shut by the switch]"

SWITCH = (
    judged("markers-ignored", "mk/test_response.py::test_every_port_answers", "MK-01"),
    judged("rate-ignored", "rx/test_defaulted.py::test_partner_falls_silent", "RX-12"),
    judged("forwards-after-shutdown", SHUT, "MX-16"),
    judged("sends-after-shutdown", SHUT, "FD-13"),
    judged("duplicates-at-failover", BACK_AND_FORTH, "FD-03"),
    judged("reordered-on-return", BACK_AND_FORTH, "FD-02"),
    judged("channel-source", "lf/test_header.py::test_source", "LF-02"),
    judged("key-zero", "lf/test_identity.py::test_key_is_not_null", "LF-30"),
    judged("min-links-ignored", "sl/test_places.py::test_too_few_links", "AG-13"),
    judged("in-sync-after-reload", "cf/test_reload.py::test_reloaded", "CF-06"),
)

AGR = (
    behind("max-links is not kept to", "test_limits.py::test_max_links", "SL-16"),
    behind("always the own System decides", "test_limits.py::test_switch_decides", "SL-17"),
    behind("min-links is not kept to", "test_limits.py::test_min_links", "SL-16"),
    behind("a passive port sends as an active one", "test_roles.py::test_switch_becomes_active", "PT-07"),
    behind(
        "a passive port does not become an active one",
        "test_roles.py::test_implementation_becomes_active",
        "CF-02",
    ),
    behind(
        "a partner that wants the fast period waits for the slow one's end",
        "test_roles.py::test_rate_of_the_switch",
        "PT-04",
    ),
    behind("LACP goes on where it is switched off", "test_roles.py::test_lacp_off_and_on", "RX-32"),
    behind(
        "the system priority is that of the first day",
        "test_identity.py::test_own_system_priority",
        "CF-03",
    ),
    behind("a change at one port begins all ports anew", "test_identity.py::test_own_port_priority", "CF-04"),
    behind(
        "a port keeps its LAG when its own side of the LAG ID changes",
        "test_identity.py::test_own_key",
        "SL-25",
    ),
    behind("never individual", "test_identity.py::test_individual", "LF-24"),
    behind("the status tells the partner's values as the own", "test_roles.py::test_port_shut", "MG-05"),
    behind(
        "a link that is lost keeps its conversations, through a switch",
        f"test_failover.py::{SHUT_BY_THE_SWITCH}",
        "FD-13",
    ),
    behind("links that have all been away at a time are in no LAG again, through a switch", RELOAD, "SL-01"),
    behind("Synchronization kept through carrier loss and link up", RELOAD, "RX-03"),
    behind(
        "no data leaves any more when all links have been away at a time, through a switch",
        f"test_failover.py::{RELOADS}",
        "FD-15",
    ),
    behind("what was held leaves in the wrong order, through a switch", f"test_order.py::{RELOADS}", "FD-02"),
    behind("a frame in 500 is sent twice, through a switch", f"test_order.py::{RELOADS}", "FD-03"),
    behind("a frame in 500 is delivered twice, through a switch", f"test_order.py::{RELOADS}", "FD-08"),
)

PARTNER = (
    partner("markers-ignored", f"test_markers.py::{REMOVED}", "'0 of"),
    partner("rate-ignored", "test_roles.py::test_rate_of_the_switch", "the implementation does its part"),
    partner("forwards-after-shutdown", "test_roles.py::test_port_shut", "still has carrier"),
    partner("sends-after-shutdown", f"test_order.py::{SHUT_BY_THE_SWITCH}", "lost in the switch"),
    partner("duplicates-at-failover", f"test_order.py::{SHUT_BY_THE_SWITCH}", "copies of frames were made"),
    partner(
        "reordered-on-return",
        f"test_order.py::{SHUT_BY_THE_SWITCH}",
        "came behind one that was sent later in the switch",
    ),
    partner("channel-source", "test_roles.py::test_port_shut", "have one source address"),
    partner("key-zero", "test_roles.py::test_port_shut", "the switch says key 0"),
    partner(
        "min-links-ignored",
        "test_limits.py::test_min_links_of_the_switch",
        "with too few links the switch is in sync",
    ),
    partner("in-sync-after-reload", RELOAD, "the switch is in sync before it has heard anybody"),
    partner("max-bundle-ignored", "test_limits.py::test_max_bundle", "one link of two may be bundled"),
)

TRIALS = (*SWITCH, *AGR, *PARTNER)
