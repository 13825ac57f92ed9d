"""From an image file or strokes to ink, and from ink to the 28×28 image that MNIST would have made of it.

In: bytes of a stranger's file, or strokes of (x, y) points. Out: ink (H, W) uint8, and images (28, 28) uint8.
Training, service and the command line all pass through `normalize`.
"""
