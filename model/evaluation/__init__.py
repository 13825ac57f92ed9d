"""How well a network reads: metrics, calibration curves, confusion, comparison, plots and cards.

In: a network or its logits, and held-out sets. Out: metrics for weights files, text for the terminal, and plots. Only
the card is needed to serve.
"""
