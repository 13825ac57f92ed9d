"""The ink of a number → its characters, by over-segmentation and the cheapest path through a lattice.

In: ink (H, W) uint8 with several characters, and a function that reads candidates. Out: the characters, each with its
box and its ink, and the probability of this segmentation.
"""
