"""The conformance catalogue: every requirement that a testcase may claim. README.md tells how to read it."""

from harness.catalogue.catalogue import CATALOGUE_FILE, Catalogue, Group, Row, load

__all__ = ["CATALOGUE_FILE", "Catalogue", "Group", "Row", "load"]
