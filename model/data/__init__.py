"""What a training learns from: MNIST, pen strokes, templates, non-digits, photographs and image folders → tensors.

In: files below a data folder, and seeds. Out: an `ImageSet`, uint8 images with labels, or the strokes of one digit.
What is held out for validation is decided here, by rules that no option changes.
"""
