"""The host that a bench runs on: who waited there for a processor, and for how long."""
