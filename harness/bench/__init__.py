"""Benches: time, wires, the implementation and the switch behind one interface."""
