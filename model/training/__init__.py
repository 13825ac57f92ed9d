"""How weights are made: recipe, augmentation, trainer, loop, checkpoints, devices, install, fine-tuning.

In: the images of `data`, a network and its recipe. Out: an installed weights file with its ONNX file and training
logs. `train.py` calls these in order and prints what they return.
"""
