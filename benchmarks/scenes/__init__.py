"""Made images of what people send: framed pads and screenshots, forms, blackboards, coloured paper.

Each function draws one image at random, from a `Hand` that writes and a random number generator, and returns its label
and its file.
"""
