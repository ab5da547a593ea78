"""Frames at a rate that scripted stations cannot reach, and what became of each of them.

A `Sender` and a `Receiver` are processes of their own, each pinned to a core. Every frame ends in a `stamp`
of its run, its flow, its place in the flow and the time it was sent, so the receiver knows what was lost,
doubled, overtaken or changed, and how long each was on its way. `mix_frames` makes frames of all kinds.
A `Generator` and a `Checker` are faster: programs in the kernel, which make and check frames past the queues.
"""
