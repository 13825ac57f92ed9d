"""The store of corrections: images with their right labels and the model's answers.

web/ writes it and training reads it. It knows nothing of HTTP or networks: images are bytes, answers are JSON.
"""
