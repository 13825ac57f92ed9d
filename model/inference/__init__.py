"""Reading: ink in, a reading with calibrated probabilities and a verdict out.

In: a weights file, and ink, drawings or image files. Out: what they were read as, and how sure that is. Works with
torch or with ONNX Runtime alone (engines/), for one image or millions (bulk/).
"""
