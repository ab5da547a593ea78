"""Data paths: they move an aggregate's frames between agr0 and its ports, in the kernel or in Python."""
