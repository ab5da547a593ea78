"""The reference model: clause 43.4 of IEEE 802.3ad-2000 as tables that are carried out.

It is written to be read beside the standard, not to be fast. `python -m harness.reference` prints every table
with its clause, and the public sources that say the same (`sources.yaml`).

It serves twice: as an implementation under test on the simulated bench, which shows what the suite says of
one that does what the clause says and nothing else (`fixtures/labs/reference.yaml`); and as an oracle beside
another implementation (`testcases/selftest/oracle`).
"""

from harness.reference.implementation import CoupledReference, Reference

__all__ = ["CoupledReference", "Reference"]
