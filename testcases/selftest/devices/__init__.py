"""Devices that conform and are different: the reference model with one freedom taken otherwise.

`table` lists them: each names its freedom, and the clause that leaves it. What a device does in its time is
in `boundary`, what it decides otherwise in `harness.reference.choices`. From the repository's folder::

    python -m testcases.selftest.devices            # all of them (`make devices`)
    python -m testcases.selftest.devices --breakages

Every testcase that applies must pass on each, whatever the phase of its ticks; and each breakage made on top
of one (`breakages`) must still be caught. A few are outside the clause: these must be found.
"""
