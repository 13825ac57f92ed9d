"""Reading digits and numbers, with calibrated probabilities and a verdict.

In: a weights file, and ink, drawings or image files. Out: readings. Runs on torch or on ONNX Runtime alone (engines/),
for one image or millions (bulk/).
"""
