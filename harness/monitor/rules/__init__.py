"""Every rule of the monitor, a file a subject."""

from harness.monitor.rules import cadence, data, echo, form, identity, markers, rate, state
from harness.monitor.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *form.RULES,
    *identity.RULES,
    *state.RULES,
    *echo.RULES,
    *rate.RULES,
    *cadence.RULES,
    *markers.RULES,
    *data.RULES,
)
