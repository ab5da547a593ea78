"""The host that a bench runs on: its stalls, measured per process, and what they are charged to."""
