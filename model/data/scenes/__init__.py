"""Pictures of handwriting on paper, forms, boards and screens, with the true ink of each: the ink network learns them.

In: strokes, MNIST digits and a random generator. Out: pictures (H, W, 3), and ink and print in them (H, W, 2), uint8.
`compose` puts a scene together from `pens` (what a hand leaves), `prints` (what a machine leaves) and `camera` (what
light, lens and file format leave).
"""
