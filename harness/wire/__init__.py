"""Time and wires: the loop that all waits go through, stations, captures."""
