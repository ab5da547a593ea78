"""Breakages on benches with a switch: of the switch that is judged, of agr behind one, of agr's partner.

`table` says which testcase must notice each, `trying` tries one on an emulated bench in real time. All of
them, from the repository's folder, as root::

    python -m testcases.selftest.switch_breakages
"""
