"""The suite beside load: runs must end by themselves, and no verdict may be wrong."""
