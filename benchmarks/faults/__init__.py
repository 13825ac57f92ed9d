"""Fault injection: the real server under load while workers die, weights change, disks fill and clients misbehave.

In: the committed weights and a free port of this machine. Out: a line for each fault, with what the well-behaved
clients saw meanwhile, and an exit status of 1 where anything was wrong.
"""
