"""What an adapter of an implementation, or a switch driver, must do: `agr-lab check`, before a first run.

A check says in a sentence what the interface promises, and what is wrong where that is not kept. It judges
the adapter, not the implementation: that is the suite's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.verdict import BenchError, ImplementationBroke, ImplementationRefused


@dataclass(frozen=True)
class Finding:
    """One promise of an interface; ``wrong`` says what was seen instead, "" where it is kept."""

    promise: str
    wrong: str = ""


class BrokenPromise(Exception):
    """A promise is not kept; the message says what was seen."""


def expect(condition: object, seen: str) -> None:
    """Raises BrokenPromise with these words unless the condition holds."""
    if not condition:
        raise BrokenPromise(seen)


def findings(checks: Iterator[tuple[str, Callable[[], None]]]) -> Iterator[Finding]:
    """Carry out checks, each a promise and what looks whether it is kept, one after the other."""
    for promise, look in checks:
        try:
            look()
            yield Finding(promise)
        except BrokenPromise as error:
            yield Finding(promise, str(error))
        except (BenchError, ImplementationRefused, ImplementationBroke) as error:
            yield Finding(promise, f"{type(error).__name__}: {error}")
        except Exception as error:  # whatever an adapter does not foresee
            yield Finding(promise, f"it raised {type(error).__name__}: {error}")
