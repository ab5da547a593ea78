"""Simulated hours of the core: random partners, losses and changes; invariants at each step."""
