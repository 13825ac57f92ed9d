"""Training data: MNIST, pen strokes, templates, non-digits and image folders → tensors.

In: files in a data folder, and seeds. Out: an `ImageSet`, uint8 images with labels, or the strokes of one digit. Fixed
rules, which no option changes, decide what is held out for validation.
"""
