"""agrd: runs the protocol core over Linux interfaces.

`linux` is what the kernel offers, `datapath` moves the frames of an aggregate; neither imports from here.
"""
