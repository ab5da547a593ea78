"""agrd: the daemon that runs the protocol core over Linux interfaces.

`rundir`, `protocol` and `launch` are imported by agrconfig too and therefore import nothing heavy.
"""
