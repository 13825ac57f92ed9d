"""Every architecture, the registry that names them, and the weights files that describe them.

In: a name and arguments, or a weights file. Out: the network, and its description: input, classes, calibration,
training record. `description` and `training_record` work without torch.
"""
