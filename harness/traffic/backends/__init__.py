"""Generators that others have made, each a file with a `harness.traffic.source.Source` in it."""
