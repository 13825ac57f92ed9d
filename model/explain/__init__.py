"""Explaining one answer: feature maps, attribution, counterfactuals, convolution by hand.

In: a recogniser and the ink that it read. Out: the image that the network saw, each layer's maps, the ink that
mattered, and the least change that gives another answer.
"""
