"""From the ink of a number to its characters, by over-segmentation and the cheapest path through a lattice.

In: ink (H, W) uint8 with several characters, and costs of readings. Out: pieces of ink, the ways to join them into
characters, and the best of these ways.
"""
