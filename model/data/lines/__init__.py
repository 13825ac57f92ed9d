"""Lines of characters as people write them: texts, and their ink composed of single characters.

In: pen strokes, MNIST's digits and templates. Out: ink (H, W) uint8 with its text, in which `?` is anything that is
no character of a number.
"""
