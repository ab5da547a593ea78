"""Which testcase drives each transition of the figures of clause 43.4, and what it sees of it.

The figures are those of the reference model, whose tables stand beside agr's (`selftest/core/test_figures`).
A transition is taken away, or leads into each other state in turn: who fails then has seen it.
"""

from pathlib import Path

ROOT = Path(__file__).parents[3]
