"""Random and mutated frames for agrd: none may crash it, fill its memory or escape its counters."""
