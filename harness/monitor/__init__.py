"""The protocol monitor: checks every frame of every testcase against rules that always hold.

Whatever a testcase is about, an implementation may not break another rule meanwhile. A rule reads the
captures of a finished testcase and what was done to the implementation; it names its row of the catalogue.
"""
