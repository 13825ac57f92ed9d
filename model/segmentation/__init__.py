"""The ink of a number → its lines, and the ink of each character.

In: ink (H, W) uint8 with several characters. Out: lines from top to bottom, and characters cut out at the places that
the line network found.
"""
