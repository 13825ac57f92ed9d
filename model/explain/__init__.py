"""How one image came to its answer: layers at work, attribution, counterfactuals, convolution by hand.

In: a recogniser and the ink that it read. Out: the image that the network saw, the maps of each step, which ink
mattered, and what would make it another digit.
"""
