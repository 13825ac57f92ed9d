"""From an image file or strokes to ink, and from ink to the 28×28 image that MNIST would have made of it.

In: the bytes of an image file from an untrusted source, or strokes of (x, y) points. Out: ink (H, W) uint8, and images
(28, 28) uint8. Training, service and the command line all use the same `normalize`.
"""
