"""False alarms: under impairment that a receiver must bear, nothing that is right may fail.

``python -m testcases.selftest.alarms --seeds 1000`` runs testcases on agr and on the reference model, in
virtual time, under impairments drawn from each seed.

What is benign: what the tester's port has captured is the evidence, so only what happens beyond it can be
benign. A testcase's own stimuli are crafted, each is needed; the periodic repeats of its partners are not, as
long as fewer are lost in a row than a timeout needs, and one that comes twice says nothing new. What the
implementation sends is its conduct: whether it or the wire lost or doubled it no judge can tell.
Delay there and back, with jitter, is within `limits.late`, and a clock's drift well within the timers'
tolerance. Testcases whose row counts frames are told apart (`EXACT`).
"""
