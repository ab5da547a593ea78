"""Generators that others have made, behind `harness.traffic.source.Source`: a file each, imported on use."""
