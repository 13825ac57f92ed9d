"""Training the ink network, on scenes that are composed anew for every batch.

In: pen strokes and MNIST digits. Out: a network that tells ink from print and paper, and its description.
"""
