"""Far clocks: who captures elsewhere, and whose clock is known to an error, changes no verdict by it.

``python -m testcases.selftest.clocks --seeds 20`` runs the whole suite on agr, in virtual time, under other
machines' clocks that are drawn from each seed. Their errors are much larger than what verdicts allow for.
"""
