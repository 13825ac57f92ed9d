"""How well a network reads: metrics, calibration curves, confusion, comparison, plots and cards.

In: a network or its logits, and held-out sets. Out: numbers for a weights file, text for a terminal, pictures for a
reader. Nothing here trains, and nothing here is needed to serve but the card.
"""
