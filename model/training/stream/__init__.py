"""Training on examples that are made on the fly: those of the ink network and of the line network.

In: a kind of training, with its recipe and what its examples are made of. Out: a network and its description.
"""
