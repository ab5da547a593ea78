"""The bench's clock, its wires with their captures, and the stations (LACP partners) on them."""
