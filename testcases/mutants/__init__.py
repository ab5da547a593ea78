"""Mutation testing: agr's core is broken systematically, and the suite must notice each time.

``python -m testcases.mutants`` (`make mutants`) runs the conformance suite on the simulated bench once for
every mutant that `generator` makes, until a testcase fails. Kept tools (cosmic-ray, mutmut) know expressions,
not tables of states: they would neither take an arc out of a figure nor give it another target, they cannot
tell which clause a line belongs to, and they start a test run in a new process for each mutant, which here
would take hours. So the generator is the project's own; it works on Python's syntax tree.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The repository."""
