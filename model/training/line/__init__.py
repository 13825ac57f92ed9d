"""The training of the line network, on lines composed on the fly.

In: pen strokes, MNIST and templates. Out: a network, and what its weights file says of it.
"""
