"""What agrconfig and agrd share: the protocol of the control socket, the run directory, the start of agrd.

agrconfig imports all of it in each call: see `agr.cli`.
"""
